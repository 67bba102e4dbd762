using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Security;

/// <summary>What happens around a sign-in with Microsoft Entra ID.</summary>
internal static class EntraSignIn
{
    public static void Configure(OpenIdConnectOptions options)
    {
        // Anybody could have people signed out by an address alone.
        options.RemoteSignOutPath = default;
        var validated = options.Events.OnTokenValidated;
        options.Events.OnTokenValidated = async context =>
        {
            if (validated is not null)
            {
                await validated(context);
            }

            var user = context.Principal!;
            var people = context.HttpContext.RequestServices.GetRequiredService<PeopleService>();
            var personId = await people.EnsureAsync($"{user.GetTenantId()}:{user.GetObjectId()}", user.DisplayName(), user.Email(), context.HttpContext.RequestAborted);
            var sessionId = await context.HttpContext.BeginSessionAsync(personId, user.IsInRole(Policies.AdminRole));
            ((ClaimsIdentity)user.Identity!).AddClaims([new(TaskSyncClaims.Person, personId.ToString()), new(TaskSyncClaims.Session, sessionId.ToString())]);
        };
        options.Events.OnRemoteFailure = context =>
        {
            context.HandleResponse();
            context.Response.Redirect("/sign-in?failed=1");
            return Task.CompletedTask;
        };
        options.Events.OnAccessDenied = context =>
        {
            context.HandleResponse();
            context.Response.Redirect("/sign-in?failed=1");
            return Task.CompletedTask;
        };
    }
}
