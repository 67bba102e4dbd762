namespace TaskSync.Web.Security;

/// <summary>Looks every few seconds whether the sign-ins with open pages still count: a live circuit asks for no cookie, and another server may have ended one.</summary>
public sealed partial class SessionWatch(OpenPages pages, SessionCheck check, TimeProvider time, ILogger<SessionWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // The database does not answer. Pages that need it say so themselves; the next look is in a moment.
                LogNotAsked(failure.GetType().Name);
            }
        }
    }

    /// <summary>Tells the pages whose sign-in has ended.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (pages.Sessions is { Count: > 0 } sessions)
        {
            foreach (var (session, end) in await check.LookAsync(sessions, cancellationToken))
            {
                pages.End(session, end);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-ins of open pages could not be looked up: {Failure}")]
    private partial void LogNotAsked(string failure);
}
