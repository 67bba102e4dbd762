using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace TaskSync.Sync.Data;

/// <summary>The one place that retries a change. Who begins a transaction elsewhere is named in docs/adr/0010-one-unit-of-work.md.</summary>
public static class UnitOfWork
{
    /// <summary>Races lost in a row before the failure is told.</summary>
    private const int Tries = 6;

    /// <summary>Rows set aside in one batch before the fault is taken for ours, not theirs.</summary>
    internal const int MostSetAside = 10;

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
    public static async Task<T> TransactAsync<T>(this IDbContextFactory<TaskSyncDb> databases, Func<TaskSyncDb, Task<T>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            try
            {
                var result = await change(db);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return result;
            }
            catch (Exception e) when (attempt < Tries && IsRace(e))
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
            var result = await change(db);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return result;
            }
            catch (Exception e) when (attempt < Tries && IsRace(e))
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
            catch (Exception e) when (some.Count > 1 && IsOfARow(e))
            {
                await HalveAsync([.. some.Take(some.Count / 2)], isLast: false);
                await HalveAsync([.. some.Skip(some.Count / 2)], isLast);
            }
            catch (Exception e) when (some.Count == 1 && IsOfARow(e) && left-- > 0)
            {
                await setAside(some[0], e);
                if (isLast)
                {
                    await commit([], true);
                }
            }
        }
    }

    /// <summary>A row was changed or added between reading and saving. The one definition of a race.</summary>
    public static bool IsRace(Exception failure) =>
        failure is DbUpdateConcurrencyException || (failure is DbUpdateException && Database(failure) is { } cause && (IsConstraint(cause) || IsDeadlock(cause)));

    /// <summary>
    /// The failure comes from what is to be stored, not from the database, the shard or a stop. Nor from somebody else who was faster, however often: that row is
    /// as good as any other. A constraint that is broken each time is no race, whatever it looked like at first.
    /// </summary>
    internal static bool IsOfARow(Exception failure) =>
        failure is not (OperationCanceledException or FenceLostException or DbUpdateConcurrencyException) && (Database(failure) is not { } cause || IsConstraint(cause) || IsData(cause));

    private static DbException? Database(Exception failure) => failure as DbException ?? (failure.InnerException is { } inner ? Database(inner) : null);

    /// <summary>SQLite: CONSTRAINT. SQL Server: duplicate key (2601, 2627), foreign key (547).</summary>
    private static bool IsConstraint(DbException cause) => cause switch
    {
        SqliteException { SqliteErrorCode: 19 } => true,
        SqlException { Number: 2601 or 2627 or 547 } => true,
        _ => false,
    };

    /// <summary>SQL Server chose this transaction to end a deadlock.</summary>
    private static bool IsDeadlock(DbException cause) => cause is SqlException { Number: 1205 };

    /// <summary>SQLite: TOOBIG, MISMATCH, RANGE. SQL Server: cut text (2628, 8152), overflow (8115), null (515).</summary>
    private static bool IsData(DbException cause) => cause switch
    {
        SqliteException { SqliteErrorCode: 18 or 20 or 25 } => true,
        SqlException { Number: 2628 or 8152 or 8115 or 515 } => true,
        _ => false,
    };

    /// <summary>The type of a failure and the database's number. Its words may hold what was to be stored (2628 does), so they are never logged.</summary>
    public static string KindOf(Exception failure) => Database(failure) switch
    {
        SqliteException cause => $"{nameof(SqliteException)} {cause.SqliteErrorCode}",
        SqlException cause => $"{nameof(SqlException)} {cause.Number}",
        _ => failure.GetBaseException().GetType().Name,
    };

    private static Func<TaskSyncDb, Task<bool>> Resultless(Func<TaskSyncDb, Task> change) => async db =>
    {
        await change(db);
        return true;
    };
}
