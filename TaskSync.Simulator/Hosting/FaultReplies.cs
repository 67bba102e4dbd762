using System.Text;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.OAuth;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Rest;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Hosting;

/// <summary>What a fault makes of a request and its answer.</summary>
internal static class FaultReplies
{
    private const string GatewayPage = "<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>Service Temporarily Unavailable</h1>We are down for maintenance.</body></html>";

    /// <summary>The answer given instead of doing the work; null when the work is to be done.</summary>
    public static Reply? Instead(FaultRule? fault, WebRequest request, SimulatorCore core)
    {
        switch (fault?.Kind)
        {
            case FaultKind.DropBeforeCommit:
                return Reply.Cut();
            case FaultKind.SessionExpired:
                lock (core.Store.Gate)
                    if (request.AccessToken is { } token)
                        core.Grants.Revoke(token);
                return Reply.Error(Errors.SessionInvalid());
            case FaultKind.ServiceUnavailableHtml:
                return new Reply(503, Encoding.UTF8.GetBytes(GatewayPage)) { ContentType = "text/html" };
            case FaultKind.ServerTooBusy:
                return Refuse(503, "SERVER_UNAVAILABLE", "server too busy");
            case FaultKind.UnknownException:
                return Refuse(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-123456789)");
            case FaultKind.DailyLimit:
                return Reply.Error(Errors.DailyLimit());
            case FaultKind.ConcurrentLimit:
                return Refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
            case FaultKind.LongTransactionLimit:
                return Refuse(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded");
            case FaultKind.QueryTimeout:
                return Refuse(400, "QUERY_TIMEOUT", "Your query request was running for too long.");
            case FaultKind.InvalidReplicationDate:
                return Refuse(400, "INVALID_REPLICATION_DATE", "startDate is before the earliest date available");
            case FaultKind.InvalidQueryLocator:
                return Refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
            case FaultKind.TokenRequestBusy:
                return OAuthException.InvalidGrant("token request is already being processed").Answer();
            case FaultKind.Error:
                return Reply.Error(ErrorOf(fault));
            case FaultKind.Redirect:
                return Reply.Redirect(fault.Location);
            default:
                return null;
        }
    }

    /// <summary>The answer as it is sent: whole, cut off, lost, or something else altogether.</summary>
    public static Reply Spoil(FaultRule? fault, Reply reply) => fault?.Kind switch
    {
        FaultKind.DropAfterCommit => Reply.Cut(),
        FaultKind.TruncatedJson => reply with { Body = reply.Body[..(reply.Body.Length / 2)] },
        FaultKind.HostileJson => reply with { Status = 200, Body = Encoding.UTF8.GetBytes(HostileJson.Of(fault)) },
        FaultKind.HostileAnswer => (fault.RetryAfter is { } wait ? reply.With("Retry-After", wait) : reply) with { Status = fault.Status, Body = Encoding.UTF8.GetBytes(fault.Body) },
        _ => reply,
    };

    /// <summary>What is to happen while the work is done.</summary>
    public static Exchange Prepare(FaultRule? whole, IReadOnlyList<FaultRule> items)
    {
        var errors = new ItemErrors();
        foreach (var fault in items)
        {
            var seen = 0;
            errors.Order((method, record) => !fault.IsAboutRecord(method, record) || (fault.Item >= 0 && seen++ != fault.Item) || !fault.Fire() ? null
                : fault.Kind == FaultKind.RowLock ? Errors.RowLocked() : ErrorOf(fault));
        }
        return new Exchange
        {
            ItemErrors = errors,
            HoldCommit = whole?.Kind == FaultKind.LateCommit,
            PageSize = whole?.Kind == FaultKind.ShortPage ? Math.Max(1, whole.Item) : null,
        };
    }

    private static ApiException ErrorOf(FaultRule fault) => new(fault.Status, fault.Code, fault.Message, [.. fault.Fields]);

    private static Reply Refuse(int status, string code, string message) => Reply.Error(new ApiException(status, code, message));
}
