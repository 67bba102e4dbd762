using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TaskSync.Tests.Support;

/// <summary>Stands before every statement that the database is asked to carry out. EF sends some writes as readers, because they return what they wrote.</summary>
public abstract class StatementInterceptor : DbCommandInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Before(command);
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Before(command);
        return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
    }

    protected abstract void Before(DbCommand command);

    /// <summary>The statement with its names in the quotes of the standard: SQL Server's are brackets.</summary>
    protected static string Sql(DbCommand command) => command.CommandText.Replace('[', '"').Replace(']', '"');
}
