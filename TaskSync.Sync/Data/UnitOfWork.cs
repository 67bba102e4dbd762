using System.Data;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace TaskSync.Sync.Data;

/// <summary>The one place that retries a change. Who begins a transaction elsewhere is named in docs/adr/0010-one-unit-of-work.md.</summary>
public static class UnitOfWork
{
    /// <summary>Races lost in a row before the failure is told.</summary>
    private const int Tries = 6;

    /// <summary>Rows set aside in one batch before the fault is taken for ours, not theirs.</summary>
    internal const int MostSetAside = 10;

    /// <summary>A number of our own among the advisory locks of a PostgreSQL.</summary>
    private const long StartLock = 0x7461736B73796E63;

    /// <summary>One for each database that this process uses.</summary>
    private static readonly ConditionalWeakTable<IDbContextFactory<TaskSyncDb>, SemaphoreSlim> Gates = [];

    /// <summary>Runs a change in one transaction under the shard's fence. A lost race runs it again from the start, so its result must be made inside it.</summary>
    /// <exception cref="FenceLostException">Another instance has the shard; nothing was stored.</exception>
    public static async Task<T> CommitAsync<T>(
        this IDbContextFactory<TaskSyncDb> databases, Fence fence, Func<TaskSyncDb, Task<T>> change, CancellationToken cancellationToken) =>
        await databases.TransactAsync(
            async db =>
            {
                await ShardFences.CheckAsync(db, fence, cancellationToken);
                return await change(db);
            },
            cancellationToken);

    /// <summary>The same for a change without a result.</summary>
    /// <exception cref="FenceLostException">Another instance has the shard; nothing was stored.</exception>
    public static Task CommitAsync(this IDbContextFactory<TaskSyncDb> databases, Fence fence, Func<TaskSyncDb, Task> change, CancellationToken cancellationToken) =>
        databases.CommitAsync(fence, Resultless(change), cancellationToken);

    /// <summary>Runs a change in one transaction that no shard guards: what people do, and what belongs to no connection.</summary>
    public static Task<T> TransactAsync<T>(this IDbContextFactory<TaskSyncDb> databases, Func<TaskSyncDb, Task<T>> change, CancellationToken cancellationToken) =>
        databases.TransactAsync(IsolationLevel.Unspecified, change, cancellationToken);

    /// <summary>
    /// The same as if all such changes ran one after the other, for what depends on rows that are not there yet. In this process they do: a server ends all but one
    /// of those that run together, and on a first morning everybody connects at once. So no call to Salesforce belongs in here.
    /// </summary>
    public static async Task<T> SerializeAsync<T>(this IDbContextFactory<TaskSyncDb> databases, Func<TaskSyncDb, Task<T>> change, CancellationToken cancellationToken)
    {
        var gate = Gates.GetValue(databases, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await databases.TransactAsync(IsolationLevel.Serializable, change, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Lets one instance after the other do what must happen once when several start at the same moment.</summary>
    public static async Task AloneAsync(this IDbContextFactory<TaskSyncDb> databases, Func<Task> work, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (db.Database.IsSqlite())
        {
            await work();
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(2));
        await (db.Database.IsNpgsql()
            ? db.Database.ExecuteSqlAsync($"SELECT set_config({DataServices.IdleInTransaction}, '0', true), pg_advisory_xact_lock({StartLock})", cancellationToken) // the work may take its time
            : db.Database.ExecuteSqlAsync($"EXEC sp_getapplock @Resource = {nameof(StartLock)}, @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 120000", cancellationToken));
        await work();
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<T> TransactAsync<T>(this IDbContextFactory<TaskSyncDb> databases, IsolationLevel isolation, Func<TaskSyncDb, Task<T>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(isolation, cancellationToken);
            try
            {
                var result = await change(db);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return result;
            }
            catch (Exception e) when (attempt < Tries && DatabaseFailures.IsRace(e))
            {
                // Somebody saved one of these rows meanwhile: look again with what is there now.
            }
        }
    }

    /// <summary>The same for a change without a result.</summary>
    public static Task TransactAsync(this IDbContextFactory<TaskSyncDb> databases, Func<TaskSyncDb, Task> change, CancellationToken cancellationToken) =>
        databases.TransactAsync(Resultless(change), cancellationToken);

    /// <summary>Runs a change whose only statement that writes is one save of tracked rows: it holds no lock while it reads.</summary>
    public static async Task<T> SaveAsync<T>(this IDbContextFactory<TaskSyncDb> databases, Func<TaskSyncDb, Task<T>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            try
            {
                var result = await change(db);
                await db.SaveChangesAsync(cancellationToken);
                return result;
            }
            catch (Exception e) when (attempt < Tries && DatabaseFailures.IsRace(e))
            {
                // Somebody else was faster: again from the start.
            }
        }
    }

    /// <summary>Commits all items together. Where one of them breaks the whole, halves until it stands alone, sets it aside and goes on (S9).</summary>
    /// <param name="items">In their order.</param>
    /// <param name="commit">
    /// Commits some of them in one transaction. Its second argument says that nothing is left after these: what is true only of the whole is committed with
    /// them, and with none when the last item was set aside.
    /// </param>
    /// <param name="setAside">Says that one cannot be stored.</param>
    public static Task CommitHalvingAsync<T>(IReadOnlyList<T> items, Func<IReadOnlyList<T>, bool, Task> commit, Func<T, Exception, Task> setAside)
    {
        var left = MostSetAside;
        return HalveAsync(items, isLast: true);

        async Task HalveAsync(IReadOnlyList<T> some, bool isLast)
        {
            try
            {
                await commit(some, isLast);
            }
            catch (Exception e) when (some.Count > 1 && DatabaseFailures.IsOfARow(e))
            {
                await HalveAsync([.. some.Take(some.Count / 2)], isLast: false);
                await HalveAsync([.. some.Skip(some.Count / 2)], isLast);
            }
            catch (Exception e) when (some.Count == 1 && DatabaseFailures.IsOfARow(e) && left-- > 0)
            {
                await setAside(some[0], e);
                if (isLast)
                {
                    await commit([], true);
                }
            }
        }
    }

    private static Func<TaskSyncDb, Task<bool>> Resultless(Func<TaskSyncDb, Task> change) => async db =>
    {
        await change(db);
        return true;
    };
}
