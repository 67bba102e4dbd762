using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Problems;

/// <summary>
/// A problem's life, always inside the caller's unit of work. A problem holds writes that wait for a person, the blocked fields of its task, or a row of
/// Salesforce that could not be stored. It is over when it holds nothing any more, whoever took the last of it away.
/// </summary>
internal static class ProblemBook
{
    /// <summary>Opens a problem. One of the same task, or row, and cause that is not over yet is opened again instead.</summary>
    public static async Task<Problem> OpenAsync(TaskSyncDb db, Problem problem, CancellationToken cancellationToken)
    {
        var known = await db.Problems.FirstOrDefaultAsync(
            p => p.PersonId == problem.PersonId && p.ConnectionId == problem.ConnectionId && p.TaskId == problem.TaskId && p.SalesforceId == problem.SalesforceId
                && p.Code == problem.Code && p.State != ProblemState.Resolved,
            cancellationToken);
        if (known is null)
        {
            db.Problems.Add(problem);
            return problem;
        }

        (known.State, known.Message, known.LastSeenAt) = (ProblemState.Open, problem.Message, problem.LastSeenAt);
        known.Times++;

        // Written even when it is unchanged: somebody may be resolving the problem at this moment.
        db.Entry(known).Property(p => p.State).IsModified = true;
        return known;
    }

    /// <summary>Opens a problem for this write alone.</summary>
    public static void Park(TaskSyncDb db, PendingWrite write, Problem problem)
    {
        db.Problems.Add(problem);
        Hold(problem, write);
    }

    /// <summary>The write waits until a person has dealt with the problem.</summary>
    public static void Hold(Problem problem, PendingWrite write) => write.ProblemId = problem.Id;

    /// <summary>The write waits for nobody any more.</summary>
    public static void Release(PendingWrite write) => (write.ProblemId, write.Failures, write.Refusals) = (null, 0, 0);

    /// <summary>These fields are no longer written. The problem of its task that has the code <see cref="ProblemCodes.KeepsChangingBack"/> holds them.</summary>
    public static Task BlockAsync(TaskSyncDb db, TaskLink link, TaskFields fields, Problem problem, CancellationToken cancellationToken)
    {
        (link.BlockedFields, link.PushMemoryJson) = (link.BlockedFields | fields, null);
        return OpenAsync(db, problem, cancellationToken);
    }

    /// <summary>Every field is written again, or the task is no longer written at all.</summary>
    public static void Unblock(TaskLink link) => (link.BlockedFields, link.PushMemoryJson) = (TaskFields.None, null);

    /// <summary>Rows of this connection that are set aside, by Salesforce id, whether or not the person lets the problem be.</summary>
    public static IQueryable<Problem> SetAside(TaskSyncDb db, Guid personId, Guid connectionId) =>
        db.Problems.Where(p => p.PersonId == personId && p.ConnectionId == connectionId && p.Code == ProblemCodes.RowSetAside && p.State != ProblemState.Resolved);

    /// <summary>These rows have come in, or are not the person's any more.</summary>
    public static async Task EndSetAsideAsync(TaskSyncDb db, Guid personId, Guid connectionId, IReadOnlySet<string> salesforceIds, CancellationToken cancellationToken)
    {
        if (salesforceIds.Count == 0)
        {
            return;
        }

        // Hardly ever is a row set aside: the few are read, instead of asking the database about each row that came in.
        foreach (var problem in await SetAside(db, personId, connectionId).ToListAsync(cancellationToken))
        {
            problem.State = salesforceIds.Contains(problem.SalesforceId!) ? ProblemState.Resolved : problem.State;
        }
    }

    /// <summary>The person knows of the problem and lets it be. False when it was not open.</summary>
    public static bool Ignore(Problem problem)
    {
        var wasOpen = problem.State == ProblemState.Open;
        problem.State = wasOpen ? ProblemState.Ignored : problem.State;
        return wasOpen;
    }

    /// <summary>Saves the unit of work, and resolves the problems of these people that hold nothing any more. Needs a transaction around it.</summary>
    public static async Task SettleAsync(TaskSyncDb db, IReadOnlyCollection<Guid> people, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        var over = await Empty(db).Where(p => people.Contains(p.PersonId)).Select(p => p.Id).ToListAsync(cancellationToken);
        if (over.Count > 0)
        {
            // Locked, then looked at again: the engine may be attaching another deletion to a question that is being answered. It would wait where nobody looks.
            await db.Problems.Where(p => over.Contains(p.Id)).ExecuteUpdateAsync(set => set.SetProperty(p => p.State, p => p.State), cancellationToken);
            await Empty(db).Where(p => over.Contains(p.Id)).ExecuteUpdateAsync(set => set.SetProperty(p => p.State, ProblemState.Resolved), cancellationToken);
        }
    }

    /// <summary>Those that hold nothing.</summary>
    private static IQueryable<Problem> Empty(TaskSyncDb db) => db.Problems.Where(p => p.State != ProblemState.Resolved && p.Code != ProblemCodes.RowSetAside
        && !db.PendingWrites.Any(w => w.ConnectionId == p.ConnectionId && w.ProblemId == p.Id)
        && !(p.Code == ProblemCodes.KeepsChangingBack && db.Links.Any(l => l.TaskId == p.TaskId && l.BlockedFields != TaskFields.None)));
}
