using TaskSync.Simulator.Inside;
using TaskSync.Simulator.OAuth;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Rest;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Hosting;

/// <summary><c>/services/data</c>: who asks, may he, how many calls are left; then the REST resource, in one transaction.</summary>
internal sealed class ApiEndpoint(SimulatorCore core)
{
    /// <summary>The longest address plus headers Salesforce takes.</summary>
    private const int MaxHead = 16_384;

    private readonly RestRouter _router = new(core.Platform);

    public (Reply Reply, int Counted) Run(WebRequest request, string method, Exchange exchange)
    {
        if (request.Path.TrimEnd('/') == "/services/data")
            return (OverviewResource.Versions(), 0);
        Session session;
        try
        {
            // The instance that the org has left does not know its sessions.
            if (request.Instance != core.Store.Settings.InstanceName)
                throw Errors.SessionInvalid();
            session = core.Grants.Use(request.AccessToken) ?? throw NoSession(request);
            DemandAllowed(session, request);
        }
        catch (ApiException refusal)
        {
            return (Reply.Error(refusal), 0);
        }
        var (reply, counted) = Dispatch(request, method, session, exchange);
        return (reply.With("Sforce-Limit-Info", $"api-usage={core.Platform.Usage.Used}/{core.Platform.Usage.Limit}"), counted);
    }

    private (Reply Reply, int Counted) Dispatch(WebRequest request, string method, Session session, Exchange exchange)
    {
        if (RequestTarget.Parse(request.Path) is not { } target)
            return (Reply.Error(Errors.NotFound()), 0);
        if (request.Body.Length > 0 && request.Header("Content-Type") is { } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase))
            return (Reply.Error(new ApiException(415, "UNSUPPORTED_MEDIA_TYPE", $"Unsupported content type {type}")), 0);
        var transaction = new OrgTransaction(core.Store);
        var api = new ApiRequest
        {
            Method = method == "HEAD" ? "GET" : method,
            Version = target.Version,
            Path = RequestTarget.Segments(target.Below),
            Query = request.Query,
            Headers = request.Headers,
            Body = request.Body,
            Viewer = new Viewer(core.Store, core.Store.Find(session.UserId)!),
            Transaction = transaction,
            Exchange = exchange,
        };
        var counted = api.Path is ["composite", "batch"] ? BatchResource.CallsIn(api) : 1;
        if (core.Platform.Usage.Used + counted > core.Platform.Usage.Limit)
            return (Reply.Error(Errors.DailyLimit()), 0);
        core.Platform.Usage.Count(counted);
        try
        {
            var reply = _router.Dispatch(api);
            core.Calls.Record(transaction.TakeChanges());
            if (exchange.HoldCommit)
                (exchange.Held = new HeldTransaction(core.Store)).TakeOver(transaction);
            else
                core.Store.Commit(transaction);
            return (reply, counted);
        }
        catch
        {
            transaction.RollBack();
            throw;
        }
    }

    private static ApiException NoSession(WebRequest request) =>
        request.Header("Authorization") is { Length: > 0 } && request.AccessToken is null
            ? new ApiException(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE") : Errors.SessionInvalid();

    private void DemandAllowed(Session session, WebRequest request)
    {
        if (!core.Store.Find(session.UserId)!.Is("$ApiEnabled"))
            throw Errors.ApiDisabledForUser();
        if (!core.Grants.FindGrant(session.GrantId)!.Scope.Split(' ').Any(scope => scope is "api" or "full"))
            throw new ApiException(403, "INVALID_SESSION_ID", "This session is not valid for use with the REST API");
        var address = request.Path.Length + request.QueryString.Length;
        var headers = request.Headers.Sum(h => h.Key.Length + h.Value.Length + 4);
        if (address + headers > MaxHead)
            throw address > headers ? new ApiException(414, "URI_TOO_LONG", "URI Too Long") : new ApiException(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large");
    }
}
