using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Problems;

/// <summary>
/// The question that the delete brake puts to the rep (S10): one problem for all deletions that wait for the answer.
/// Retrying it says "delete them in Salesforce too". Restoring the tasks is the other answer.
/// </summary>
internal static class DeleteQuestions
{
    /// <summary>Makes the deletions wait, with the question that is open already or with a new one.</summary>
    public static async Task AskAsync(TaskSyncDb db, Person person, IReadOnlyCollection<PendingWrite> deletions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (deletions.Count == 0)
        {
            return;
        }

        var connectionId = person.ConnectionId!.Value;
        var question = await ProblemBook.OpenAsync(
            db,
            new Problem { PersonId = person.Id, ConnectionId = connectionId, Code = ProblemCodes.ManyDeleted, Message = "", FirstSeenAt = now, LastSeenAt = now },
            cancellationToken);
        var ids = deletions.Select(d => d.TaskId).ToList();
        var others = await db.PendingWrites.CountAsync(p => p.ConnectionId == connectionId && p.ProblemId == question.Id && !ids.Contains(p.TaskId), cancellationToken);
        question.Message = $"{deletions.Count + others} tasks were deleted here within an hour and are still in Salesforce.";
        foreach (var deletion in deletions)
        {
            ProblemBook.Hold(question, deletion);
        }
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
}
