using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>Reads the pill of one person, in one query.</summary>
public sealed class SyncPillQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>Off for an unknown person.</summary>
    public async Task<SyncPill> LoadAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var facts = await PillFacts.Of(db, db.People.Where(p => p.Id == personId)).FirstOrDefaultAsync(cancellationToken);
        return PillRules.Decide(facts, clock.GetUtcNow());
    }
}

/// <summary>What the pill is decided on.</summary>
internal sealed record PillFacts(
    Person Person, Connection? Connection, SyncControl? Control, InitialSync? Initial, int Waiting, int Problems, DateTimeOffset? ProblemsSince, int Conflicts, DateTimeOffset? ConflictsSince,
    DateTimeOffset? ReaderSucceededAt, DateTimeOffset? WriteDueAt)
{
    /// <summary>As of when both sides were in step (UTC), null when never.</summary>
    public DateTimeOffset? InStepAsOf => Connection is null ? null : InStep.AsOf(Connection, ReaderSucceededAt, WriteDueAt);

    /// <summary>Reads them for several people in one query.</summary>
    public static IQueryable<PillFacts> Of(TaskSyncDb db, IQueryable<Person> people) => people.AsNoTracking()
        .LeftJoin(db.Connections.AsNoTracking(), p => p.ConnectionId, c => c.Id, (p, c) => new { Person = p, Connection = c })
        .Select(row => new PillFacts(
            row.Person,
            row.Connection,
            db.Control.AsNoTracking().FirstOrDefault(),
            db.InitialSyncs.AsNoTracking().FirstOrDefault(i => i.ConnectionId == row.Person.ConnectionId),
            db.PendingWrites.Count(w => w.ConnectionId == row.Person.ConnectionId && w.ProblemId == null),
            db.Problems.Count(p => p.PersonId == row.Person.Id && p.State == ProblemState.Open),
            db.Problems.Where(p => p.PersonId == row.Person.Id && p.State == ProblemState.Open).Min(p => (DateTimeOffset?)p.FirstSeenAt),
            db.Conflicts.Count(c => c.PersonId == row.Person.Id && c.SettledAt == null && db.Tasks.Any(t => t.Id == c.TaskId && t.RemovedAt == null)),
            db.Conflicts.Where(c => c.PersonId == row.Person.Id && c.SettledAt == null && db.Tasks.Any(t => t.Id == c.TaskId && t.RemovedAt == null)).Min(c => (DateTimeOffset?)c.At),
            db.Readers.Where(r => r.OrganizationId == row.Connection!.OrganizationId && db.Cursors.Any(c => c.ConnectionId == row.Connection.Id && c.FollowsReader)).Select(r => r.Connection!.LastSuccessAt).FirstOrDefault(),
            db.PendingWrites.Where(w => w.ConnectionId == row.Person.ConnectionId && w.ProblemId == null).Min(w => (DateTimeOffset?)w.DueAt)));
}

/// <summary>Decides what the pill says. Pure; the order is the order of <see cref="SyncPillState"/>.</summary>
internal static class PillRules
{
    /// <summary>A connection that works is in step every minute, by its own word or its reader's: one that was not for so long is not, whatever the cause.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    public static SyncPill Decide(PillFacts? facts, DateTimeOffset now)
    {
        var time = RepTime.At(now, facts?.Person.TimeZone, facts?.Connection?.UserTimeZone, facts?.Person.BrowserTimeZone);
        if (facts is not { Connection: { State: ConnectionState.Active or ConnectionState.NeedsReconnect } connection })
        {
            return new SyncPill(SyncPillState.Off, "Off", null, null, 0, 0, "Connect Salesforce in Settings to keep both lists in step.", null, time);
        }

        var needsYou = facts.Problems + facts.Conflicts;
        var running = facts.Initial is { State: InitialSyncState.Running } initial ? Progress.Of(initial) : null;
        var waits = facts.Waiting switch { 0 => "", 1 => " 1 change waits.", var n => $" {n} changes wait." };
        return facts switch
        {
            { Person.SyncEnabled: false } => Pill(SyncPillState.Off, "Off", "Sync is off. Switch it on in Settings." + waits),
            _ when connection.State == ConnectionState.NeedsReconnect =>
                Pill(SyncPillState.Reconnect, "Reconnect", (connection.StateReason ?? "Salesforce no longer accepts your sign-in. Reconnect in Settings.") + waits, connection.FailingSince),
            _ when Pauses.Words(facts.Person, facts.Control) is { } paused => Pill(SyncPillState.Paused, "Paused", paused + "." + waits),
            _ when connection.FailingSince is { } failing => Away("Salesforce is away", failing),
            _ when running is null && SilentSince(facts.InStepAsOf, connection, now) is { } silent => Away("Not in step", silent),
            _ when needsYou > 0 => Pill(SyncPillState.NeedsYou, $"Needs you ({needsYou})", "Look at My sync." + waits, Earlier(facts.ProblemsSince, facts.ConflictsSince)),
            _ when running is not null => Pill(SyncPillState.Syncing, "Syncing", running.Message),
            _ when facts.Waiting > 0 => Pill(SyncPillState.Waiting, $"{facts.Waiting} waiting", BackingOff()),
            _ => Pill(SyncPillState.InStep, "In step", BackingOff()),
        };

        SyncPill Pill(SyncPillState state, string text, string? reason, DateTimeOffset? since = null) =>
            new(state, text, since, facts.InStepAsOf, facts.Waiting, needsYou, reason, running, time);

        SyncPill Away(string text, DateTimeOffset since) => Pill(SyncPillState.Away, text, $"{connection.BackOffReason} You can keep working.{waits}".TrimStart(), since);

        string? BackingOff() => connection.BackOffUntil > now ? connection.BackOffReason ?? "Salesforce is not answering. You can keep working; changes are sent later." : null;
    }

    /// <summary>Since when nothing has been in step, if that is too long. Who has connected anew is given time from then on.</summary>
    private static DateTimeOffset? SilentSince(DateTimeOffset? asOf, Connection connection, DateTimeOffset now) =>
        asOf is { } last && now - last > LongestSilence && now - connection.ConnectedAt > LongestSilence ? last : null;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
