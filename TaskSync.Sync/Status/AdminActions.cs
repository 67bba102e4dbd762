using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>What an admin can do. Each operation checks the role itself; the name of the acting admin is kept with what was done.</summary>
public sealed partial class AdminActions(
    IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, SyncDoorbell doorbell, AskedReads asked, ChangeFeed feed, ILogger<AdminActions> log)
{
    private const int MaxReason = 250;
    private const int ChunkSize = 200;

    /// <summary>Pauses all sync. Changes wait; reps see the reason.</summary>
    public async Task PauseAllAsync(Actor admin, string? reason, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await SetControlAsync(control =>
        {
            control.PausedAt ??= clock.GetUtcNow();
            control.PausedBy = Cut(admin.Name);
            control.Reason = Cut(reason);
        }, cancellationToken);
        LogPausedAll(log, admin.Id);
        await PublishAllAsync(ring: false, cancellationToken);
    }

    /// <summary>Ends the pause of everybody; people who were paused one by one stay paused.</summary>
    public async Task ResumeAllAsync(Actor admin, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await SetControlAsync(control =>
        {
            control.PausedAt = null;
            control.PausedBy = Cut(admin.Name);
            control.Reason = null;
        }, cancellationToken);
        LogResumedAll(log, admin.Id);
        await PublishAllAsync(ring: true, cancellationToken);
    }

    /// <summary>Pauses one person's sync. False when there is no such person.</summary>
    public async Task<bool> PauseAsync(Actor admin, Guid personId, string? reason, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        var known = await databases.TransactAsync(
            async db =>
            {
                if (await db.People.FindAsync([personId], cancellationToken) is not { } person)
                {
                    return false;
                }

                // The org's reader goes on without them, who must miss nothing afterwards.
                await ReaderRoster.LeaveAsync(db, personId, cancellationToken);
                person.PausedAt ??= clock.GetUtcNow();
                person.PauseReason = Pauses.By(Cut(admin.Name) ?? "an admin", Cut(reason));
                return true;
            },
            cancellationToken);
        if (known)
        {
            LogPaused(log, admin.Id, personId);
            feed.Publish(personId);
        }

        return known;
    }

    /// <summary>False when there is no such person.</summary>
    public async Task<bool> ResumeAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        Guid? connection = null;
        var known = await databases.ChangePersonAsync(personId, person =>
        {
            (person.PausedAt, person.PauseReason) = (null, null);
            connection = person.ConnectionId;
        }, cancellationToken);
        if (known)
        {
            LogResumed(log, admin.Id, personId);
            feed.Publish(personId);
            Ring(connection);
        }

        return known;
    }

    /// <summary>Has Salesforce looked at for one person now.</summary>
    public async Task<AskedRead> SyncNowAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { IsSyncing: true, Connection: { } connection })
        {
            return AskedRead.Off;
        }

        return asked.Ask(await db.ReaderOfAsync(connection, cancellationToken));
    }

    /// <summary>Compares everybody's linked tasks with Salesforce now, everybody whose sync is on. Returns how many people that is.</summary>
    public async Task<int> AuditNowAsync(Actor admin, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var syncing = await db.People.Where(p => p.SyncEnabled && p.ConnectionId != null && db.Cursors.Any(c => c.ConnectionId == p.ConnectionId))
            .Select(p => p.ConnectionId!.Value).ToListAsync(cancellationToken);
        await ProblemRetry.AskForAuditAsync(db.Cursors.Where(c => db.People.Any(p => p.SyncEnabled && p.ConnectionId == c.ConnectionId)), cancellationToken);
        LogAudit(log, admin.Id, syncing.Count);
        syncing.ForEach(id => Ring(id));
        return syncing.Count;
    }

    /// <summary>Sends again what the open problems of one code, or of all codes (null), hold up. Those that each rep has to look at first are left alone. Returns how many were retried.</summary>
    public async Task<int> RetryAllAsync(Actor admin, string? code, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        List<Guid> ids;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            var open = await db.Problems.Where(p => p.State == ProblemState.Open && (code == null || p.Code == code))
                .OrderBy(p => p.FirstSeenAt).Select(p => new { p.Id, p.Code }).ToListAsync(cancellationToken);
            ids = [.. open.Where(p => !ProblemRetry.IsForTheRep(p.Code)).Select(p => p.Id)];
        }

        var count = 0;
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            var retried = await ProblemRetry.RunAsync(databases, clock, db => db.Problems.Where(p => chunk.Contains(p.Id)), cancellationToken);
            retried.Announce(doorbell, feed);
            count += retried.Problems;
        }

        LogRetried(log, admin.Id, count);
        return count;
    }

    private Task SetControlAsync(Action<SyncControl> change, CancellationToken cancellationToken) => databases.TransactAsync(
        async db =>
        {
            var control = await db.Control.SingleOrDefaultAsync(cancellationToken);
            if (control is null)
            {
                control = new SyncControl();
                db.Control.Add(control);
            }

            change(control);
        },
        cancellationToken);

    private async Task PublishAllAsync(bool ring, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var person in await db.People.Where(p => p.SyncEnabled).Select(p => new { p.Id, p.ConnectionId }).ToListAsync(cancellationToken))
        {
            feed.Publish(person.Id);
            Ring(ring ? person.ConnectionId : null);
        }
    }

    private void Ring(Guid? connectionId)
    {
        if (connectionId is { } id)
        {
            doorbell.Ring(id, readChanges: true);
        }
    }

    private static string? Cut(string? text) => Texts.Fitting(text, MaxReason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} paused all sync.")]
    private static partial void LogPausedAll(ILogger log, Guid adminId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} resumed all sync.")]
    private static partial void LogResumedAll(ILogger log, Guid adminId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} paused the sync of person {PersonId}.")]
    private static partial void LogPaused(ILogger log, Guid adminId, Guid personId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} resumed the sync of person {PersonId}.")]
    private static partial void LogResumed(ILogger log, Guid adminId, Guid personId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} asked for an audit of {Count} people.")]
    private static partial void LogAudit(ILogger log, Guid adminId, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} retried {Count} problems.")]
    private static partial void LogRetried(ILogger log, Guid adminId, int count);
}
