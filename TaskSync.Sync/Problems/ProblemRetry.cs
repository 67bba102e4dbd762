using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Problems;

/// <summary>What a retry set free, to be told to engine and pages after the commit.</summary>
internal sealed record Retried(int Problems, IReadOnlyCollection<Guid> People, IReadOnlyCollection<Guid> Connections)
{
    public void Announce(SyncDoorbell doorbell, ChangeFeed feed)
    {
        foreach (var connectionId in Connections)
        {
            doorbell.Ring(connectionId);
        }

        foreach (var personId in People)
        {
            feed.Publish(personId);
        }
    }
}

/// <summary>Sets free what problems hold up: their writes are due now, their blocked fields are written again.</summary>
internal static class ProblemRetry
{
    private const int MaxTries = 5;

    /// <summary>
    /// Whether only somebody who looks into Salesforce can tell if a create arrived (S5). Retrying such a problem says "it is not there";
    /// an edit, or an admin's Retry all, says nothing of the kind.
    /// </summary>
    public static bool NeedsALook(string code) => code is ProblemCodes.OutcomeUnknown or ProblemCodes.AmbiguousMatch;

    /// <summary>Whether retrying is an answer that only the rep can give.</summary>
    public static bool IsForTheRep(string code) => NeedsALook(code) || code == ProblemCodes.ManyDeleted;

    /// <summary>Retries the problems in one transaction.</summary>
    public static async Task<Retried> RunAsync(
        IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, Func<TaskSyncDb, IQueryable<Problem>> which, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var problems = await which(db).ToListAsync(cancellationToken);
            var connections = new HashSet<Guid>();
            foreach (var problem in problems.Where(p => p.State != ProblemState.Resolved))
            {
                await FreeAsync(db, problem, clock.GetUtcNow(), connections, cancellationToken);
            }

            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return new Retried(problems.Count, [.. problems.Select(p => p.PersonId).Distinct()], connections);
            }
            catch (DbUpdateException race) when (attempt < MaxTries && (race is DbUpdateConcurrencyException || race.Entries.Any(e => e.Entity is PendingWrite)))
            {
            }
        }
    }

    private static async Task FreeAsync(TaskSyncDb db, Problem problem, DateTimeOffset now, HashSet<Guid> connections, CancellationToken cancellationToken)
    {
        problem.State = ProblemState.Resolved;
        connections.Add(problem.ConnectionId);
        if (problem.Code == ProblemCodes.ManyDeleted)
        {
            await DeleteQuestions.AllowAsync(db, problem.Id, cancellationToken);
        }

        foreach (var write in await db.PendingWrites.Where(w => w.ProblemId == problem.Id).ToListAsync(cancellationToken))
        {
            (write.ProblemId, write.DueAt, write.Failures) = (null, now, 0);
            connections.Add(write.ConnectionId);
            if (NeedsALook(problem.Code))
            {
                await BeginAnewAsync(db, write, cancellationToken);
            }
        }

        if (problem is { Code: ProblemCodes.KeepsChangingBack, TaskId: { } taskId }
            && await db.Links.SingleOrDefaultAsync(l => l.TaskId == taskId && l.State == LinkState.Open, cancellationToken) is { } link)
        {
            (link.BlockedFields, link.PushMemoryJson) = (TaskFields.None, null);
            await PendingWrites.AskAsync(db, link, now, now, cancellationToken);
        }
    }

    /// <summary>The rep has looked: the create did not arrive. It is sent as a new one, with a key that nothing in Salesforce bears.</summary>
    private static async Task BeginAnewAsync(TaskSyncDb db, PendingWrite write, CancellationToken cancellationToken)
    {
        if (await db.Links.SingleOrDefaultAsync(l => l.TaskId == write.TaskId && l.SalesforceId == null, cancellationToken) is { } link)
        {
            link.Key = TaskKey.New();
            (link.AttemptsJson, link.UnknownUntil) = (null, null);
        }
    }
}
