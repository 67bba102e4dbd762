using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Problems;

/// <summary>
/// The question that the delete brake puts to the rep (S10): one problem for all deletions that wait for the answer.
/// Retrying it says "delete them in Salesforce too". Restoring the tasks is the other answer.
/// </summary>
internal static class DeleteQuestions
{
    /// <summary>Makes the deletions wait, with the question that is open already or with a new one.</summary>
    public static async Task AskAsync(TaskSyncDb db, SyncContext context, IReadOnlyCollection<PendingWrite> deletions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (deletions.Count == 0)
        {
            return;
        }

        var question = await db.Problems.FirstOrDefaultAsync(
            p => p.PersonId == context.Person.Id && p.ConnectionId == context.ConnectionId && p.Code == ProblemCodes.ManyDeleted && p.State == ProblemState.Open, cancellationToken);
        if (question is null)
        {
            question = new Problem { PersonId = context.Person.Id, ConnectionId = context.ConnectionId, Code = ProblemCodes.ManyDeleted, Message = "", FirstSeenAt = now, Times = 0 };
            db.Problems.Add(question);
        }

        foreach (var deletion in deletions)
        {
            deletion.ProblemId = question.Id;
        }

        var (id, added) = (question.Id, deletions.Select(d => d.TaskId).ToHashSet());
        var count = deletions.Count + (await db.PendingWrites.Where(p => p.ProblemId == id).Select(p => p.TaskId).ToListAsync(cancellationToken)).Count(task => !added.Contains(task));
        question.Message = $"{count} tasks were deleted here within an hour and are still in Salesforce.";
        question.LastSeenAt = now;
        question.Times++;
    }

    /// <summary>The rep wants these deletions: the brake lets them pass.</summary>
    public static async Task AllowAsync(TaskSyncDb db, Guid problemId, CancellationToken cancellationToken)
    {
        foreach (var link in await db.Links.Include(l => l.Task)
            .Where(l => l.Task!.RemovedAt != null && db.PendingWrites.Any(p => p.TaskId == l.TaskId && p.ProblemId == problemId)).ToListAsync(cancellationToken))
        {
            link.DeletionAllowed = link.Task!.RemovedAt;
        }
    }

    /// <summary>A question about tasks none of which waits any more, because Salesforce deleted or changed them meanwhile, is settled.</summary>
    public static Task SettleAsync(TaskSyncDb db, SyncContext context, CancellationToken cancellationToken) =>
        db.Problems.Where(p => p.PersonId == context.Person.Id && p.ConnectionId == context.ConnectionId && p.Code == ProblemCodes.ManyDeleted && p.State != ProblemState.Resolved
                && !db.PendingWrites.Any(w => w.ProblemId == p.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.State, ProblemState.Resolved), cancellationToken);
}
