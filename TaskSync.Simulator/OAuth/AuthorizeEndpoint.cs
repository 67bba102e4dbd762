using TaskSync.Simulator.Org;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.OAuth;

/// <summary><c>/services/oauth2/authorize</c>: asks which user approves the app, and sends the browser back with a code.</summary>
internal sealed class AuthorizeEndpoint(OrgStore store, Grants grants, SimulatorOptions options)
{
    private static readonly string[] Passed =
        ["response_type", "client_id", "redirect_uri", "scope", "state", "login_hint", "code_challenge", "code_challenge_method", "nonce", "display"];

    private const string DefaultScope = "api refresh_token openid id";

    public Reply Show(WebRequest request)
    {
        if (Refusal(request, request.Query) is { } refusal)
            return refusal;
        if (request.Query.GetValueOrDefault("prompt") == "none")
            return Back(request.Query, "error=immediate_unsuccessful");
        return Page.Render(request, "Allow access", Form(request), formTarget: OriginOf(request.Query["redirect_uri"]));
    }

    public Reply Decide(WebRequest request)
    {
        if (!Page.IsOwnPost(request))
            return Page.Render(request, "Refused", Html.Of($"<h1>Refused</h1><p>This form was not sent from the simulator's own page.</p>"), 403);
        var form = request.Form;
        if (Refusal(request, form) is { } refusal)
            return refusal;
        if (form.GetValueOrDefault("decision") != "allow")
            return Back(form, "error=access_denied&error_description=end-user+denied+authorization");
        if (store.Find(form.GetValueOrDefault("user")) is not { } user || user.Type != store.Schema.User || !user.Is("IsActive"))
            return Page.Render(request, "Choose a user", Html.Of($"<h1>Choose a user</h1><p class=\"error\" role=\"alert\">That user does not exist or is inactive. Go back and choose another.</p>"), 400);
        var scope = form.GetValueOrDefault("scope") is { Length: > 0 } asked ? asked : DefaultScope;
        var code = grants.NewCode(user.Id, form["client_id"], form["redirect_uri"], scope, form.GetValueOrDefault("code_challenge"));
        return Back(form, "code=" + Uri.EscapeDataString(code));
    }

    private Html Form(WebRequest request)
    {
        var hint = request.Query.GetValueOrDefault("login_hint");
        var users = store[store.Schema.User].Rows.Where(u => u.Is("IsActive")).OrderBy(u => u.Number).ToList();
        var chosen = users.Find(u => Same(u.Text("Username"), hint) || Same(u.Text("Email"), hint)) ?? users[0];
        return Html.Of($"""
            <form method="post" class="card narrow" action="{request.PathBase}/services/oauth2/authorize">
            <h1>Allow access?</h1>
            <p><strong>{request.Query["client_id"]}</strong> asks to work with your Salesforce data in <strong>{store[store.Schema.Organization].Rows.First().Text("Name")}</strong>.</p>
            <fieldset><legend>Log in as</legend>{users.Select(user => Choice(user, user == chosen))}</fieldset>
            <p class="quiet">It will be able to: manage user data via APIs, access your identity, perform requests at any time ({request.Query.GetValueOrDefault("scope") ?? DefaultScope}).</p>
            {Passed.Where(request.Query.ContainsKey).Select(name => Html.Of($"<input type=\"hidden\" name=\"{name}\" value=\"{request.Query[name]}\">"))}
            <p class="buttons"><button class="primary" name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></p>
            <p class="quiet">You will be sent back to {OriginOf(request.Query["redirect_uri"])}.</p>
            </form>
            """);
    }

    private static Html Choice(Row user, bool isChosen) => Html.Of($"""
        <label class="choice"><input type="radio" name="user" value="{user.Id}" required{new Html(isChosen ? " checked" : "")}>
        <span>{user.Text("Name")}<small>{user.Text("Username")}</small></span></label>
        """);

    /// <summary>What is wrong with the request: shown here while the caller is not known, sent back to it otherwise.</summary>
    private Reply? Refusal(WebRequest request, IReadOnlyDictionary<string, string> query)
    {
        var clientId = query.GetValueOrDefault("client_id");
        if (string.IsNullOrEmpty(clientId) || (!options.AcceptAnyClient && clientId != options.ClientId))
            return Refused(request, OAuthException.InvalidClientId());
        if (!Uri.TryCreate(query.GetValueOrDefault("redirect_uri"), UriKind.Absolute, out var redirect) || redirect.Scheme is not ("http" or "https")
            || (options.RedirectUris.Count > 0 && !options.RedirectUris.Contains(query["redirect_uri"])))
            return Refused(request, OAuthException.RedirectMismatch());
        if (query.GetValueOrDefault("response_type") != "code")
            return Back(query, "error=unsupported_response_type&error_description=response+type+not+supported");
        if (query.ContainsKey("code_challenge") && query.GetValueOrDefault("code_challenge_method") is not (null or "" or "S256"))
            return Back(query, "error=invalid_request&error_description=code+challenge+method+not+supported");
        return null;
    }

    private static Reply Refused(WebRequest request, OAuthException error) => Page.Render(request, "OAuth Error", Html.Of($"""
        <div class="card narrow"><h1>We can't authorize you because of an OAuth error.</h1><p class="error" role="alert">{error.Error} : {error.Message}</p></div>
        """), 400);

    private static Reply Back(IReadOnlyDictionary<string, string> query, string answer)
    {
        var redirect = query["redirect_uri"];
        var state = query.TryGetValue("state", out var value) ? "&state=" + Uri.EscapeDataString(value) : "";
        return Reply.Redirect($"{redirect}{(redirect.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{answer}{state}");
    }

    private static string OriginOf(string url) => new Uri(url).GetLeftPart(UriPartial.Authority);

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
