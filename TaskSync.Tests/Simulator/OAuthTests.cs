using System.Security.Cryptography;
using System.Text;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class OAuthTests : SimulatorTest
{
    private const string Callback = "http://localhost/callback";
    private const string Verifier = "a-verifier-that-is-long-enough-for-everyone-to-be-content";

    private Uri TokenAddress => new(Host.BaseAddress, "/services/oauth2/token");

    protected override void Configure(SimulatorOptions options) => options.ClientSecret = "s3cret";

    private static string Challenge(string verifier) => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private async Task<Uri> Authorize(string decision = "allow", string? challenge = null, string scope = "api refresh_token openid id", string? userId = null)
    {
        List<(string, string)> form =
        [
            ("response_type", "code"), ("client_id", "TaskSync.Demo"), ("redirect_uri", Callback), ("state", "st&te"), ("scope", scope), ("user", userId ?? Org.Rita.Id), ("decision", decision),
        ];
        if (challenge is not null)
            form.AddRange([("code_challenge", challenge), ("code_challenge_method", "S256")]);
        var answer = await ApiCaller.PostForm(new Uri(Host.BaseAddress, "/services/oauth2/authorize"), [.. form]);
        Assert.Equal(302, answer.Status);
        return new Uri(answer.Headers["Location"]);
    }

    private static string Code(Uri callback) => Uri.UnescapeDataString(callback.Query.Split("code=")[1].Split('&')[0]);

    private Task<ApiAnswer> Exchange(string code, params (string Name, string Value)[] changes)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["client_id"] = "TaskSync.Demo",
            ["client_secret"] = "s3cret",
            ["redirect_uri"] = Callback,
        };
        foreach (var (name, value) in changes)
            form[name] = value;
        return ApiCaller.PostForm(TokenAddress, [.. form.Select(f => (f.Key, f.Value))]);
    }

    private Task<ApiAnswer> Refresh(string token) => ApiCaller.PostForm(TokenAddress,
        ("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "TaskSync.Demo"), ("client_secret", "s3cret"), ("format", "json"));

    private static void Refused(ApiAnswer answer, string error, string description) => Assert.Equal((400, error, description), (answer.Status, answer["error"], answer["error_description"]));

    [Fact]
    public async Task Allowing_sends_the_browser_back_with_code_and_state()
    {
        var callback = await Authorize();
        Assert.StartsWith($"{Callback}?code=", callback.AbsoluteUri, StringComparison.Ordinal);
        Assert.EndsWith("&state=st%26te", callback.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Denying_sends_it_back_with_access_denied() =>
        Assert.Equal($"{Callback}?error=access_denied&error_description=end-user+denied+authorization&state=st%26te", (await Authorize("deny")).AbsoluteUri);

    [Fact]
    public async Task The_page_preselects_the_user_of_the_login_hint_and_lets_the_form_lead_to_the_callback()
    {
        var answer = await Rita.Get($"/services/oauth2/authorize?response_type=code&client_id=x&redirect_uri={Uri.EscapeDataString(Callback)}&login_hint=SAM.SELLER@acme.example");
        Assert.Contains($"value=\"{Org.Sam.Id}\" required checked", answer.Text, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' http://localhost;", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", answer.Headers["Content-Security-Policy"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authorize_request_without_client_or_callback_is_shown_as_error_not_redirected()
    {
        Assert.Contains("invalid_client_id", (await Rita.Get("/services/oauth2/authorize?response_type=code&redirect_uri=http://localhost/")).Text, StringComparison.Ordinal);
        Assert.Contains("redirect_uri_mismatch", (await Rita.Get("/services/oauth2/authorize?response_type=code&client_id=x&redirect_uri=javascript:alert(1)")).Text, StringComparison.Ordinal);
        Org.Options.RedirectUris.Add("https://elsewhere.example/cb");
        Assert.Equal(400, (await Rita.Get($"/services/oauth2/authorize?response_type=code&client_id=x&redirect_uri={Callback}")).Status);
    }

    [Fact]
    public async Task The_token_answer_has_Salesforces_shape()
    {
        var answer = await Exchange(Code(await Authorize()));
        Assert.Equal(["access_token", "refresh_token", "signature", "scope", "id_token", "instance_url", "id", "token_type", "issued_at"], answer.Json.EnumerateObject().Select(p => p.Name));
        Assert.Matches($"^{Org.OrganizationId[..15]}!AQ", answer["access_token"]);
        Assert.StartsWith("5Aep", answer["refresh_token"], StringComparison.Ordinal);
        Assert.Equal(Host.BaseAddress.AbsoluteUri.TrimEnd('/'), answer["instance_url"]);
        Assert.Equal($"{answer["instance_url"]}/id/{Org.OrganizationId}/{Org.Rita.Id}", answer["id"]);
        Assert.Equal("\"1772704800000\"", answer.Json.GetProperty("issued_at").GetRawText());
        Assert.Equal(Convert.ToBase64String(HMACSHA256.HashData("s3cret"u8, Encoding.UTF8.GetBytes(answer["id"] + answer["issued_at"]))), answer["signature"]);
        Assert.Equal(200, (await new ApiCaller(Host.BaseAddress, answer["access_token"]!).Get("limits")).Status);
    }

    [Fact]
    public async Task A_refresh_token_is_given_only_for_its_scope()
    {
        var answer = await Exchange(Code(await Authorize(scope: "api")));
        Assert.Equal(["access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"], answer.Json.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_code_works_once_and_for_15_minutes()
    {
        var code = Code(await Authorize());
        Assert.Equal(200, (await Exchange(code)).Status);
        Refused(await Exchange(code), "invalid_grant", "expired authorization code");
        var late = Code(await Authorize());
        Clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        Refused(await Exchange(late), "invalid_grant", "expired authorization code");
    }

    [Theory]
    [InlineData("redirect_uri", "http://localhost/callback/", "redirect_uri_mismatch", "redirect_uri must match configuration")]
    [InlineData("client_secret", "wrong", "invalid_client", "invalid client credentials")]
    [InlineData("grant_type", "password", "unsupported_grant_type", "grant type not supported")]
    [InlineData("code", "nonsense", "invalid_grant", "expired authorization code")]
    public async Task A_wrong_exchange_is_refused(string field, string value, string error, string description) =>
        Refused(await Exchange(Code(await Authorize()), (field, value)), error, description);

    [Fact]
    public async Task Another_client_is_refused_unless_any_is_accepted()
    {
        Org.Options.AcceptAnyClient = false;
        Refused(await Exchange(Code(await Authorize()), ("client_id", "Somebody")), "invalid_client_id", "client identifier invalid");
    }

    [Fact]
    public async Task The_code_verifier_must_fit_the_challenge()
    {
        Assert.Equal(200, (await Exchange(Code(await Authorize(challenge: Challenge(Verifier))), ("code_verifier", Verifier))).Status);
        Refused(await Exchange(Code(await Authorize(challenge: Challenge(Verifier))), ("code_verifier", "wrong")), "invalid_request", "invalid code verifier");
        Assert.Equal("invalid_grant", (await Exchange(Code(await Authorize(challenge: Challenge(Verifier)))))["error"]);
    }

    [Fact]
    public async Task Refreshing_gives_a_new_access_token_and_no_refresh_token()
    {
        var first = await Exchange(Code(await Authorize()));
        var second = await Refresh(first["refresh_token"]!);
        Assert.False(second.Json.TryGetProperty("refresh_token", out _));
        Assert.NotEqual(first["access_token"], second["access_token"]);
        Assert.Equal(200, (await Refresh(first["refresh_token"]!)).Status);
    }

    [Fact]
    public async Task With_rotation_a_used_refresh_token_kills_the_current_one_and_its_access_tokens()
    {
        Org.Options.RefreshTokenRotation = true;
        var first = await Exchange(Code(await Authorize()));
        var second = await Refresh(first["refresh_token"]!);
        Assert.NotEqual(first["refresh_token"], second["refresh_token"]);
        Assert.Equal(200, (await new ApiCaller(Host.BaseAddress, second["access_token"]!).Get("limits")).Status);
        Refused(await Refresh(first["refresh_token"]!), "invalid_grant", "expired access/refresh token");
        Refused(await Refresh(second["refresh_token"]!), "invalid_grant", "expired access/refresh token");
        (await new ApiCaller(Host.BaseAddress, second["access_token"]!).Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
    }

    [Fact]
    public async Task The_sixth_approval_revokes_the_oldest()
    {
        Org.RevokeGrants();
        var tokens = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            tokens.Add((await Exchange(Code(await Authorize())))["refresh_token"]!);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(5, Org.CountGrants(Org.Rita.Id));
        Refused(await Refresh(tokens[0]), "invalid_grant", "expired access/refresh token");
        Assert.Equal(200, (await Refresh(tokens[1])).Status);
    }

    [Fact]
    public async Task Revoking_a_refresh_token_ends_its_access_tokens_too()
    {
        var token = await Exchange(Code(await Authorize()));
        var revoked = await ApiCaller.PostForm(new Uri(Host.BaseAddress, "/services/oauth2/revoke"), ("token", token["refresh_token"]!));
        Assert.Equal((200, ""), (revoked.Status, revoked.Text));
        (await new ApiCaller(Host.BaseAddress, token["access_token"]!).Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
        var again = await ApiCaller.PostForm(new Uri(Host.BaseAddress, "/services/oauth2/revoke"), ("token", token["refresh_token"]!));
        Assert.Equal((400, true), (again.Status, again.Text.StartsWith("error=invalid_token", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_access_token_lives_two_hours_from_its_last_use()
    {
        Clock.Advance(TimeSpan.FromMinutes(119));
        Assert.Equal(200, (await Rita.Get("limits")).Status);
        Clock.Advance(TimeSpan.FromMinutes(119));
        Assert.Equal(200, (await Rita.Get("limits")).Status);
        Clock.Advance(TimeSpan.FromMinutes(121));
        var answer = await Rita.Get("limits");
        answer.IsRefusedWith(401, "INVALID_SESSION_ID");
        Assert.Equal("Session expired or invalid", answer.Message);
    }

    [Fact]
    public async Task An_inactive_user_can_neither_call_nor_refresh()
    {
        var token = await Exchange(Code(await Authorize()));
        Org.UpdateUser(Org.Rita.Id, new FieldValues { ["IsActive"] = false });
        (await Rita.Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
        Refused(await Refresh(token["refresh_token"]!), "invalid_grant", "inactive user");
    }

    [Fact]
    public async Task A_user_without_API_permission_is_refused()
    {
        Org.UpdateUser(Org.Rita.Id, new FieldValues { ["$ApiEnabled"] = false });
        (await Rita.Get("limits")).IsRefusedWith(403, "API_CURRENTLY_DISABLED");
    }

    [Fact]
    public async Task A_token_without_api_scope_cannot_call_the_REST_API()
    {
        var caller = new ApiCaller(Host.BaseAddress, Org.IssueToken(Org.Rita.Id, "id refresh_token").AccessToken);
        var answer = await caller.Get("limits");
        Assert.Equal((403, "This session is not valid for use with the REST API"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Identity_and_userinfo_name_user_org_and_zone()
    {
        var identity = await Rita.Get($"/id/{Org.OrganizationId}/{Org.Rita.Id}?format=json");
        Assert.Equal((Org.Rita.Id, Org.OrganizationId, "rita.rep@acme.example", "Etc/UTC"), (identity["user_id"], identity["organization_id"], identity["username"], identity["timezone"]));
        var info = await Rita.Get("/services/oauth2/userinfo");
        Assert.Equal((identity["id"], "Rita Rep", "Etc/UTC"), (info["sub"], info["name"], info["zoneinfo"]));
        var dead = await new ApiCaller(Host.BaseAddress, "nonsense").Get("/services/oauth2/userinfo");
        Assert.Equal((403, "Bad_OAuth_Token"), (dead.Status, dead.Text));
    }

    [Fact]
    public async Task Introspection_says_whether_a_token_is_good()
    {
        var address = new Uri(Host.BaseAddress, "/services/oauth2/introspect");
        Assert.Equal("rita.rep@acme.example", (await ApiCaller.PostForm(address, ("token", Rita.Token)))["username"]);
        Assert.Equal("""{"active":false}""", (await ApiCaller.PostForm(address, ("token", "nonsense"))).Text);
    }

    [Fact]
    public async Task A_form_from_another_site_cannot_approve()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.BaseAddress, "/services/oauth2/authorize")) { Content = new FormUrlEncodedContent([]) };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(403, (await ApiCaller.Send(request)).Status);
    }
}
