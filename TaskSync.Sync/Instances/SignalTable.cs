using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>The rows by which instances tell each other something.</summary>
public sealed class SignalTable(ThisInstance self, IDbContextFactory<TaskSyncDb> databases, SignalBell bell, TimeProvider time)
{
    /// <summary>How far back each read looks: clocks differ by a second, and a row is seen only when it is committed.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    /// <summary>Nobody looks for older ones.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Guid, DateTimeOffset> _heard = [];

    /// <summary>Writes rows of this instance, and rings.</summary>
    /// <returns>How long it took: the rows are stamped with its beginning.</returns>
    public async Task<TimeSpan> WriteAsync(IEnumerable<(SignalKind Kind, Guid Subject)> said, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Signals.AddRange(said.Select(one => new Signal { Id = NewId.Next(), At = now, InstanceId = self.Id, Kind = one.Kind, Subject = one.Subject }));
        await db.SaveChangesAsync(cancellationToken);
        await bell.RingAsync(db, cancellationToken);
        return time.GetUtcNow() - now;
    }

    /// <summary>What others wrote since the last read. One read at a time.</summary>
    public async Task<IReadOnlyList<Signal>> ReadAsync(CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - Overlap;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.Signals.AsNoTracking().Where(s => s.At >= since && s.InstanceId != self.Id).OrderBy(s => s.At).ToListAsync(cancellationToken);
        foreach (var old in _heard.Where(pair => pair.Value < since - Overlap).Select(pair => pair.Key).ToList())
        {
            _heard.Remove(old);
        }

        return [.. found.Where(signal => _heard.TryAdd(signal.Id, signal.At))];
    }

    /// <summary>Throws old rows away.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        var old = time.GetUtcNow() - Kept;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Signals.Where(s => s.At < old).ExecuteDeleteAsync(cancellationToken);
    }
}
