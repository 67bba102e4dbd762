using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
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
            app.MapPost("/sign-in/demo", SignInAsDemoPersonAsync).AllowAnonymous().RequireForgeryToken();
        }
        else if (mode == SignInMode.Entra)
        {
            app.MapGet("/sign-in/microsoft", (string? returnUrl) => TypedResults.Challenge(
                new AuthenticationProperties { RedirectUri = LocalUrl.OrHome(returnUrl) }, [OpenIdConnectDefaults.AuthenticationScheme])).AllowAnonymous();
        }

        app.MapPost("/sign-out", (HttpContext http, SessionEnds sessions) => SignOut(http, sessions, mode)).AllowAnonymous().RequireForgeryToken();
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

        var identity = new ClaimsIdentity(CookieAuthenticationDefaults.AuthenticationScheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaims(
        [
            new(ClaimTypes.Name, demo.Name),
            new(ClaimTypes.Email, demo.Email),
            new(TaskSyncClaims.Person, personId.ToString()),
            new(TaskSyncClaims.Session, Guid.NewGuid().ToString("N")),
        ]);
        if (demo.IsAdmin)
        {
            identity.AddClaim(new(ClaimTypes.Role, Policies.AdminRole));
        }

        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity));
        return TypedResults.LocalRedirect(LocalUrl.OrHome(returnUrl));
    }

    private static SignOutHttpResult SignOut(HttpContext http, SessionEnds sessions, SignInMode mode)
    {
        if (http.User.SessionId() is { } session)
        {
            sessions.End(session);
        }

        return TypedResults.SignOut(
            new AuthenticationProperties { RedirectUri = "/sign-in" },
            mode == SignInMode.Entra
                ? [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]
                : [CookieAuthenticationDefaults.AuthenticationScheme]);
    }
}
