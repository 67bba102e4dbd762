using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>PostgreSQL tells the others at once that there are new signals. Where it does not, and on SQL Server, the table is read half a second later.</summary>
public sealed partial class SignalBell(ThisInstance self, IDbContextFactory<TaskSyncDb> databases, TimeProvider time, ILogger<SignalBell> logger)
{
    private const string Channel = "tasksync_signals";

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    /// <summary>A connection that says nothing for so long is asked whether it is still there.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private TaskCompletionSource _rung = NewRing();

    /// <summary>Whether PostgreSQL rings: then the table need not be read so often.</summary>
    internal bool IsListening { get; private set; }

    /// <summary>Ends at the next ring of another instance.</summary>
    internal Task Rung
    {
        get
        {
            if (_rung.Task.IsCompleted)
            {
                _rung = NewRing();
            }

            return _rung.Task;
        }
    }

    /// <summary>There are new rows.</summary>
    internal async Task RingAsync(TaskSyncDb db, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql())
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, {self.Id})", cancellationToken);
        }
    }

    /// <summary>Listens while there is somebody to hear.</summary>
    internal async Task ListenAsync(Neighbours neighbours, CancellationToken stoppingToken)
    {
        await using (var db = await databases.CreateDbContextAsync(stoppingToken))
        {
            if (!db.Database.IsNpgsql())
            {
                return;
            }
        }

        while (true)
        {
            try
            {
                if (neighbours.Any)
                {
                    await ListenWhileAsync(neighbours, stoppingToken);
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                LogDeaf(failure.GetType().Name);
            }

            await Task.Delay(Again, time, stoppingToken);
        }
    }

    private async Task ListenWhileAsync(Neighbours neighbours, CancellationToken stoppingToken)
    {
        await using var db = await databases.CreateDbContextAsync(stoppingToken);
        db.Database.SetCommandTimeout(Again);
        await db.Database.OpenConnectionAsync(stoppingToken);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        connection.Notification += OnNotification;
        try
        {
            await db.Database.ExecuteSqlRawAsync($"LISTEN {Channel}", stoppingToken);
            IsListening = true;
            while (neighbours.Any)
            {
                if (!await connection.WaitAsync(Silence, stoppingToken))
                {
                    await db.Database.ExecuteSqlRawAsync("SELECT 1", stoppingToken);
                }
            }

            await db.Database.ExecuteSqlRawAsync($"UNLISTEN {Channel}", stoppingToken);
        }
        finally
        {
            IsListening = false;
            connection.Notification -= OnNotification;
        }
    }

    private void OnNotification(object sender, NpgsqlNotificationEventArgs notification)
    {
        if (notification.Payload != self.Id)
        {
            _rung.TrySetResult();
        }
    }

    private static TaskCompletionSource NewRing() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL does not ring for signals of other instances, which are read every half second all the same: {Failure}")]
    private partial void LogDeaf(string failure);
}
