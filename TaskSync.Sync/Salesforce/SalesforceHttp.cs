using System.Globalization;
using Microsoft.Extensions.Logging;

namespace TaskSync.Sync.Salesforce;

/// <summary>A whole answer in memory.</summary>
internal sealed record HttpAnswer(int Status, byte[] Body, DateTimeOffset? Date, DateTimeOffset ReceivedAt, string? LimitInfo)
{
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>How long the answer asks us to wait before the next request (Retry-After); null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>
/// One exchange over the wire: buffered, limited in size and time, never redirected. Here it is decided whether a failed request may have been
/// applied (S5): only what was provably not written counts as not applied.
/// </summary>
internal sealed partial class SalesforceHttp(IHttpClientFactory clients, TimeProvider time, ILogger logger)
{
    /// <summary>Name of the client in <see cref="IHttpClientFactory"/>.</summary>
    public const string ClientName = "Salesforce";

    /// <summary>2,000 rows with long details stay well below; more is nonsense or an attack.</summary>
    public const int MaxAnswerBytes = 64 * 1024 * 1024;

    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan ImportTimeout = TimeSpan.FromSeconds(120);

    /// <summary>Revoking is done as well as can be, while a person waits.</summary>
    public static readonly TimeSpan RevokeTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MostApart = TimeSpan.FromDays(1);

    /// <summary>Sends and reads the whole answer. Any status is an answer; no answer is a <see cref="SalesforceCallException"/>.</summary>
    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            var receivedAt = time.GetUtcNow();
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, linked.Token);
            var body = await response.Content.ReadAsByteArrayAsync(linked.Token);
            var limit = response.Headers.TryGetValues("Sforce-Limit-Info", out var values) ? string.Join(';', values) : null;
            var date = Date(response, receivedAt);
            var retryAfter = response.Headers.RetryAfter is { } retry ? retry.Delta ?? (retry.Date - (date ?? receivedAt)) : null;
            return new HttpAnswer((int)response.StatusCode, body, date, receivedAt, limit) { RetryAfter = retryAfter };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !deadline.IsCancellationRequested)
        {
            // Not our deadline but the handler's, for making a connection.
            throw Failed(FailureCodes.ConnectionFailed, "Salesforce could not be reached.", e, notApplied: true);
        }
        catch (OperationCanceledException e)
        {
            throw Failed(FailureCodes.Timeout, string.Create(CultureInfo.InvariantCulture, $"Salesforce did not answer within {timeout.TotalSeconds:0} seconds."), e, notApplied: false);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            throw Failed(FailureCodes.ConnectionFailed, "Salesforce could not be reached.", e, notApplied: true);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse)
        {
            throw Failed(FailureCodes.UnreadableAnswer, "Salesforce's answer was too large or not HTTP.", e, notApplied: false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw Failed(FailureCodes.ConnectionBroken, "The connection to Salesforce broke during the call.", e, notApplied: false);
        }
    }

    /// <summary>Cursors follow Salesforce's clock: one of another day is nonsense, and would leave changes unread.</summary>
    private DateTimeOffset? Date(HttpResponseMessage response, DateTimeOffset receivedAt)
    {
        var date = response.Headers.Date?.ToUniversalTime();
        return (date - receivedAt)?.Duration() > MostApart
            ? throw Failed(FailureCodes.UnreadableAnswer, "The clocks of Salesforce and of this server are more than a day apart. Set the server's clock.", inner: null, notApplied: false)
            : date;
    }

    private SalesforceCallException Failed(string code, string message, Exception? inner, bool notApplied)
    {
        LogNoAnswer(logger, code, (inner as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown);
        return new SalesforceCallException(new CallFailure(FailureClass.Intermittent, code, message, HttpStatus: null, notApplied), inner);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "No answer from Salesforce: {Code} ({HttpError})")]
    private static partial void LogNoAnswer(ILogger logger, string code, HttpRequestError httpError);
}
