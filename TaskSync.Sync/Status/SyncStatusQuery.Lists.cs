using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>The lists of runs and people, page by page.</summary>
public sealed partial class SyncStatusQuery
{
    private const int MaxPageSize = 500;

    /// <summary>One page of runs, newest first; <paramref name="page"/> counts from 0.</summary>
    public async Task<RunPage> RunsAsync(Actor admin, RunFilter filter, int page, int pageSize, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.KnowEveryLetterAsync(cancellationToken);
        var runs = Runs(db, filter);
        var total = await runs.CountAsync(cancellationToken);
        var size = Math.Clamp(pageSize, 1, MaxPageSize);
        return new RunPage(await runs.Skip(Math.Max(0, page) * size).Take(size).ToListAsync(cancellationToken), total);
    }

    /// <summary>Null when there is no such run.</summary>
    public async Task<RunRow?> RunAsync(Actor admin, Guid runId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Rows(db, db.Runs.Where(r => r.Id == runId)).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Writes all runs of the filter as CSV (RFC 4180), formulas neutralised, times in UTC.</summary>
    public async Task WriteRunsCsvAsync(Actor admin, RunFilter filter, TextWriter output, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.KnowEveryLetterAsync(cancellationToken);
        await output.WriteAsync(Csv.Line("Started (UTC)", "Ended (UTC)", "Seconds", "Person", "Kind", "Outcome", "New", "Updated", "Deleted", "Sent", "Failed", "API calls", "Message"));
        await foreach (var run in Runs(db, filter).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            await output.WriteAsync(Csv.Line(
                run.StartedAt, run.EndedAt, run.Took?.TotalSeconds, run.Person, run.Kind, run.Outcome,
                run.Created, run.Updated, run.Deleted, run.Sent, run.Failed, run.ApiCalls, run.Message));
        }
    }

    /// <summary>One page of people by name; <paramref name="page"/> counts from 0.</summary>
    public async Task<PeoplePage> PeopleAsync(Actor admin, string? name, int page, int pageSize, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.KnowEveryLetterAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var people = Named(db.People, name);
        var total = await people.CountAsync(cancellationToken);
        var size = Math.Clamp(pageSize, 1, MaxPageSize);
        var facts = await PillFacts.Of(db, people.OrderBy(p => p.Name).ThenBy(p => p.Id).Skip(Math.Max(0, page) * size).Take(size)).ToListAsync(cancellationToken);
        var connections = facts.Select(f => f.Person.ConnectionId).OfType<Guid>().ToList();
        var linked = await db.Links.Where(l => connections.Contains(l.ConnectionId) && l.State == LinkState.Open && !l.AgreedGone)
            .GroupBy(l => l.ConnectionId).Select(g => new { Id = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Id, g => g.Count, cancellationToken);
        return new PeoplePage([.. facts.Select(f => Row(f, linked, now)).OrderBy(p => p.Name, StringComparer.InvariantCultureIgnoreCase)], total);
    }

    private static PersonRow Row(PillFacts facts, Dictionary<Guid, int> linked, DateTimeOffset now)
    {
        var pill = PillRules.Decide(facts, now);
        var (person, connection) = (facts.Person, facts.Connection);
        return new PersonRow(
            person.Id, person.Name, pill.State, pill.Text, pill.Since, connection?.OrganizationName, facts.InStepAsOf,
            person.SyncEnabled && facts.InStepAsOf is { } last ? Max(now - last, TimeSpan.Zero) : null,
            facts.Waiting, facts.Problems, connection is null ? 0 : linked.GetValueOrDefault(connection.Id), person.PausedAt is not null, pill.Reason)
        { IsRemoved = person.RemovedAt is not null };
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static IQueryable<RunRow> Runs(TaskSyncDb db, RunFilter filter)
    {
        var runs = db.Runs.AsNoTracking();
        if (filter.From is { } from)
        {
            runs = runs.Where(r => r.StartedAt >= from);
        }

        if (filter.To is { } to)
        {
            runs = runs.Where(r => r.StartedAt < to);
        }

        if (filter.Kind is { } kind)
        {
            runs = runs.Where(r => r.Kind == kind);
        }

        if (filter.Outcome is { } outcome)
        {
            runs = runs.Where(r => r.Outcome == outcome);
        }

        if (!string.IsNullOrWhiteSpace(filter.Person))
        {
            var people = Named(db.People, filter.Person);
            runs = runs.Where(r => people.Any(p => p.Id == r.PersonId));
        }

        return Rows(db, runs.OrderByDescending(r => r.StartedAt).ThenByDescending(r => r.Id));
    }

    private static IQueryable<RunRow> Rows(TaskSyncDb db, IQueryable<SyncRun> runs) => runs.Select(r => new RunRow(
        r.Id, db.People.Where(p => p.Id == r.PersonId).Select(p => p.Name).FirstOrDefault() ?? "", r.Kind, r.StartedAt, r.EndedAt, r.Outcome,
        r.Created, r.Updated, r.Deleted, r.Sent, r.Failed, r.ApiCalls, r.Message));

    private static IQueryable<Person> Named(IQueryable<Person> people, string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return people;
        }

#pragma warning disable CA1304, CA1307, CA1308, CA1311, CA1862 // Translated to SQL, where case is the database's.
        var part = name.Trim().ToLowerInvariant();
        return people.Where(p => TaskSyncDb.Lower(p.Name)!.Contains(part));
#pragma warning restore CA1304, CA1307, CA1308, CA1311, CA1862
    }
}
