using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Web;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Hosting;

namespace TaskSync.Web.Security;

/// <summary>Who may come in, and how: Microsoft Entra ID when it is configured; demo people in Development only; else nobody.</summary>
public static class SecurityServices
{
    /// <summary>A cookie with it is taken from this host alone, over TLS alone (RFC 6265bis, section 4.1.3.2).</summary>
    public const string HostPrefix = "__Host-";

    public static IServiceCollection AddTaskSyncSecurity(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        var mode = SignInModes.From(configuration, environment);
        services.AddSingleton(new SignInSettings(mode));
        WebOptions.Add(services, configuration, environment);
        services.AddKeyRing(configuration, environment);
        services.AddScoped<SignedInPerson>();
        services.AddOptions<SignInOptions>().Bind(configuration.GetSection(SignInOptions.Section)).ValidateOnStart()
            .Validate(o => o.IdleTime >= TimeSpan.FromMinutes(5), "SignIn:IdleTime must be at least five minutes (00:05:00).")
            .Validate(o => o.Lifetime >= o.IdleTime, "SignIn:Lifetime must not be shorter than SignIn:IdleTime.");
        services.AddSingleton<SecurityLog>();
        services.AddSingleton<SessionCheck>();
        services.AddSingleton<OpenPages>();
        services.AddHostedService<SessionWatch>();
        services.AddScoped<CircuitHandler, SessionUse>();
        services.AddScoped<PageNonce>();
        services.AddLimits(configuration);

        if (mode == SignInMode.Entra)
        {
            if (EntraSignIn.WhyNot(configuration.GetSection("AzureAd")) is { } problem)
            {
                throw new SetupException(problem);
            }

            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddMicrosoftIdentityWebApp(configuration.GetSection("AzureAd"));
            services.Configure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, options =>
            {
                EntraSignIn.Configure(options);
                Prefix(options.NonceCookie, environment);
                Prefix(options.CorrelationCookie, environment);
            });
        }
        else
        {
            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        }

        services.Configure<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme, options =>
        {
            Harden(options.Cookie, "TaskSync.SignIn", environment);
            options.LoginPath = "/sign-in";
            options.AccessDeniedPath = "/access-denied";
            options.ReturnUrlParameter = "returnUrl";
            options.SlidingExpiration = false;
            options.Events.OnValidatePrincipal = SessionCheck.ValidateAsync;
            options.Events.OnRedirectToLogin = SayWhy;
            var deny = options.Events.OnRedirectToAccessDenied;
            options.Events.OnRedirectToAccessDenied = context =>
            {
                context.HttpContext.RequestServices.GetRequiredService<SecurityLog>().Refused(context.HttpContext.User.PersonId(), context.Request.Path);
                return deny(context);
            };
        });

        // The row decides; the cookie lasts as long as a sign-in can.
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<IOptions<SignInOptions>>((options, signIn) => options.ExpireTimeSpan = signIn.Value.Lifetime);
        services.AddAntiforgery(options => Harden(options.Cookie, "TaskSync.Antiforgery", environment));
        services.AddHsts(options =>
        {
            options.MaxAge = TimeSpan.FromDays(365);
            options.IncludeSubDomains = true;
        });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(Policies.Admin, policy => policy.RequireAuthenticatedUser().RequireRole(Policies.AdminRole));
        return services;
    }

    /// <summary>Whose sign-in has ended is told why on the sign-in page.</summary>
    private static Task SayWhy(RedirectContext<CookieAuthenticationOptions> context)
    {
        var why = context.HttpContext.Items[typeof(SignInEnd)] is SignInEnd end ? "&ended=" + end : "";
        if (context.Request.Headers.XRequestedWith == "XMLHttpRequest" || context.Request.Path.StartsWithSegments("/_blazor"))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            context.Response.Redirect(context.RedirectUri + why);
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Neither scripts nor other sites nor other hosts of the same domain get at it: "__Host-" has the browser refuse it without Secure, and from anybody else (RFC 6265bis).
    /// Lax, not Strict: people come back from the sign-in at Microsoft and at Salesforce. In Development there is plain http as well.
    /// </summary>
    private static void Harden(CookieBuilder cookie, string name, IHostEnvironment environment)
    {
        cookie.Name = name;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        Prefix(cookie, environment);
    }

    /// <summary>The prefix asks for Secure, for the path "/" and for no domain.</summary>
    private static void Prefix(CookieBuilder cookie, IHostEnvironment environment)
    {
        cookie.Path = "/";
        if (!environment.IsDevelopment())
        {
            cookie.Name = HostPrefix + cookie.Name;
            cookie.SecurePolicy = CookieSecurePolicy.Always;
        }
    }
}

/// <summary>Names of authorization policies and roles.</summary>
public static class Policies
{
    public const string Admin = "Admin";

    /// <summary>The app role in Entra ID that makes an admin.</summary>
    public const string AdminRole = "TaskSync.Admin";
}
