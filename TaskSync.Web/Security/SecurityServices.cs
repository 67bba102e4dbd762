using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Identity.Web;

namespace TaskSync.Web.Security;

/// <summary>Who may come in, and how: Microsoft Entra ID when it is configured; demo people in Development only; else nobody.</summary>
public static class SecurityServices
{
    public static IServiceCollection AddTaskSyncSecurity(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        var mode = SignInModes.From(configuration, environment);
        services.AddSingleton(new SignInSettings(mode));
        services.AddKeyRing(configuration, environment);
        services.AddScoped<SignedInPerson>();
        services.AddSingleton<PersonCheck>();
        services.AddSingleton<SessionEnds>();
        services.AddScoped<PageNonce>();

        if (mode == SignInMode.Entra)
        {
            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddMicrosoftIdentityWebApp(configuration.GetSection("AzureAd"));
            services.Configure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, EntraSignIn.Configure);
        }
        else
        {
            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        }

        services.Configure<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme, options =>
        {
            options.Cookie.Name = "TaskSync.SignIn";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.LoginPath = "/sign-in";
            options.AccessDeniedPath = "/access-denied";
            options.ReturnUrlParameter = "returnUrl";
            options.ExpireTimeSpan = TimeSpan.FromHours(12);
            options.SlidingExpiration = true;
            options.Events.OnValidatePrincipal = PersonCheck.ValidateAsync;
        });
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "TaskSync.Antiforgery";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(Policies.Admin, policy => policy.RequireAuthenticatedUser().RequireRole(Policies.AdminRole));
        return services;
    }
}

/// <summary>Names of authorization policies and roles.</summary>
public static class Policies
{
    public const string Admin = "Admin";

    /// <summary>The app role in Entra ID that makes an admin.</summary>
    public const string AdminRole = "TaskSync.Admin";
}
