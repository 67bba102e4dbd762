using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Security;

/// <summary>What happens around a sign-in with Microsoft Entra ID.</summary>
internal static class EntraSignIn
{
    /// <summary>Why the configuration cannot work, with the key to set; null when it can.</summary>
    public static string? WhyNot(IConfigurationSection azure)
    {
        var (instance, tenant, authority) = (azure["Instance"], azure["TenantId"], azure["Authority"]);
        if (string.IsNullOrWhiteSpace(azure["ClientSecret"]))
        {
            return "AzureAd:ClientId is set, but AzureAd:ClientSecret is empty. Make a client secret in the app registration: sign-in redeems a code with it.";
        }

        if (string.IsNullOrWhiteSpace(authority))
        {
            return !IsHttps(instance) ? "AzureAd:ClientId is set, but AzureAd:Instance is no https address. Set it to https://login.microsoftonline.com/."
                : !Guid.TryParse(tenant, out _) ? $"AzureAd:TenantId is '{tenant}'. Set it to the id of your company's tenant (Entra admin center, Overview): common, organizations and consumers let anybody in."
                : null;
        }

        return IsHttps(authority) && authority.Split('/').Any(part => Guid.TryParse(part, out _)) ? null
            : $"AzureAd:Authority is '{authority}'. Set it to https://login.microsoftonline.com/<id of your tenant>/v2.0, or remove it and set AzureAd:Instance and AzureAd:TenantId.";
    }

    private static bool IsHttps(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps;

    public static void Configure(OpenIdConnectOptions options)
    {
        // Tokens come from Microsoft's server alone, for a code that only who began the sign-in can redeem (PKCE, RFC 7636).
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.UsePkce = true;
        options.SaveTokens = false;

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
            var identity = (ClaimsIdentity)user.Identity!;
            if (string.IsNullOrEmpty(user.GetTenantId()) || string.IsNullOrEmpty(user.GetObjectId()))
            {
                // "sub" names somebody else in each application, and nobody for certain.
                context.Fail("The token has no tid or no oid: it does not say who signs in.");
                return;
            }

            // What a token calls ours is not: these claims are given here alone.
            foreach (var foreign in identity.Claims.Where(claim => claim.Type.StartsWith(TaskSyncClaims.Prefix, StringComparison.Ordinal)).ToList())
            {
                identity.RemoveClaim(foreign);
            }

            var people = context.HttpContext.RequestServices.GetRequiredService<PeopleService>();
            var personId = await people.EnsureAsync($"{user.GetTenantId()}:{user.GetObjectId()}", user.DisplayName(), user.Email(), context.HttpContext.RequestAborted);
            if (await context.HttpContext.BeginSessionAsync(personId, user.IsInRole(Policies.AdminRole)) is not { } sessionId)
            {
                context.HandleResponse();
                context.Response.Redirect(SignInEndpoints.RemovedPath);
                return;
            }

            identity.AddClaims([new(TaskSyncClaims.Person, personId.ToString()), new(TaskSyncClaims.Session, sessionId.ToString())]);
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
