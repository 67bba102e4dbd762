using System.Web;
using Microsoft.AspNetCore.Http;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceOAuthTests
{
    private static readonly Uri Callback = new("http://localhost:5000/salesforce/callback");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_web_server_flow_with_PKCE_ends_in_tokens_and_an_identity()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var (verifier, challenge) = SalesforceOAuth.NewProof();
        var grant = await rig.OAuth.RedeemAsync(await AllowAsync(rig, challenge), verifier, Callback, Token);
        Assert.Equal((rig.Org.OrganizationId, rig.Org.Rita.Id, rig.LoginUrl), (grant.OrganizationId, grant.UserId, grant.InstanceUrl));
        Assert.NotNull(grant.RefreshToken);

        var identity = await rig.OAuth.IdentifyAsync(grant, Token);
        Assert.Equal(
            new SalesforceIdentity(rig.Org.OrganizationId, "Acme Demo", identity.IsSandbox, rig.Org.Rita.Id, rig.Org.Rita.Username, rig.Org.Rita.Name, "Europe/Vienna"),
            identity);
    }

    [Fact]
    public async Task The_authorize_address_carries_state_proof_scopes_and_hint_and_keeps_the_path_of_the_login_url()
    {
        await using var rig = SalesforceRig.Over("http://localhost:5210/simulator/");
        var uri = rig.OAuth.AuthorizeUri("st&te", "ch", Callback, "rita@example.com");
        Assert.Equal("http://localhost:5210/simulator/services/oauth2/authorize", uri.GetLeftPart(UriPartial.Path));
        var query = HttpUtility.ParseQueryString(uri.Query);
        Assert.Equal(("code", "st&te", "ch", "S256", Callback.AbsoluteUri, "rita@example.com", "TaskSync.Demo"), (
            query["response_type"], query["state"], query["code_challenge"], query["code_challenge_method"], query["redirect_uri"], query["login_hint"], query["client_id"]));
        Assert.Equal("api refresh_token openid id", query["scope"]);
    }

    [Fact]
    public void Every_proof_is_new_and_long_enough()
    {
        var (verifier, challenge) = SalesforceOAuth.NewProof();
        Assert.InRange(verifier.Length, 43, 128);
        Assert.Equal(43, challenge.Length);
        Assert.NotEqual(verifier, SalesforceOAuth.NewProof().Verifier);
    }

    [Fact]
    public async Task A_code_without_the_right_proof_is_refused_in_plain_words()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var code = await AllowAsync(rig, SalesforceOAuth.NewProof().Challenge);
        var failure = await FailsAsync(rig.OAuth.RedeemAsync(code, SalesforceOAuth.NewProof().Verifier, Callback, Token));
        Assert.Equal((FailureClass.Auth, 400), (failure.Class, failure.HttpStatus));
        Assert.Contains("Connect Salesforce", SalesforceErrors.For(failure).WhatToDo);
    }

    [Fact]
    public async Task A_code_works_once()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var (verifier, challenge) = SalesforceOAuth.NewProof();
        var code = await AllowAsync(rig, challenge);
        await rig.OAuth.RedeemAsync(code, verifier, Callback, Token);
        Assert.Equal("invalid_grant", (await FailsAsync(rig.OAuth.RedeemAsync(code, verifier, Callback, Token))).Code);
    }

    [Fact]
    public async Task A_refresh_gives_a_new_access_token_and_a_rotated_refresh_token_where_the_app_rotates()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.RefreshTokenRotation = true);
        var before = rig.GrantOf(rig.Org.Rita);
        var after = await rig.OAuth.RefreshAsync(before.RefreshToken!, Token);
        Assert.NotEqual(before.AccessToken, after.AccessToken);
        Assert.NotNull(after.RefreshToken);
        Assert.NotEqual(before.RefreshToken, after.RefreshToken);
        Assert.Equal("invalid_grant", (await FailsAsync(rig.OAuth.RefreshAsync(before.RefreshToken!, Token))).Code);
    }

    [Fact]
    public async Task A_token_request_that_is_already_being_processed_is_transient()
    {
        await using var rig = await SalesforceRig.StartAsync();
        rig.Org.Faults.Add(FaultKind.TokenRequestBusy);
        var failure = await FailsAsync(rig.OAuth.RefreshAsync(rig.GrantOf(rig.Org.Rita).RefreshToken!, Token));
        Assert.Equal((FailureClass.Intermittent, "invalid_grant"), (failure.Class, failure.Code));
    }

    [Fact]
    public async Task A_revoked_grant_is_dead()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var grant = rig.GrantOf(rig.Org.Rita);
        await rig.OAuth.RevokeAsync(grant.RefreshToken!, Token);
        Assert.Equal(FailureClass.Auth, (await FailsAsync(rig.OAuth.RefreshAsync(grant.RefreshToken!, Token))).Class);
    }

    [Fact]
    public async Task The_client_secret_is_sent_when_there_is_one()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.ClientSecret = "s3cret", new() { ["Salesforce:ClientSecret"] = "s3cret" });
        Assert.NotNull((await rig.OAuth.RefreshAsync(rig.GrantOf(rig.Org.Rita).RefreshToken!, Token)).AccessToken);

        await using var wrong = SalesforceRig.Over(rig.LoginUrl, new() { ["Salesforce:ClientSecret"] = "wrong" });
        var failure = await FailsAsync(wrong.OAuth.RefreshAsync(rig.GrantOf(rig.Org.Rita).RefreshToken!, Token));
        Assert.Contains("Salesforce:ClientSecret", SalesforceErrors.For(failure).WhatToDo);
    }

    [Theory]
    [InlineData("https://evil.example", null)]
    [InlineData("http://169.254.169.254", null)]
    [InlineData(null, "https://evil.example/id/00DWs0000000001MAA/005Ws0000000001IAA")]
    public async Task A_grant_that_names_a_foreign_address_is_refused_before_anything_is_sent_there(string? instance, string? identity)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, $$"""
            {"access_token":"a","refresh_token":"r","instance_url":"{{instance ?? stub.Url}}","id":"{{identity ?? $"{stub.Url}/id/{StubSalesforce.OrganizationId}/{StubSalesforce.UserId}"}}"}
            """);
        Assert.Equal(FailureCodes.UnsafeAddress, (await FailsAsync(rig.OAuth.RefreshAsync("r", Token))).Code);
    }

    [Theory]
    [InlineData("""{"access_token":"a"}""")]
    [InlineData("""{"access_token":1,"instance_url":"URL","id":"URL/id/00DWs0000000001MAA/005Ws0000000001IAA"}""")]
    [InlineData("""{"access_token":"a\r\nX-Evil: 1","instance_url":"URL","id":"URL/id/00DWs0000000001MAA/005Ws0000000001IAA"}""")]
    [InlineData("""{"access_token":"a","refresh_token":"r\u00e9","instance_url":"URL","id":"URL/id/00DWs0000000001MAA/005Ws0000000001IAA"}""")]
    [InlineData("""{"access_token":"","instance_url":"URL","id":"URL/id/00DWs0000000001MAA/005Ws0000000001IAA"}""")]
    [InlineData("""{"access_token":"a","instance_url":"URL","id":"URL/id/00DWs0000000001MAA"}""")]
    [InlineData("""{"access_token":"a","instance_url":"URL","id":"URL/id/005Ws0000000001IAA/00DWs0000000001MAA"}""")]
    [InlineData("<html>welcome</html>")]
    [InlineData("")]
    [InlineData("[]")]
    public async Task A_token_answer_that_is_none_is_unreadable(string body)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, body.Replace("URL", stub.Url, StringComparison.Ordinal));
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.OAuth.RefreshAsync("r", Token))).Code);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant","error_description":"ip restricted"}""", "invalid_grant", FailureClass.Auth)]
    [InlineData(400, """{"error":"redirect_uri_mismatch","error_description":"redirect_uri must match configuration"}""", "redirect_uri_mismatch", FailureClass.Other)]
    [InlineData(401, """{"error":"invalid_client"}""", "invalid_client", FailureClass.Other)]
    [InlineData(400, """{"error":"never heard of\nthis"}""", "HTTP_400", FailureClass.Other)]
    [InlineData(503, "<html>busy</html>", "HTTP_503", FailureClass.Intermittent)]
    [InlineData(302, "", "UNEXPECTED_REDIRECT", FailureClass.Other)]
    public async Task Errors_of_the_token_endpoint_are_told_apart(int status, string body, string code, FailureClass kind)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        stub.Answer = context =>
        {
            context.Response.Headers.Location = "http://127.0.0.1:1/stolen";
            return StubSalesforce.Json(context, status, body);
        };
        var failure = await FailsAsync(rig.OAuth.RefreshAsync("r", Token));
        Assert.Equal((code, kind), (failure.Code, failure.Class));
    }

    [Fact]
    public async Task A_redirect_of_the_identity_service_is_not_followed_but_userinfo_of_the_instance_asked()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        stub.Answer = context => context.Request.Path.Value switch
        {
            "/services/oauth2/userinfo" => StubSalesforce.Json(
                context, 200, $$"""{"user_id":"{{StubSalesforce.UserId}}","organization_id":"{{StubSalesforce.OrganizationId}}","preferred_username":"r@x","name":"R","zoneinfo":"Europe/Vienna"}"""),
            var path when path!.StartsWith("/id/", StringComparison.Ordinal) => Redirect(context),
            _ => StubSalesforce.Error(context, 403, "INSUFFICIENT_ACCESS"),
        };
        var grant = new TokenGrant("a", "r", stub.Url, $"{stub.Url}/id/{StubSalesforce.OrganizationId}/{StubSalesforce.UserId}", StubSalesforce.OrganizationId, StubSalesforce.UserId);
        var identity = await rig.OAuth.IdentifyAsync(grant, Token);
        Assert.Equal(("r@x", "R", "Europe/Vienna", StubSalesforce.OrganizationId), (identity.Username, identity.DisplayName, identity.TimeZone, identity.OrganizationName));
        Assert.Equal(0, stub.Count("/stolen"));

        static Task Redirect(HttpContext context)
        {
            context.Response.Redirect("/stolen");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task An_identity_that_is_not_the_tokens_is_refused()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, """{"user_id":"005Ws0000000002IAA","organization_id":"00DWs0000000001MAA","username":"x","display_name":"y"}""");
        var grant = new TokenGrant("a", "r", stub.Url, $"{stub.Url}/id/{StubSalesforce.OrganizationId}/{StubSalesforce.UserId}", StubSalesforce.OrganizationId, StubSalesforce.UserId);
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.OAuth.IdentifyAsync(grant, Token))).Code);
    }

    private static async Task<CallFailure> FailsAsync(Task call) => (await Assert.ThrowsAsync<SalesforceCallException>(() => call)).Failure;

    /// <summary>What the browser does: the user allows access, the code comes back.</summary>
    private static async Task<string> AllowAsync(SalesforceRig rig, string challenge)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var answer = await browser.PostAsync($"{rig.LoginUrl}/services/oauth2/authorize", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["response_type"] = "code",
            ["client_id"] = "TaskSync.Demo",
            ["redirect_uri"] = Callback.AbsoluteUri,
            ["state"] = "s",
            ["code_challenge"] = challenge,
            ["scope"] = "api refresh_token openid id",
            ["user"] = rig.Org.Rita.Id,
            ["decision"] = "allow",
        }), Token);
        return HttpUtility.ParseQueryString(answer.Headers.Location!.Query)["code"]!;
    }
}
