using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace TaskSync.Sync.Data;

/// <summary>
/// Looks whether the database can be used: its tables are ours, a row is read and another one written, over a connection of its own that no pool has kept warm.
/// One look at a time, and whoever asks again soon gets the same answer.
/// </summary>
/// <param name="open">Opens a database whose own waits are no longer than <see cref="LockWait"/>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told once when trouble begins, and once when it is over.</param>
public sealed partial class DatabaseProbe(Func<TaskSyncDb> open, TimeProvider time, ILogger<DatabaseProbe> logger)
{
    /// <summary>How long a look waits for a lock or a connection.</summary>
    public static readonly TimeSpan LockWait = TimeSpan.FromSeconds(4);

    /// <summary>A look that takes longer found a database that does not answer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(6);

    /// <summary>An answer is good for so long.</summary>
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<DatabaseTrouble?> _look = Task.FromResult<DatabaseTrouble?>(null);
    private long? _ended;
    private DatabaseTrouble? _said;

    /// <summary>What is wrong with the database; null when it can be used. Answers within six seconds.</summary>
    public async Task<DatabaseTrouble?> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Look().WaitAsync(Longest, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return DatabaseTrouble.Away;
        }
    }

    private Task<DatabaseTrouble?> Look()
    {
        lock (_gate)
        {
            if (_look.IsCompleted && (_ended is not { } ended || time.GetElapsedTime(ended) >= Trust))
            {
                // SQLite waits in the thread that asks.
                _look = Task.Run(TryAsync);
            }

            return _look;
        }
    }

    private async Task<DatabaseTrouble?> TryAsync()
    {
        var trouble = DatabaseTrouble.OtherTables;
        var kind = "";
        try
        {
            await using var db = open();
            if (await IsUsableAsync(db))
            {
                return Say(null, kind);
            }
        }
        catch (Exception failure)
        {
            (trouble, kind) = (DatabaseFailures.TroubleOf(failure) ?? DatabaseTrouble.Away, DatabaseFailures.KindOf(failure));
        }

        return Say(trouble, kind);
    }

    private async Task<bool> IsUsableAsync(TaskSyncDb db)
    {
        await db.Database.OpenConnectionAsync();
        if (!await DatabaseMigrator.IsCurrentAsync(db, CancellationToken.None))
        {
            return false;
        }

        var now = time.GetUtcNow();
        return await db.HealthMarks.ExecuteUpdateAsync(set => set.SetProperty(mark => mark.At, now)) == 1;
    }

    private DatabaseTrouble? Say(DatabaseTrouble? trouble, string kind)
    {
        _ended = time.GetTimestamp();
        if (trouble != _said && trouble is { } found)
        {
            LogTrouble(found, kind);
        }
        else if (trouble != _said)
        {
            LogWell();
        }

        return _said = trouble;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be used: {Trouble} ({Kind}). Pages say so until it can.")]
    private partial void LogTrouble(DatabaseTrouble trouble, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database can be used again.")]
    private partial void LogWell();
}
