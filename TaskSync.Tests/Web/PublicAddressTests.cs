using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Absolute addresses come from Web:PublicUrl, not from what a request says of itself (SE10).</summary>
public sealed class PublicAddressTests
{
    private const string PublicUrl = "https://tasks.acme.example";

    /// <summary>What an attacker, or a proxy that was set up wrongly, may send.</summary>
    public static TheoryData<string, string> Hostile => new()
    {
        { "Host", "evil.example" },
        { "Host", "tasks.acme.example.evil.example" },
        { "Host", "tasks.acme.example:444" },
        { "Host", "10.0.0.5:8080" },
        { "X-Forwarded-Host", "evil.example" },
        { "X-Original-Host", "evil.example" },
        { "Forwarded", "host=evil.example;proto=http" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task SE10_no_header_moves_the_address_that_people_are_sent_back_to(string header, string value)
    {
        await using var tenant = await EntraTenant.StartAsync();
        await using var app = Production(tenant);
        using var browser = app.CreateClient();

        var toSignIn = await AskAsync(browser, "/settings", header, value);
        var toMicrosoft = await AskAsync(browser, "/sign-in/microsoft", header, value);

        Assert.Equal(PublicUrl + "/sign-in?returnUrl=%2Fsettings", toSignIn.AbsoluteUri);
        Assert.Equal(PublicUrl + "/signin-oidc", QueryHelpers.ParseQuery(toMicrosoft.Query)["redirect_uri"]);
    }

    [Fact]
    public async Task SE10_another_name_of_this_host_that_is_trusted_stays_what_it_is()
    {
        await using var tenant = await EntraTenant.StartAsync();
        await using var app = Production(tenant, ("Web:TrustedOrigins", "https://tasks.acme.intern"));
        using var browser = app.CreateClient();

        Assert.Equal("https://tasks.acme.intern/sign-in?returnUrl=%2Fsettings", (await AskAsync(browser, "/settings", "Host", "tasks.acme.intern")).AbsoluteUri);
        Assert.Equal(PublicUrl + "/sign-in?returnUrl=%2Fsettings", (await AskAsync(browser, "/settings", "Host", "evil.example")).AbsoluteUri);
    }

    [Theory]
    [InlineData(null, "Web:PublicUrl is not set")]
    [InlineData("", "Web:PublicUrl is not set")]
    [InlineData("http://tasks.acme.example", "Web:PublicUrl must be an https address")]
    [InlineData("tasks.acme.example", "Web:PublicUrl must be an address")]
    public async Task SE10_outside_Development_the_start_stops_without_a_public_address(string? address, string words)
    {
        await using var tenant = await EntraTenant.StartAsync();
        await using var app = Production(tenant, ("Web:PublicUrl", address));

        Assert.Contains(words, Assert.ThrowsAny<OptionsValidationException>(() => app.CreateClient()).Message, StringComparison.Ordinal);
    }

    private static async Task<Uri> AskAsync(HttpClient browser, string path, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header, value);
        var answer = await browser.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!;
    }

    private static WebApp Production(EntraTenant tenant, params (string Key, string? Value)[] changes)
    {
        var settings = tenant.Settings;
        settings["Salesforce:ClientId"] = "real";
        settings["Web:PublicUrl"] = PublicUrl;
        (settings["DataProtection:CertificatePath"], settings["DataProtection:CertificatePassword"]) = (KeyRingFiles.Make(), KeyRingFiles.Password);
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        return new WebApp("Production", settings) { ConfigureServices = EntraTenant.Trust };
    }
}
