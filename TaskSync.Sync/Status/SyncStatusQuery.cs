using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>Reads the page Sync status, for admins alone.</summary>
public sealed partial class SyncStatusQuery(IDbContextFactory<TaskSyncDb> databases, ApiPaces paces, TimeProvider clock, IOptions<SyncOptions> options)
{
    private static readonly TimeSpan TrafficStep = TimeSpan.FromHours(1);
    private const int TrafficPoints = 24;

    /// <summary>The cards and charts.</summary>
    public async Task<SyncOverview> OverviewAsync(Actor admin, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var control = await db.Control.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var paused = control is { PausedAt: { } at } ? new PauseInfo(at, control.PausedBy ?? "an admin", control.Reason) : null;
        var people = await PeopleCountsAsync(db, now, cancellationToken);

        // What waits for somebody who has switched sync off waits on purpose.
        var waiting = db.PendingWrites.Where(w => w.ProblemId == null && db.People.Any(p => p.SyncEnabled && p.ConnectionId == w.ConnectionId));
        var waitingCount = await waiting.CountAsync(cancellationToken);
        var oldest = waitingCount == 0 ? null : await waiting.MinAsync(w => (DateTimeOffset?)w.QueuedAt, cancellationToken);
        var problems = await db.Problems.CountAsync(p => p.State == ProblemState.Open, cancellationToken);
        var conflicts = await db.Conflicts.CountAsync(c => c.SettledAt == null && db.Tasks.Any(t => t.Id == c.TaskId && t.RemovedAt == null), cancellationToken);
        var linked = await db.Links.CountAsync(l => l.State == LinkState.Open && !l.AgreedGone, cancellationToken);

        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var calls = await db.ApiUsage.Where(u => u.Day == today).GroupBy(u => u.Purpose)
            .Select(g => new PurposeCalls(g.Key, g.Sum(u => u.Calls))).ToListAsync(cancellationToken);
        return new SyncOverview(
            now, Headline(paused, people, waitingCount, problems), paused, people, waitingCount, oldest, problems, conflicts, linked,
            [.. calls.OrderBy(c => c.Purpose)],
            await AllowancesAsync(db, today, now, cancellationToken),
            await TrafficAsync(db, now, cancellationToken));
    }

    /// <summary>Open problems grouped by code, the most frequent first.</summary>
    public async Task<IReadOnlyList<ProblemGroup>> ProblemsAsync(Actor admin, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var groups = await db.Problems.AsNoTracking().Where(p => p.State == ProblemState.Open).GroupBy(p => p.Code)
            .Select(g => new
            {
                Code = g.Key,
                Count = g.Count(),
                People = g.Select(p => p.PersonId).Distinct().Count(),
                First = g.Min(p => p.FirstSeenAt),
                Last = g.Max(p => p.LastSeenAt),
            })
            .OrderByDescending(g => g.Count).ThenBy(g => g.Code).ToListAsync(cancellationToken);
        var codes = groups.Select(g => g.Code).ToList();
        var messages = await db.Problems.AsNoTracking().Where(p => p.State == ProblemState.Open && codes.Contains(p.Code))
            .GroupBy(p => p.Code).Select(g => g.OrderByDescending(p => p.LastSeenAt).Select(p => new { p.Code, p.Message }).First())
            .ToDictionaryAsync(p => p.Code, p => p.Message, cancellationToken);
        return [.. groups.Select(g =>
        {
            var message = messages.GetValueOrDefault(g.Code, "");
            return new ProblemGroup(g.Code, ProblemTexts.For(g.Code, message), message, !ProblemRetry.IsForTheRep(g.Code), g.Count, g.People, g.First, g.Last);
        })];
    }

    private static async Task<PeopleCounts> PeopleCountsAsync(TaskSyncDb db, DateTimeOffset now, CancellationToken cancellationToken) =>
        // Joins only: SQL Server does not count over subqueries.
        await db.People.AsNoTracking().Where(p => p.RemovedAt == null)
            .LeftJoin(db.Connections, p => p.ConnectionId, c => c.Id, (p, c) => new { Person = p, Connection = c })
            .LeftJoin(db.InitialSyncs, row => row.Person.ConnectionId, i => i.ConnectionId, (row, i) => new
            {
                On = row.Person.SyncEnabled,
                Reconnect = row.Person.SyncEnabled && row.Connection!.State == ConnectionState.NeedsReconnect,
                Paused = row.Person.PausedAt != null,
                Importing = row.Person.SyncEnabled && i!.State == InitialSyncState.Running,
                BackingOff = row.Person.SyncEnabled && (row.Connection!.FailingSince != null || row.Connection.BackOffUntil > now),
            })
            .GroupBy(_ => 1)
            .Select(all => new PeopleCounts(
                all.Count(), all.Count(p => p.On), all.Count(p => p.Reconnect), all.Count(p => p.Paused), all.Count(p => p.Importing), all.Count(p => p.BackingOff)))
            .SingleOrDefaultAsync(cancellationToken) ?? new PeopleCounts(0, 0, 0, 0, 0, 0);

    private async Task<IReadOnlyList<AllowanceRow>> AllowancesAsync(TaskSyncDb db, DateOnly today, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await db.Allowances.AsNoTracking()
            .Select(a => new
            {
                a.OrganizationId,
                Name = db.Connections.Where(c => c.OrganizationId == a.OrganizationId).OrderByDescending(c => c.ConnectedAt).Select(c => c.OrganizationName).FirstOrDefault(),
                a.Used,
                a.Limit,
                a.SeenAt,
                Ours = db.ApiUsage.Where(u => u.Day == today && db.Connections.Any(c => c.Id == u.ConnectionId && c.OrganizationId == a.OrganizationId)).Sum(u => u.Calls),
            })
            .OrderBy(a => a.Name).ToListAsync(cancellationToken);
        var allowances = new List<AllowanceRow>();
        foreach (var a in rows)
        {
            var share = (int)(a.Limit * options.Value.ApiShare);
            var pace = PaceTexts.For(await paces.OfAsync(a.OrganizationId, cancellationToken), options.Value);
            allowances.Add(new AllowanceRow(a.OrganizationId, a.Name ?? a.OrganizationId, a.Used, a.Limit, a.Ours, share, Math.Min(Forecast(a.Ours, now), Math.Max(share, a.Ours)), a.SeenAt) { Pace = pace });
        }

        return allowances;
    }

    /// <summary>Calls by the end of the day (UTC) at today's pace; the first minutes of a day say nothing yet.</summary>
    private static int Forecast(int calls, DateTimeOffset now)
    {
        var passed = now.UtcDateTime.TimeOfDay;
        return passed < TimeSpan.FromMinutes(15) ? calls : (int)Math.Min(int.MaxValue, calls * (TimeSpan.FromDays(1) / passed));
    }

    /// <summary>One sum per hour, all in one query: no database-specific arithmetic with instants.</summary>
    private static async Task<IReadOnlyList<TrafficPoint>> TrafficAsync(TaskSyncDb db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var end = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TrafficStep.Ticks), TimeSpan.Zero) + TrafficStep;
        var hours = Enumerable.Range(0, TrafficPoints).Select(i => end - ((TrafficPoints - i) * TrafficStep)).ToList();
        var sums = await hours
            .Select(from => (From: from, To: from + TrafficStep))
            .Select(hour => db.Runs.Where(r => r.StartedAt >= hour.From && r.StartedAt < hour.To).GroupBy(_ => 1)
                .Select(g => new { At = g.Min(r => r.StartedAt), In = g.Sum(r => r.Created + r.Updated + r.Deleted), Out = g.Sum(r => r.Sent) }))
            .Aggregate((all, hour) => all.Concat(hour))
            .ToListAsync(cancellationToken);
        return [.. hours.Select(from => sums.FirstOrDefault(s => s.At >= from && s.At < from + TrafficStep) is { } sum ? new TrafficPoint(from, sum.In, sum.Out) : new TrafficPoint(from, 0, 0))];
    }

    private static string Headline(PauseInfo? paused, PeopleCounts people, int waiting, int problems) => (paused, people, waiting, problems) switch
    {
        ({ } pause, _, _, _) => Pauses.By(pause.By, pause.Reason),
        (_, { On: 0 }, _, _) => "Nobody has switched sync on",
        (_, { Reconnect: > 0 and var n }, _, _) => $"Attention: {Count(n, "person", "people")} must reconnect",
        (_, _, _, > 0) => $"Attention: {Count(problems, "problem needs", "problems need")} somebody",
        (_, { BackingOff: > 0 and var n }, _, _) => $"Salesforce is out of reach for {Count(n, "person", "people")}",
        (_, { Importing: > 0 and var n }, _, _) => $"Bringing in the tasks of {Count(n, "person", "people")}",
        (_, _, > 0, _) => $"Catching up: {Count(waiting, "change waits", "changes wait")}",
        _ => "Everything is in step",
    };

    private static string Count(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
