using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using TaskSync.Simulator;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulator;

/// <summary>OAuth 2.0 JWT bearer: an app signs for a user whom an administrator approved.</summary>
public sealed class JwtBearerTests : SimulatorTest
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static readonly RSA Key = RSA.Create(2048);

    private string Audience => Host.BaseAddress.AbsoluteUri.TrimEnd('/');

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        using var certificate = new CertificateRequest("CN=TaskSync", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(WallClock.Now, WallClock.Now.AddYears(1));
        Org.RegisterCertificate(certificate.ExportCertificatePem());
        Org.ApproveUser(Org.Integration.Id);
    }

    private static string Encode(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Sign(object header, object claims, RSA? key = null)
    {
        var content = $"{Encode(header)}.{Encode(claims)}";
        return $"{content}.{Base64Url.EncodeToString((key ?? Key).SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private string Assertion(string? sub = null, string? aud = null, long lifetime = 180, string iss = "TaskSync.Demo", string alg = "RS256", RSA? key = null) =>
        Sign(new { alg }, new { iss, sub = sub ?? Org.Integration.Username, aud = aud ?? Audience, exp = Clock.GetUtcNow().ToUnixTimeSeconds() + lifetime }, key);

    private Task<ApiAnswer> Ask(string assertion) => ApiCaller.PostForm(new Uri(Host.BaseAddress, "/services/oauth2/token"), ("grant_type", GrantType), ("assertion", assertion));

    private async Task IsRefused(string assertion, string error, string description)
    {
        var answer = await Ask(assertion);
        Assert.Equal((400, error, description), (answer.Status, answer["error"], answer["error_description"]));
    }

    [Fact]
    public async Task A_signed_assertion_gives_an_access_token_without_a_refresh_token()
    {
        var answer = await Ask(Assertion());
        Assert.Equal(["access_token", "scope", "instance_url", "id", "token_type"], answer.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal($"{Audience}/id/{Org.OrganizationId}/{Org.Integration.Id}", answer["id"]);
        Assert.Equal(200, (await new ApiCaller(Host.BaseAddress, answer["access_token"]!).Get("limits")).Status);
    }

    [Fact]
    public async Task A_bare_public_key_can_be_registered_by_HTTP_and_forgotten_again()
    {
        using var other = RSA.Create(2048);
        using var content = new StringContent(other.ExportSubjectPublicKeyInfoPem());
        using var http = new HttpClient();
        Assert.True((await http.PostAsync(new Uri(Host.BaseAddress, "/simulator-control/org/certificate"), content, Cancel)).IsSuccessStatusCode);
        Assert.Equal((200, 200), ((await Ask(Assertion(key: other))).Status, (await Ask(Assertion())).Status));
        await Rita.Post("/simulator-control/org/remove-certificates");
        await IsRefused(Assertion(key: other), "invalid_grant", "invalid assertion");
        Assert.Equal(400, (await Rita.Post("/simulator-control/org/certificate", "no PEM")).Status);
    }

    [Fact]
    public async Task Every_assertion_gives_another_access_token_of_one_approval()
    {
        var (first, second) = (await Ask(Assertion()), await Ask(Assertion()));
        Assert.NotEqual(first["access_token"], second["access_token"]);
        Assert.Equal(1, Org.CountGrants(Org.Integration.Id));
    }

    [Fact]
    public async Task A_user_nobody_approved_is_refused_until_approved_or_until_the_user_allows_the_app()
    {
        await IsRefused(Assertion(Org.Sam.Username), "invalid_grant", "user hasn't approved this consumer");
        await Rita.Post($"/simulator-control/org/approve-user?user={Org.Sam.Username}");
        Assert.Equal(200, (await Ask(Assertion(Org.Sam.Username))).Status);
        Org.ApproveUser(Org.Sam.Id, approved: false);
        await IsRefused(Assertion(Org.Sam.Username), "invalid_grant", "user hasn't approved this consumer");
        Org.IssueToken(Org.Nora.Id);
        Assert.Equal(200, (await Ask(Assertion(Org.Nora.Username))).Status);
        Org.RevokeGrants(Org.Nora.Id);
        await IsRefused(Assertion(Org.Nora.Username), "invalid_grant", "user hasn't approved this consumer");
    }

    [Fact]
    public async Task Inactive_and_unknown_users_are_refused()
    {
        Org.UpdateUser(Org.Integration.Id, new FieldValues { ["IsActive"] = false });
        await IsRefused(Assertion(), "invalid_grant", "inactive user");
        await IsRefused(Assertion("nobody@acme.example"), "invalid_grant", "authentication failure");
    }

    [Theory]
    [InlineData("https://login.salesforce.com")]
    [InlineData("")]
    public async Task The_audience_must_be_this_login_host(string audience) => await IsRefused(Assertion(aud: audience), "invalid_grant", "audience is invalid");

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(301)]
    public async Task An_assertion_that_is_over_or_expires_too_far_ahead_is_refused(long lifetime) =>
        await IsRefused(Assertion(lifetime: lifetime), "invalid_grant", "expired authorization code");

    [Fact]
    public async Task What_is_not_signed_by_the_registered_key_with_RS256_is_an_invalid_assertion()
    {
        using var stranger = RSA.Create(2048);
        await IsRefused(Assertion(key: stranger), "invalid_grant", "invalid assertion");
        await IsRefused(Assertion(alg: "none"), "invalid_grant", "invalid assertion");
        await IsRefused(Assertion(alg: "HS256"), "invalid_grant", "invalid assertion");
        var good = Assertion().Split('.');
        await IsRefused($"{good[0]}.{Assertion(Org.Rita.Username).Split('.')[1]}.{good[2]}", "invalid_grant", "invalid assertion");
        foreach (var nonsense in new[] { "", "a.b.c", "..", "x", $"{good[0]}.{good[1]}", $"{good[0]}.{good[1]}." })
            await IsRefused(nonsense, "invalid_grant", "invalid assertion");
        await IsRefused(Sign(new { alg = "RS256" }, new { iss = "TaskSync.Demo", sub = Org.Integration.Username, aud = Audience, exp = "soon" }), "invalid_grant", "invalid assertion");
    }

    [Fact]
    public async Task Another_app_has_neither_the_key_nor_the_approvals()
    {
        await IsRefused(Assertion(iss: "Somebody"), "invalid_grant", "invalid assertion");
        Org.RegisterCertificate(Key.ExportSubjectPublicKeyInfoPem(), "Somebody");
        await IsRefused(Assertion(iss: "Somebody"), "invalid_grant", "user hasn't approved this consumer");
        Org.Options.AcceptAnyClient = false;
        await IsRefused(Assertion(iss: "Somebody"), "invalid_client_id", "client identifier invalid");
    }
}
