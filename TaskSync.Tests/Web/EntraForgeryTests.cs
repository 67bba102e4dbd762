using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Tokens and answers that a tenant would not give (RFC 8725, OpenID Connect Core 3.1.3.7): each ends on the sign-in page, and nobody is made.</summary>
public sealed class EntraForgeryTests(EntraApp entra) : IClassFixture<EntraApp>
{
    private const string Foreign = "7f1c2a34-0000-4000-8000-0000000000ff";

    private static readonly RSA Stranger = RSA.Create(2048);

    /// <summary>What is wrong with a token that is signed afterwards.</summary>
    private static readonly Dictionary<string, Action<EntraTenant, SecurityTokenDescriptor>> Forgeries = new()
    {
        ["the issuer is another tenant"] = (tenant, token) => token.Issuer = tenant.Instance + Foreign + "/v2.0",
        ["issuer and tid are those of another tenant"] = (tenant, token) =>
        {
            token.Issuer = tenant.Instance + Foreign + "/v2.0";
            Replace(token, "tid", Foreign);
        },
        ["tid is another tenant"] = (_, token) => Replace(token, "tid", Foreign),
        ["the issuer is another server"] = (_, token) => token.Issuer = $"https://evil.example/{EntraTenant.Id}/v2.0",
        ["no issuer"] = (_, token) => token.Issuer = null,
        ["the audience is another app"] = (_, token) => token.Audience = Foreign,
        ["no audience"] = (_, token) => token.Audience = null,
        ["another nonce"] = (_, token) => Replace(token, "nonce", "639000000000000000.Zm9yZWlnbg"),
        ["no nonce"] = (_, token) => Replace(token, "nonce", null),
        ["no oid"] = (_, token) => Replace(token, "oid", null),
        ["no tid"] = (_, token) => Replace(token, "tid", null),
        ["signed by another key of the same name"] = (tenant, token) => token.SigningCredentials = new(new RsaSecurityKey(Stranger) { KeyId = tenant.Key.KeyId }, SecurityAlgorithms.RsaSha256),
        ["signed by an unknown key"] = (_, token) => token.SigningCredentials = new(new RsaSecurityKey(Stranger) { KeyId = "unknown" }, SecurityAlgorithms.RsaSha256),
        ["alg none"] = (_, token) => token.SigningCredentials = null,
        ["signed by the right key with another algorithm"] = (tenant, token) => token.SigningCredentials = new(tenant.Key, SecurityAlgorithms.RsaSsaPssSha256),
        ["signed by the right key with a longer hash"] = (tenant, token) => token.SigningCredentials = new(tenant.Key, SecurityAlgorithms.RsaSha384),
        ["signed with the public key as a secret"] = (tenant, token) => token.SigningCredentials = new(new SymmetricSecurityKey(tenant.Key.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = tenant.Key.KeyId }, SecurityAlgorithms.HmacSha256),
        ["signed with the secret of the app"] = (tenant, token) => token.SigningCredentials = new(new SymmetricSecurityKey(SHA256.HashData(Encoding.ASCII.GetBytes(EntraTenant.ClientSecret))) { KeyId = tenant.Key.KeyId }, SecurityAlgorithms.HmacSha256),
        ["expired"] = (_, token) => (token.IssuedAt, token.NotBefore, token.Expires) = (WallClock.Now.UtcDateTime.AddHours(-3), WallClock.Now.UtcDateTime.AddHours(-3), WallClock.Now.UtcDateTime.AddHours(-2)),
        ["not yet valid"] = (_, token) => (token.NotBefore, token.Expires) = (WallClock.Now.UtcDateTime.AddHours(2), WallClock.Now.UtcDateTime.AddHours(3)),
        ["valid for ever"] = (_, token) => token.Expires = null,
    };

    /// <summary>What becomes of an honest token on its way.</summary>
    private static readonly Dictionary<string, Func<string, string>> Manglings = new()
    {
        ["the signature is cut off"] = token => token[..(token.LastIndexOf('.') + 1)],
        ["the signature is another"] = token => token[..(token.LastIndexOf('.') + 1)] + Base64UrlEncoder.Encode(new byte[256]),
        ["somebody else stands in it"] = token => Payload(token, claims => claims["oid"] = EntraTenant.Anton.ObjectId),
        ["an admin stands in it"] = token => Payload(token, claims => claims["roles"] = "TaskSync.Admin"),
        ["half of it is missing"] = token => token[..(token.Length / 2)],
        ["it is no token"] = _ => "no.token.atall",
        ["it is empty"] = _ => "",
    };

    public static TheoryData<string> AllForgeries => [.. Forgeries.Keys];

    public static TheoryData<string> AllManglings => [.. Manglings.Keys];

    /// <summary>What becomes of the answer that the browser carries.</summary>
    public static TheoryData<string> AllAnswers =>
    [
        "no state", "empty state", "state altered", "state cut off", "state of another browser", "no code", "empty code", "a guessed code", "the code of somebody else's attempt", "nothing at all",
        "access_denied", "access_denied without state", "another error", "a token instead of a code", "everything twice",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AllForgeries))]
    public async Task SE5_a_token_that_the_tenant_would_not_give_lets_nobody_in(string what)
    {
        entra.Tenant.Forge = token => Forgeries[what](entra.Tenant, token);
        try
        {
            using var browser = entra.App.CreateClient();
            await AssertNobodyComesInAsync(browser, () => entra.SignInAsync(browser, EntraTenant.Erika));
        }
        finally
        {
            entra.Tenant.Forge = null;
        }
    }

    [Theory]
    [MemberData(nameof(AllManglings))]
    public async Task SE5_a_token_that_was_changed_after_it_was_signed_lets_nobody_in(string what)
    {
        entra.Tenant.Mangle = Manglings[what];
        try
        {
            using var browser = entra.App.CreateClient();
            await AssertNobodyComesInAsync(browser, () => entra.SignInAsync(browser, EntraTenant.Erika));
        }
        finally
        {
            entra.Tenant.Mangle = null;
        }
    }

    [Theory]
    [MemberData(nameof(AllAnswers))]
    public async Task SE5_an_answer_that_was_not_given_to_this_browser_lets_nobody_in(string what)
    {
        using var browser = entra.App.CreateClient();
        using var other = entra.App.CreateClient();
        var mine = await entra.Tenant.AnswerAsync(await EntraApp.BeginAsync(browser), EntraTenant.Erika);
        var theirs = await entra.Tenant.AnswerAsync(await EntraApp.BeginAsync(other), EntraTenant.Anton);
        var state = mine["state"];
        var form = what switch
        {
            "no state" => new() { ["code"] = mine["code"] },
            "empty state" => new() { ["code"] = mine["code"], ["state"] = "" },
            "state altered" => new() { ["code"] = mine["code"], ["state"] = state[..^4] + "AAAA" },
            "state cut off" => new() { ["code"] = mine["code"], ["state"] = state[..^8] },
            "state of another browser" => theirs,
            "no code" => new() { ["state"] = state },
            "empty code" => new() { ["code"] = "", ["state"] = state },
            "a guessed code" => new() { ["code"] = "1.guessed", ["state"] = state },
            "the code of somebody else's attempt" => new() { ["code"] = theirs["code"], ["state"] = state },
            "nothing at all" => [],
            "access_denied" => await entra.Tenant.AnswerAsync(await EntraApp.BeginAsync(browser), null),
            "access_denied without state" => new() { ["error"] = "access_denied" },
            "another error" => new() { ["error"] = "server_error", ["error_description"] = "AADSTS90000 <script>alert(1)</script>", ["state"] = state },
            "a token instead of a code" => new() { ["id_token"] = "eyJhbGciOiJub25lIn0.e30.", ["state"] = state },
            _ => new Dictionary<string, string>() { ["code"] = mine["code"] + "," + mine["code"], ["state"] = state + "," + state },
        };

        await AssertNobodyComesInAsync(browser, () => EntraApp.ReturnAsync(browser, form));
    }

    private async Task AssertNobodyComesInAsync(HttpClient browser, Func<Task<HttpResponseMessage>> signIn)
    {
        var before = await CountAsync();
        await entra.AssertRefusedAsync(browser, await signIn());
        Assert.Equal(before, await CountAsync());
    }

    private Task<(int People, int SignIns)> CountAsync() => entra.ReadAsync(async db => (await db.People.CountAsync(Token), await db.SignIns.CountAsync(Token)));

    private static void Replace(SecurityTokenDescriptor token, string claim, string? value)
    {
        token.Subject!.RemoveClaim(token.Subject.FindFirst(claim));
        if (value is not null)
        {
            token.Subject.AddClaim(new(claim, value));
        }
    }

    private static string Payload(string token, Action<Dictionary<string, object>> change)
    {
        var parts = token.Split('.');
        var claims = JsonSerializer.Deserialize<Dictionary<string, object>>(Base64UrlEncoder.Decode(parts[1]))!;
        change(claims);
        return $"{parts[0]}.{Base64UrlEncoder.Encode(JsonSerializer.Serialize(claims))}.{parts[2]}";
    }
}
