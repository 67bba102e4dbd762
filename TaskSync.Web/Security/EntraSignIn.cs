using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
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

        return IsHttps(authority) && TenantOf(authority) is not null ? null
            : $"AzureAd:Authority is '{authority}'. Set it to https://login.microsoftonline.com/<id of your tenant>/v2.0, or remove it and set AzureAd:Instance and AzureAd:TenantId.";
    }

    /// <summary>Why a token that passed all checks of the library does not say who signs in; null when it does.</summary>
    private static string? WhyNot(ClaimsPrincipal user, JwtSecurityToken token, string? tenant) =>
        // The library takes an unsigned token when it comes from the token endpoint: TLS vouches for it (OpenID Connect Core 3.1.3.7). A proxy that opens TLS could write one.
        token.RawSignature.Length == 0 ? "The token is not signed."
        : !string.Equals(user.GetTenantId(), tenant, StringComparison.OrdinalIgnoreCase) ? "The token has no tid, or not that of this tenant."

        // "sub" names somebody else in each application, and nobody for certain.
        : string.IsNullOrEmpty(user.GetObjectId()) ? "The token has no oid: it does not say who signs in."
        : null;

    /// <summary>The tenant's id in an address such as https://login.microsoftonline.com/&lt;id&gt;/v2.0; null when there is none.</summary>
    private static string? TenantOf(string? authority) => authority?.Split('/').FirstOrDefault(part => Guid.TryParse(part, out _));

    private static bool IsHttps(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps;

    public static void Configure(OpenIdConnectOptions options)
    {
        // Tokens come from Microsoft's server alone, for a code that only who began the sign-in can redeem (PKCE, RFC 7636).
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.UsePkce = true;
        options.SaveTokens = false;

        // What Microsoft signs with. The library's own list is longer.
        options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256];

        // Anybody could have people signed out by an address alone.
        options.RemoteSignOutPath = default;
        var validated = options.Events.OnTokenValidated;
        options.Events.OnTokenValidated = async context =>
        {
            if (validated is not null)
            {
                await validated(context);
            }

            if (WhyNot(context.Principal!, context.SecurityToken, TenantOf(context.Options.Authority)) is { } problem)
            {
                context.Fail(problem);
            }
        };
        options.Events.OnTicketReceived = BeginAsync;
        options.Events.OnRemoteFailure = context => SayItFailed(context, context.Failure?.GetBaseException().GetType().Name);
        options.Events.OnAccessDenied = context => SayItFailed(context, "access_denied");
    }

    /// <summary>The words of a failure may repeat what was sent: its kind alone is logged.</summary>
    private static Task SayItFailed<TOptions>(HandleRequestContext<TOptions> context, string? kind)
        where TOptions : AuthenticationSchemeOptions
    {
        context.HttpContext.RequestServices.GetRequiredService<SecurityLog>().SignInFailed(kind ?? "unknown");
        context.HandleResponse();
        context.Response.Redirect("/sign-in?failed=1");
        return Task.CompletedTask;
    }

    /// <summary>Nothing is left to check, the nonce included: the person and the sign-in get their rows.</summary>
    private static async Task BeginAsync(TicketReceivedContext context)
    {
        var user = context.Principal!;
        var identity = (ClaimsIdentity)user.Identity!;

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
    }
}
