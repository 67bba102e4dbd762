using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Salesforce;
using TaskSync.Web.Security;

namespace TaskSync.Web.Salesforce;

/// <summary>OAuth 2.0 web-server flow: POST /salesforce/connect leads to Salesforce, GET /salesforce/callback comes back from it.</summary>
public static partial class ConnectEndpoints
{
    public const string CallbackPath = "/salesforce/callback";

    public static void MapSalesforceConnect(this WebApplication app)
    {
        app.MapPost("/salesforce/connect", Connect).RequireForgeryToken();
        app.MapGet(CallbackPath, CallbackAsync);
    }

    private static IResult Connect(HttpContext http, SalesforceOAuth oauth, IConfiguration configuration)
    {
        var (verifier, challenge) = SalesforceOAuth.NewProof();
        var begun = new ConnectState(ConnectState.NewState(), verifier, http.User.PersonId()!.Value, http.User.SessionId());
        begun.Remember(http);
        return TypedResults.Redirect(oauth.AuthorizeUri(begun.State, challenge, CallbackUrl(http, configuration), http.User.Email()).AbsoluteUri);
    }

    private static async Task<IResult> CallbackAsync(
        HttpContext http, SalesforceOAuth oauth, ConnectionService connections, UsedStates used, ConnectMessages messages, SyncDoorbell doorbell, IConfiguration configuration,
        ILogger<UsedStates> logger, [FromQuery] string? code, [FromQuery] string? state, [FromQuery] string? error,
        [FromQuery(Name = "error_description")] string? errorDescription, CancellationToken cancellationToken)
    {
        var personId = http.User.PersonId()!.Value;
        if (ConnectState.Take(http) is not { } begun || !begun.Matches(state) || begun.PersonId != personId || begun.Session != http.User.SessionId() || !used.Use(begun.State))
        {
            return Settings(ConnectMessage.Stale);
        }

        if (!string.IsNullOrEmpty(error))
        {
            return error == "access_denied"
                ? Settings(ConnectMessage.Denied)
                : Settings(messages.Keep(personId, Words(SalesforceErrors.For(error, errorDescription)), errorDescription ?? error));
        }

        if (string.IsNullOrEmpty(code))
        {
            return Settings(ConnectMessage.Stale);
        }

        try
        {
            var grant = await oauth.RedeemAsync(code, begun.Verifier, CallbackUrl(http, configuration), cancellationToken);
            var result = await connections.ConnectAsync(personId, grant, CancellationToken.None);
            if (result is ConnectResult.Connected connected)
            {
                // After a reconnect, what has been waiting goes out at once.
                doorbell.Ring(connected.ConnectionId, readChanges: true);
            }

            return result switch
            {
                ConnectResult.Connected { SyncTurnedOff: true } => Settings(ConnectMessage.ConnectedAsAnother),
                ConnectResult.Connected => Settings(ConnectMessage.Connected),
                ConnectResult.Refused refused => Settings(messages.Keep(personId, refused.Words, null)),
                ConnectResult.Failed failed => Settings(messages.Keep(personId, Words(SalesforceErrors.For(failed.Failure)), failed.Failure.Message)),
                _ => Settings(ConnectMessage.Stale),
            };
        }
        catch (SalesforceCallException failure)
        {
            LogFailed(logger, failure.Failure.Code);
            return Settings(messages.Keep(personId, Words(SalesforceErrors.For(failure.Failure)), failure.Failure.Message));
        }
    }

    /// <summary>Where Salesforce sends the browser back to: the public address when there is a proxy, else the one that was asked.</summary>
    private static Uri CallbackUrl(HttpContext http, IConfiguration configuration) =>
        configuration["Web:PublicUrl"] is { Length: > 0 } address
            ? new Uri(address.TrimEnd('/') + CallbackPath)
            : new Uri($"{http.Request.Scheme}://{http.Request.Host}{CallbackPath}");

    /// <summary>What happened, and the way out.</summary>
    private static string Words(ErrorAdvice advice) => $"{advice.Words} {advice.WhatToDo}";

    private static IResult Settings(string message) => TypedResults.LocalRedirect("/settings?connect=" + message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connecting to Salesforce failed: {Code}.")]
    private static partial void LogFailed(ILogger logger, string code);
}
