using Microsoft.Extensions.Options;

namespace TaskSync.Web.Hosting;

/// <summary>How the outside reaches this host: the configuration section "Web".</summary>
public sealed class WebOptions
{
    public const string Section = "Web";

    /// <summary>The address people use, such as https://tasks.acme.example; null for the address of the request, in Development only.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Further origins whose pages may open circuits: other names of the same host.</summary>
    public IList<string> TrustedOrigins { get; } = [];

    /// <summary>The origin of an address as browsers write it; null when it is none of http or https.</summary>
    public static string? OriginOf(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 ? uri.GetLeftPart(UriPartial.Authority) : null;

    public static IServiceCollection Add(IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        var section = configuration.GetSection(Section);
        services.AddOptions<WebOptions>().Bind(section).Configure(options => Split(options, section[nameof(TrustedOrigins)])).ValidateOnStart()
            .Validate(options => string.IsNullOrEmpty(options.PublicUrl) || OriginOf(options.PublicUrl) is not null, "Web:PublicUrl must be an address like https://tasks.acme.example.")
            .Validate(
                options => environment.IsDevelopment() || !string.IsNullOrEmpty(options.PublicUrl),
                "Web:PublicUrl is not set. Set it to the address people use, such as https://tasks.acme.example: sign-in and Salesforce send them back there, and a request can name any host.")
            .Validate(options => environment.IsDevelopment() || !IsPlain(options.PublicUrl), "Web:PublicUrl must be an https address: outside Development cookies go over https only.")
            .Validate(options => options.TrustedOrigins.All(origin => OriginOf(origin) == origin), "Web:TrustedOrigins must be origins like https://tasks.acme.example: scheme and host, no path, no slash at the end.");
        return services;
    }

    private static bool IsPlain(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback;

    /// <summary>One comma-separated text is as good as a list: that is how an environment variable says it.</summary>
    private static void Split(WebOptions options, string? text)
    {
        foreach (var origin in text?.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            options.TrustedOrigins.Add(origin);
        }
    }
}
