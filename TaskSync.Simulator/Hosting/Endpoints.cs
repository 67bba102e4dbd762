using TaskSync.Simulator.Control;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.OAuth;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Rest;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Ui;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Hosting;

/// <summary>Which part of the simulator answers a path. Everything runs under the org's gate, one request at a time.</summary>
internal sealed class Endpoints(SimulatorCore core, SimulatedOrg org)
{
    private readonly ApiEndpoint _api = new(core);
    private readonly SoapEndpoint _soap = new(core);
    private readonly AuthorizeEndpoint _authorize = new(core.Store, core.Grants, core.Options);
    private readonly TokenEndpoint _token = new(core.Store, core.Grants, core.Options);
    private readonly IdentityEndpoint _identity = new(core.Store, core.Grants, core.Options);
    private readonly RecycleBin _bin = new(core.Store);
    private readonly UiEndpoint _ui = new(core.Store, core.Records);
    private readonly ControlEndpoint _control = new(org);

    /// <summary>Whether the path belongs to what Salesforce's API has, which is logged and can fail; the pages and the control do neither.</summary>
    public static bool IsApi(string path) => path.StartsWith("/services/", StringComparison.Ordinal) || path.StartsWith("/id/", StringComparison.Ordinal);

    public string? UserOf(WebRequest request)
    {
        lock (core.Store.Gate)
            return request.AccessToken is { } token && core.Grants.FindSession(token) is { Ended: false } session ? session.UserId : null;
    }

    /// <returns>The answer and how many API calls it counts as.</returns>
    public (Reply Reply, int Counted) Run(WebRequest request, string method, Exchange exchange)
    {
        lock (core.Store.Gate)
        {
            try
            {
                _bin.Sweep();
                if (NotHere(request) is { } elsewhere)
                    return (elsewhere, 0);
                if (request.Path.StartsWith("/services/data", StringComparison.Ordinal))
                    return _api.Run(request, method, exchange);
                if (request.Path.StartsWith("/services/Soap/u/", StringComparison.Ordinal))
                    return _soap.Run(request);
                return (OAuth(request), 0);
            }
            catch (OAuthException refusal)
            {
                return (refusal.Answer(), 0);
            }
            catch (Exception e)
            {
                return (Reply.Error(new ApiException(500, "UNKNOWN_EXCEPTION", $"An unexpected error occurred. {e.GetType().Name}: {e.Message}")), 1);
            }
        }
    }

    /// <summary>Commits what a request had to hold back.</summary>
    public void Commit(Exchange exchange)
    {
        lock (core.Store.Gate)
            exchange.Held?.Commit();
    }

    public Reply RunPages(WebRequest request)
    {
        if (request.Path == Page.StylePath)
            return Page.Style();
        return request.Path.StartsWith(ControlEndpoint.Root, StringComparison.Ordinal) ? _control.Run(request) : _ui.Run(request);
    }

    /// <summary>The answer of an address of the API that the org does not live at; null when the request has to be worked on.</summary>
    private Reply? NotHere(WebRequest request)
    {
        var settings = core.Store.Settings;
        if (request.Instance == settings.InstanceName || !(request.Path.StartsWith("/services/data", StringComparison.Ordinal) || request.Path.StartsWith("/services/Soap/", StringComparison.Ordinal)))
            return null;
        return settings.OldAddress switch
        {
            OldAddress.IsNotReset => Reply.Error(Errors.UrlNotReset()),
            OldAddress.Redirects => Reply.Redirect(request.InstanceUrl(settings.InstanceName) + request.Path + request.QueryString),
            OldAddress.CutsConnections => Reply.Cut(),
            _ => null,
        };
    }

    private Reply OAuth(WebRequest request) => (request.Method, RequestTarget.Segments(request.Path)) switch
    {
        ("GET", ["services", "oauth2", "authorize"]) => _authorize.Show(request),
        ("POST", ["services", "oauth2", "authorize"]) => _authorize.Decide(request),
        ("POST", ["services", "oauth2", "token"]) => _token.Run(request),
        ("GET" or "POST", ["services", "oauth2", "revoke"]) => Revoke(request),
        ("GET" or "POST", ["services", "oauth2", "userinfo"]) => _identity.UserInfo(request),
        ("POST", ["services", "oauth2", "introspect"]) => _identity.Introspect(request),
        ("GET", ["id", "keys"]) => IdTokens.Keys(),
        ("GET", ["id", var organization, var user]) => _identity.Identity(request, organization, user),
        _ => Reply.Plain(404, "Not found"),
    };

    /// <summary>200 and empty; refusals are form-urlencoded, unlike those of the other OAuth endpoints.</summary>
    private Reply Revoke(WebRequest request)
    {
        var token = request.Form.GetValueOrDefault("token") ?? request.Query.GetValueOrDefault("token");
        if (token is not null && core.Grants.Revoke(token))
            return new Reply(200, default);
        return Reply.Plain(400, "error=invalid_token&error_description=invalid+token%3A+") with { ContentType = "application/x-www-form-urlencoded" };
    }
}
