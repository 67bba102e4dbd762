using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>A database that fails once, at a statement or commit of one's choice.</summary>
internal sealed class FailingDatabase : StatementInterceptor, IDbTransactionInterceptor
{
    private int _until = -1;
    private int _code;

    /// <summary>Whether the position was reached.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Lets the n-th statement or commit from now fail, 0 being the next.</summary>
    /// <param name="code">SQLite's result code: 5 busy, 6 locked (its deadlock), 10 I/O error, 13 full.</param>
    public void FailAt(int position, int code) => (_until, _code, HasFailed) = (position, code, false);

    /// <summary>All is well from now on.</summary>
    public void Heal() => _until = -1;

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Pass();
        return ValueTask.FromResult(result);
    }

    protected override void Before(DbCommand command) => Pass();

    private void Pass()
    {
        if (_until-- == 0)
        {
            HasFailed = true;
            throw new SqliteException("The database failed.", _code);
        }
    }
}
