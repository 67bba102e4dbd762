using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>One call to make.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">Below the instance address, beginning with /services/.</param>
/// <param name="Purpose">What it is counted as.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, ApiPurpose Purpose)
{
    /// <summary>Makes the body anew for each attempt; null for none.</summary>
    public Func<SalesforceSession, HttpContent>? Content { get; init; }

    /// <summary>Whether sending it twice does no harm.</summary>
    public bool IsRead { get; init; } = Method == HttpMethod.Get;

    /// <summary>It is answered without a sign-in and counts against no limit, so no token goes with it.</summary>
    public bool IsOpen { get; init; }

    /// <summary>SOAP tells its errors differently.</summary>
    public Func<HttpAnswer, CallFailure> ReadFailure { get; init; } = ErrorBody.Of;
}

/// <summary>A successful answer.</summary>
/// <param name="Http">The answer as it came.</param>
/// <param name="ServerTime">Salesforce's clock when it answered (UTC).</param>
/// <param name="Session">Whose token was used.</param>
internal sealed record ApiAnswer(HttpAnswer Http, DateTimeOffset ServerTime, SalesforceSession Session);

/// <summary>
/// Makes authenticated calls: puts the token on, counts, learns the allowance and the clock from the headers, and after a 401, or where the
/// org is no longer at its address, refreshes once and tries once more (REST guide, "Headers", "Status Codes and Error Responses").
/// </summary>
internal sealed partial class SalesforceGateway(
    SalesforceSessions sessions, ConnectionStates states, ApiCallCounter counter, ClockOffset clock, SalesforceHttp http, ILogger<SalesforceGateway> logger)
{
    /// <summary>So many fresh sign-ins may be refused in a row, each after the engine's back-off, before the rep is asked to reconnect.</summary>
    private const int MostRefusals = 5;

    private readonly ConcurrentDictionary<Guid, int> _refusedInARow = new();

    public async Task<ApiAnswer> SendAsync(Caller caller, ApiRequest request, CancellationToken cancellationToken)
    {
        await caller.AskAsync(cancellationToken);
        var session = await sessions.CurrentAsync(caller, cancellationToken);
        var answer = await ExchangeAsync(session, request, cancellationToken);
        if (answer.Failure is { } refused && CanRefresh(request, refused))
        {
            session = await sessions.AfterRefusalAsync(session, cancellationToken);
            await caller.Ask(cancellationToken);
            answer = await ExchangeAsync(session, request, cancellationToken);
        }

        if (answer.Failure is { MayHaveMoved: true } lost && await sessions.AfterMoveAsync(session, lost, cancellationToken) is { } moved && MayRepeat(request, lost))
        {
            session = moved;
            await caller.Ask(cancellationToken);
            answer = await ExchangeAsync(session, request, cancellationToken);
        }

        if (answer.Http is not { IsSuccess: true } http)
        {
            throw await FailedAsync(session, request, answer);
        }

        if (!request.IsOpen)
        {
            _refusedInARow.TryRemove(caller.ConnectionId, out _);
        }

        return new ApiAnswer(http, ServerTime(session, http), session);
    }

    /// <summary>An expired token is renewed; a refusal of the app as such is not, or it would go on for ever.</summary>
    private static bool CanRefresh(ApiRequest request, CallFailure failure) =>
        failure.Code is ErrorCodes.InvalidSessionId or FailureCodes.SignInPage
        && SalesforceErrors.For(failure).Owner != ErrorOwner.SalesforceAdmin
        && MayRepeat(request, failure);

    private static bool MayRepeat(ApiRequest request, CallFailure failure) => failure.NotApplied || request.IsRead;

    private async Task<Exchanged> ExchangeAsync(SalesforceSession session, ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, session.InstanceUrl + request.Path) { Content = request.Content?.Invoke(session) };
        message.Headers.Authorization = request.IsOpen ? null : new AuthenticationHeaderValue("Bearer", session.AccessToken);
        var timeout = request.Purpose == ApiPurpose.Import ? SalesforceHttp.ImportTimeout : SalesforceHttp.CallTimeout;
        var wasSent = true;
        try
        {
            var answer = await http.SendAsync(message, timeout, cancellationToken);
            Learn(session, answer);

            // Who is not let in takes nothing of the allowance.
            wasSent = answer.Status != 401;
            return new Exchanged(answer, answer.IsSuccess ? null : request.ReadFailure(answer), null);
        }
        catch (SalesforceCallException e)
        {
            wasSent = !e.Failure.NotApplied;
            return new Exchanged(null, e.Failure, e);
        }
        finally
        {
            if (wasSent && !request.IsOpen)
            {
                counter.Count(session.ConnectionId, session.OrganizationId, request.Purpose);
            }
        }
    }

    private void Learn(SalesforceSession session, HttpAnswer answer)
    {
        if (answer.Date is { } date)
        {
            clock.Observe(session.OrganizationId, date, answer.ReceivedAt);
        }

        // The header may carry more than this, before or after it.
        if (answer.LimitInfo is { } info && ApiUsage().Match(info) is { Success: true } usage
            && int.TryParse(usage.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var used)
            && int.TryParse(usage.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var limit))
        {
            counter.Observe(session.OrganizationId, used, limit);
        }
    }

    private DateTimeOffset ServerTime(SalesforceSession session, HttpAnswer answer) =>
        answer.Date ?? answer.ReceivedAt + (clock.OffsetOf(session.OrganizationId) ?? TimeSpan.Zero);

    private async Task<SalesforceCallException> FailedAsync(SalesforceSession session, ApiRequest request, Exchanged exchanged)
    {
        if (exchanged.Exception is { } noAnswer)
        {
            return noAnswer;
        }

        var failure = exchanged.Failure!;
        LogFailed(session.ConnectionId, request.Purpose, failure.Code, failure.HttpStatus, failure.NotApplied);

        if (CanRefresh(request, failure) && _refusedInARow.AddOrUpdate(session.ConnectionId, 1, (_, times) => times + 1) < MostRefusals)
        {
            // Refused although it was just renewed. Whether the grant is dead, only the token endpoint can say: the next call asks it.
            // When that goes on, a policy of the org refuses these sessions, and only a person can help.
            failure = failure with { Class = FailureClass.Intermittent };
        }

        // Only Salesforce's own words end a sign-in, not a proxy's.
        else if (failure is { Class: FailureClass.Auth, NotApplied: true })
        {
            await states.MarkNeedsReconnectAsync(session.ConnectionId, SalesforceErrors.Explain(failure.Code, failure.Message), failure.Code, ifTokenIs: session.SealedToken);
        }

        return new SalesforceCallException(failure);
    }

    /// <summary>What came of one request: an answer, with its failure unless it succeeded, or the exception that stands for no answer.</summary>
    private sealed record Exchanged(HttpAnswer? Http, CallFailure? Failure, SalesforceCallException? Exception);

    [GeneratedRegex(@"(?<![\w-])api-usage=(\d+)/(\d+)(?![\d/])")]
    private static partial Regex ApiUsage();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Salesforce call of connection {ConnectionId} ({Purpose}) failed: {Code} (HTTP {Status}), known not applied: {NotApplied}")]
    private partial void LogFailed(Guid connectionId, ApiPurpose purpose, string code, int? status, bool notApplied);
}
