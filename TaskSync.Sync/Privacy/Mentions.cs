using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Privacy;

/// <summary>Where a person's name stands in rows that are not theirs: what they did as an admin.</summary>
internal static class Mentions
{
    /// <summary>Says "an admin" instead, inside the caller's transaction. An admin of the same name is not told apart.</summary>
    public static async Task ForgetAsync(TaskSyncDb db, Guid personId, string name, CancellationToken cancellationToken)
    {
        await db.Control.Where(c => c.PausedBy == name).ExecuteUpdateAsync(set => set.SetProperty(c => c.PausedBy, (string?)null), cancellationToken);
        await db.OrgTests.Where(t => t.AllowedBy == name).ExecuteUpdateAsync(set => set.SetProperty(t => t.AllowedBy, (string?)null), cancellationToken);
        var words = Pauses.By(name, null);
        foreach (var paused in await db.People.Where(p => p.Id != personId && p.PauseReason != null && p.PauseReason.StartsWith(words)).ToListAsync(cancellationToken))
        {
            // Somebody whose name only begins like this one is somebody else.
            var rest = paused.PauseReason![words.Length..];
            paused.PauseReason = rest.Length == 0 || rest[0] == ':' ? Pauses.By("an admin", null) + rest : paused.PauseReason;
        }
    }
}
