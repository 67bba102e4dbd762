using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine;

/// <summary>Whoever opens a page sees what Salesforce has now: the connection is looked at.</summary>
public sealed partial class Arrivals(Presence presence, AskedReads asked, PersonConnections connections, ILogger<Arrivals> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        presence.Arrived += OnArrived;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        presence.Arrived -= OnArrived;
        return Task.CompletedTask;
    }

    private void OnArrived(Guid personId) => _ = ArriveAsync(personId);

    private async Task ArriveAsync(Guid personId)
    {
        try
        {
            if (await connections.CurrentAsync(personId, CancellationToken.None) is { } connectionId)
            {
                asked.Arrive(connectionId);
            }
        }
        catch (Exception failure)
        {
            // The next poll finds the work; nobody who opens a page is to be bothered with it.
            LogNotRung(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page was opened and its connection could not be looked at: the next poll does.")]
    private partial void LogNotRung(Exception failure);
}
