using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Changes one person's row, again with a fresh context when somebody else was faster.</summary>
internal static class PersonChanges
{
    private const int MaxTries = 5;

    /// <summary>False when there is no such person.</summary>
    public static async Task<bool> ChangePersonAsync(this IDbContextFactory<TaskSyncDb> databases, Guid personId, Action<Person> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await db.People.FindAsync([personId], cancellationToken) is not { } person)
            {
                return false;
            }

            change(person);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return true;
            }
            catch (DbUpdateConcurrencyException) when (attempt < MaxTries)
            {
            }
        }
    }
}
