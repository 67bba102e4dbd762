using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Changes one person's row.</summary>
internal static class PersonChanges
{
    /// <summary>False when there is no such person.</summary>
    public static Task<bool> ChangePersonAsync(this IDbContextFactory<TaskSyncDb> databases, Guid personId, Action<Person> change, CancellationToken cancellationToken) =>
        databases.SaveAsync(
            async db =>
            {
                if (await db.People.FindAsync([personId], cancellationToken) is not { } person)
                {
                    return false;
                }

                change(person);
                return true;
            },
            cancellationToken);
}
