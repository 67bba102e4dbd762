using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using TaskSync.Sync.Data;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulation;

/// <summary>
/// Stands between the engine and its database and its wire, and counts what passes. At the chosen count the power fails, and nothing passes any more until the
/// server starts again; or the database is busy just once.
/// </summary>
internal sealed class PowerSwitch : StatementInterceptor, IDbTransactionInterceptor
{
    private int _untilDeath = -1;
    private int _untilBusy = -1;

    /// <summary>The power failed: the process of the server is gone, whatever its code still tries.</summary>
    public bool IsDead { get; private set; }

    /// <summary>The database was busy once.</summary>
    public bool WasBusy { get; private set; }

    /// <summary>How much has passed so far.</summary>
    public int Passages { get; private set; }

    /// <summary>Lets the power fail at the n-th passage from now, 0 being the next.</summary>
    public void DieAfter(int passages) => _untilDeath = passages;

    /// <summary>Lets the database be busy at the n-th statement from now.</summary>
    public void BeBusyAfter(int statements) => _untilBusy = statements;

    /// <summary>Power is back, nothing is planned.</summary>
    public void Reset() => (_untilDeath, _untilBusy, IsDead, WasBusy) = (-1, -1, false, false);

    /// <summary>One passage on the wire or to the disk.</summary>
    public void Pass()
    {
        Passages++;
        IsDead |= _untilDeath == 0;
        _untilDeath--;
        if (IsDead)
        {
            throw new IOException("The power failed.");
        }
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Pass();
        return ValueTask.FromResult(result);
    }

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Pass();
        return Task.CompletedTask;
    }

    protected override void Before(DbCommand command)
    {
        Pass();
        if (_untilBusy-- == 0)
        {
            WasBusy = true;
            throw TestDatabase.Provider == DatabaseProvider.PostgreSql ? new PostgresException("deadlock detected", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected) : new SqliteException("database is locked", 5);
        }
    }
}
