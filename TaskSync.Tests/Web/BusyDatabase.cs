using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TaskSync.Tests.Web;

/// <summary>A database that does not answer while <see cref="Away"/> is set.</summary>
public sealed class BusyDatabase : DbConnectionInterceptor
{
    public bool Away { get; set; }

    /// <summary>What it says then: SQLite's result code, 5 (busy) unless a test wants another.</summary>
    public int Code { get; set; } = 5;

    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => Refuse(result);

    public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) => ValueTask.FromResult(Refuse(result));

    private InterceptionResult Refuse(InterceptionResult result) => Away ? throw new SqliteException("The database failed.", Code) : result;
}
