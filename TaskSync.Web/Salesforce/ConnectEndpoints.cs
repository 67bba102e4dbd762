using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Web.Hosting;
using TaskSync.Web.Security;

namespace TaskSync.Web.Salesforce;

/// <summary>OAuth 2.0 web-server flow: POST /salesforce/connect leads to Salesforce, GET /salesforce/callback comes back from it.</summary>
public static partial class ConnectEndpoints
{
    public const string CallbackPath = "/salesforce/callback";

    public static void MapSalesforceConnect(this WebApplication app)
    {
        app.MapPost("/salesforce/connect", Connect).RequireForgeryToken().RequireRateLimiting(Limits.Connects);
        app.MapPost("/salesforce/connect-reader", ConnectReader).RequireForgeryToken().RequireAuthorization(Policies.Admin).RequireRateLimiting(Limits.Connects);
        app.MapGet(CallbackPath, CallbackAsync).RequireRateLimiting(Limits.Connects);
    }

    private static IResult Connect(HttpContext http, SalesforceOAuth oauth, IOptions<WebOptions> web) => Begin(http, oauth, web.Value, forReader: false, http.User.Email());

    /// <summary>An admin signs in as the integration user, who will read for everybody.</summary>
    private static IResult ConnectReader(HttpContext http, SalesforceOAuth oauth, IOptions<WebOptions> web) => Begin(http, oauth, web.Value, forReader: true, loginHint: null);

    private static IResult Begin(HttpContext http, SalesforceOAuth oauth, WebOptions web, bool forReader, string? loginHint)
    {
        var (verifier, challenge) = SalesforceOAuth.NewProof();
        var begun = new ConnectState(ConnectState.NewState(), verifier, http.User.PersonId()!.Value, http.User.SessionId(), forReader);
        begun.Remember(http);
        return TypedResults.Redirect(oauth.AuthorizeUri(begun.State, challenge, CallbackUrl(http, web), loginHint).AbsoluteUri);
    }

    private static async Task<IResult> CallbackAsync(
        HttpContext http, SalesforceOAuth oauth, ConnectionService connections, ReaderService readers, ConnectNotes notes, SyncDoorbell doorbell, IOptions<WebOptions> web,
        ILogger<ConnectNotes> logger, [FromQuery] string? code, [FromQuery] string? state, [FromQuery] string? error,
        [FromQuery(Name = "error_description")] string? errorDescription, CancellationToken cancellationToken)
    {
        var person = http.User.Actor()!;
        var personId = person.Id;
        if (ConnectState.Take(http) is not { } begun || !begun.Matches(state) || begun.PersonId != personId || begun.Session != http.User.SessionId() || !await notes.UseStateAsync(personId, begun.State, cancellationToken))
        {
            return Settings(ConnectMessage.Stale);
        }

        Func<string, IResult> back = begun.ForReader ? Organizations : Settings;
        async Task<IResult> TellAsync(string words, string? exact) => back(await notes.KeepAsync(personId, new(words, exact), CancellationToken.None));

        if (begun.ForReader && !person.IsAdmin)
        {
            return Settings(ConnectMessage.Stale);
        }

        if (!string.IsNullOrEmpty(error))
        {
            return error == "access_denied"
                ? back(ConnectMessage.Denied)
                : await TellAsync(Words(SalesforceErrors.For(error, errorDescription)), errorDescription ?? error);
        }

        if (string.IsNullOrEmpty(code))
        {
            return back(ConnectMessage.Stale);
        }

        try
        {
            var grant = await oauth.RedeemAsync(code, begun.Verifier, CallbackUrl(http, web.Value), cancellationToken);
            var result = begun.ForReader
                ? await readers.ConnectAsync(person, grant, CancellationToken.None)
                : await connections.ConnectAsync(personId, grant, CancellationToken.None);
            if (result is ConnectResult.Connected connected)
            {
                // After a reconnect, what has been waiting goes out at once.
                doorbell.Ring(connected.ConnectionId, readChanges: true);
            }

            return result switch
            {
                ConnectResult.Connected { SyncTurnedOff: true } => back(ConnectMessage.ConnectedAsAnother),
                ConnectResult.Connected => back(ConnectMessage.Connected),
                ConnectResult.Refused refused => await TellAsync(refused.Words, null),
                ConnectResult.Failed failed => await TellAsync(Words(SalesforceErrors.For(failed.Failure)), failed.Failure.Message),
                _ => back(ConnectMessage.Stale),
            };
        }
        catch (SalesforceCallException failure)
        {
            LogFailed(logger, failure.Failure.Code);
            return await TellAsync(Words(SalesforceErrors.For(failure.Failure)), failure.Failure.Message);
        }
    }

    /// <summary>Where Salesforce sends the browser back to: the public address when there is a proxy, else the one that was asked.</summary>
    internal static Uri CallbackUrl(HttpContext http, WebOptions web) =>
        web.PublicUrl is { Length: > 0 } address
            ? new Uri(address.TrimEnd('/') + CallbackPath)
            : new Uri($"{http.Request.Scheme}://{http.Request.Host}{CallbackPath}");

    /// <summary>What happened, and the way out.</summary>
    private static string Words(ErrorAdvice advice) => $"{advice.Words} {advice.WhatToDo}";

    private static IResult Organizations(string message) => TypedResults.LocalRedirect("/admin/organizations?connect=" + message);

    private static IResult Settings(string message) => TypedResults.LocalRedirect("/settings?connect=" + message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connecting to Salesforce failed: {Code}.")]
    private static partial void LogFailed(ILogger logger, string code);
}
