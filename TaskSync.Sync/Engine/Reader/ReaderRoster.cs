using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>How a connection's changes are read now.</summary>
/// <param name="Follows">The org's reader reads for it.</param>
/// <param name="MayJoin">There is a serving reader that sees all that this connection syncs.</param>
/// <param name="HasRead">The reader has read since this process began: before that a follower sends nothing, for the database may have been restored from a backup.</param>
public readonly record struct ReaderStanding(bool Follows, bool MayJoin, bool HasRead);

/// <summary>
/// Who follows an org's reader. Whoever joins takes the reader's cursor back to where their own reading has got, whoever leaves takes it along:
/// between the two nothing is left out, and what is read twice does nothing.
/// </summary>
public sealed class ReaderRoster(IDbContextFactory<TaskSyncDb> databases, SyncDoorbell doorbell, ChangeFeed feed, TimeProvider time)
{
    private readonly DateTimeOffset _began = time.GetUtcNow();
    private readonly ConcurrentDictionary<string, byte> _haveRead = new(StringComparer.Ordinal);

    /// <summary>Who reads for a connection.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="follows">Its cursor says that the reader does.</param>
    /// <param name="reader">What the org's serving reader sees; null when none serves.</param>
    /// <param name="readerSucceededAt">When it was last known to have read everything (UTC).</param>
    internal ReaderStanding Standing(SyncContext context, bool follows, OrgSchema? reader, DateTimeOffset? readerSucceededAt) =>
        new(follows, !follows && reader is not null && Covers(reader, context.Schema), _haveRead.ContainsKey(context.Connection.OrganizationId) || readerSucceededAt > _began);

    /// <summary>The org's reader has read. After the first time its followers begin to send; who has nothing of its own to do is left alone.</summary>
    internal async Task HasReadAsync(string organizationId, CancellationToken cancellationToken)
    {
        if (!_haveRead.TryAdd(organizationId, 0))
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        (await OwnWork.Of(db).Where(c => c.OrganizationId == organizationId).Select(c => c.Id).ToListAsync(cancellationToken)).ForEach(id => doorbell.Ring(id));
    }

    /// <summary>Another instance had the shard, or the database is another one: followers send nothing before the reader has read again.</summary>
    internal void Forget(string organizationId) => _haveRead.TryRemove(organizationId, out _);

    /// <summary>
    /// Whether a reader sees all that a rep syncs: every field, and the key of creates. Without a key a row that the reader shows before the answer
    /// to its create has come could not be told from a foreign one, so such a rep reads alone (S5).
    /// </summary>
    public static bool Covers(OrgSchema reader, OrgSchema rep) =>
        (rep.Readable & ~reader.Readable) == TaskFields.None && rep.Key != KeyPlace.None && rep.Key == reader.Key;

    /// <summary>From here on the reader reads for the connection.</summary>
    /// <param name="context">The connection, which has just read on its own.</param>
    /// <param name="reached">How far it has read, in Salesforce's time.</param>
    /// <param name="cancellationToken">Cancels; nothing has changed then.</param>
    public async Task JoinAsync(SyncContext context, DateTimeOffset reached, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ShardFences.CheckAsync(db, context.Fence, cancellationToken);
        var reader = await db.Readers.AsNoTracking()
            .FirstOrDefaultAsync(r => r.OrganizationId == context.Connection.OrganizationId && r.State == ReaderState.Serving, cancellationToken);
        if (reader is null)
        {
            return;
        }

        var own = await db.Cursors.AsNoTracking().FirstAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken);
        var (fast, updated, deleted) = (Earlier(reader.Fast, reached), Earlier(reader.SweepUpdated, own.SweepUpdated), Earlier(reader.SweepDeleted, own.SweepDeleted));
        var joined = await db.Readers.Where(r => r.ConnectionId == reader.ConnectionId && r.State == ReaderState.Serving && r.Roster == reader.Roster)
            .ExecuteUpdateAsync(
                set => set.SetProperty(r => r.Fast, fast).SetProperty(r => r.SweepUpdated, updated).SetProperty(r => r.SweepDeleted, deleted)
                    .SetProperty(r => r.Roster, r => r.Roster + 1), cancellationToken);
        if (joined == 1)
        {
            await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.FollowsReader, true), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Inside the caller's transaction: whoever follows but is paused, off or to be reconnected reads on their own from where the reader has got.</summary>
    public static async Task LeaveStoppedAsync(TaskSyncDb db, string organizationId, CancellationToken cancellationToken)
    {
        var active = Followers.Active(db, organizationId);
        var stopped = await db.Cursors
            .Where(c => c.FollowsReader && db.Connections.Any(x => x.Id == c.ConnectionId && x.OrganizationId == organizationId) && !active.Any(x => x.Id == c.ConnectionId))
            .Select(c => c.ConnectionId).ToListAsync(cancellationToken);
        foreach (var chunk in stopped.Chunk(500))
        {
            await Following.LeaveAsync(db, organizationId, chunk, cancellationToken);
        }
    }

    /// <summary>Inside the transaction in which a person's sync stops or is paused (F7): from where the reader has got they read on their own.</summary>
    public static async Task LeaveAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        var following = await db.Connections
            .Where(c => c.PersonId == personId && c.Kind == ConnectionKind.Rep && db.Cursors.Any(x => x.ConnectionId == c.Id && x.FollowsReader))
            .Select(c => new { c.Id, c.OrganizationId }).ToListAsync(cancellationToken);
        foreach (var connection in following)
        {
            await Following.LeaveAsync(db, connection.OrganizationId, [connection.Id], cancellationToken);
        }
    }

    /// <summary>Everybody of the org whom no reader reads for looks at once how to read from now on.</summary>
    public async Task RingAloneAsync(string organizationId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var people = await db.People
            .Where(p => p.SyncEnabled && db.Connections.Any(c => c.Id == p.ConnectionId && c.OrganizationId == organizationId)
                && !db.Cursors.Any(c => c.ConnectionId == p.ConnectionId && c.FollowsReader))
            .Select(p => new { p.Id, p.ConnectionId }).ToListAsync(cancellationToken);
        foreach (var person in people)
        {
            feed.Publish(person.Id);
            doorbell.Ring(person.ConnectionId!.Value, readChanges: true);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
