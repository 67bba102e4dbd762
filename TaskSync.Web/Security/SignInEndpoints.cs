using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Security;

/// <summary>The form targets of /sign-in and of the user menu.</summary>
public static class SignInEndpoints
{
    public static void MapSignIn(this WebApplication app)
    {
        var mode = app.Services.GetRequiredService<SignInSettings>().Mode;
        if (mode == SignInMode.Demo)
        {
            app.MapPost("/sign-in/demo", SignInAsDemoPersonAsync).AllowAnonymous().RequireForgeryToken().RequireRateLimiting(Limits.SignIns);
        }
        else if (mode == SignInMode.Entra)
        {
            app.MapGet("/sign-in/microsoft", (string? returnUrl) => TypedResults.Challenge(
                new AuthenticationProperties { RedirectUri = LocalUrl.OrHome(returnUrl) }, [OpenIdConnectDefaults.AuthenticationScheme])).AllowAnonymous().RequireRateLimiting(Limits.SignIns);
        }

        app.MapPost("/sign-out", (HttpContext http, SignInSettings settings) => SignOutAsync(http, settings.Mode)).AllowAnonymous().RequireForgeryToken();
    }

    /// <summary>Where it is said that an admin removed the person.</summary>
    internal static string RemovedPath => "/sign-in?ended=" + SignInEnd.RemovedByAdmin;

    /// <summary>Begins a sign-in of a person in this browser, whose earlier one ends; null when an admin removed the person.</summary>
    internal static async Task<Guid?> BeginSessionAsync(this HttpContext http, Guid personId, bool isAdmin)
    {
        var (signIns, log) = (http.RequestServices.GetRequiredService<SignIns>(), http.RequestServices.GetRequiredService<SecurityLog>());
        if (await signIns.BeginAsync(personId, isAdmin, SessionWords.Device(http.Request.Headers.UserAgent), http.RequestAborted) is not { } session)
        {
            log.RefusedAsRemoved(personId);
            return null;
        }

        await http.EndSessionAsync();
        log.SignedIn(personId, session, isAdmin);
        return session;
    }

    /// <summary>The sign-in of this browser ends on the server, if there is one: a copy of its cookie is worth nothing from here on.</summary>
    private static async Task EndSessionAsync(this HttpContext http)
    {
        if (http.User.PersonId() is { } personId && http.User.SessionId() is { } session)
        {
            await http.RequestServices.GetRequiredService<SignIns>().EndAsync(personId, session, SignInEnd.SignedOut, CancellationToken.None);
            http.RequestServices.GetRequiredService<OpenPages>().End(session, SignInEnd.SignedOut);
        }
    }

    private static async Task<IResult> SignInAsDemoPersonAsync(
        [FromForm] string? person, [FromForm] string? returnUrl, PeopleService people, DemoTasks tasks, HttpContext http)
    {
        if (DemoPeople.All.FirstOrDefault(demo => demo.Key == person) is not { } demo)
        {
            return TypedResults.Redirect("/sign-in?failed=1");
        }

        var personId = await people.EnsureAsync(demo.SubjectId, demo.Name, demo.Email, http.RequestAborted);
        if (!demo.IsAdmin)
        {
            await tasks.SeedAsync(personId, http.RequestAborted);
        }

        if (await http.BeginSessionAsync(personId, demo.IsAdmin) is not { } sessionId)
        {
            return TypedResults.LocalRedirect(RemovedPath);
        }

        var identity = new ClaimsIdentity(CookieAuthenticationDefaults.AuthenticationScheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaims(
        [
            new(ClaimTypes.Name, demo.Name),
            new(ClaimTypes.Email, demo.Email),
            new(TaskSyncClaims.Person, personId.ToString()),
            new(TaskSyncClaims.Session, sessionId.ToString()),
        ]);
        if (demo.IsAdmin)
        {
            identity.AddClaim(new(ClaimTypes.Role, Policies.AdminRole));
        }

        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity));
        return TypedResults.LocalRedirect(LocalUrl.OrHome(returnUrl));
    }

    private static async Task<SignOutHttpResult> SignOutAsync(HttpContext http, SignInMode mode)
    {
        await http.EndSessionAsync();
        return TypedResults.SignOut(
            new AuthenticationProperties { RedirectUri = "/sign-in" },
            mode == SignInMode.Entra
                ? [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]
                : [CookieAuthenticationDefaults.AuthenticationScheme]);
    }
}
