using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace TaskSync.Tests.Support;

/// <summary>Notes every statement, and tells how the test's database would carry them out.</summary>
public sealed class QueryPlans : StatementInterceptor
{
    private readonly List<(string Sql, List<DbParameter> Parameters)> _statements = [];

    public int Count => _statements.Count;

    public void Reset() => _statements.Clear();

    /// <summary>The steps of each statement.</summary>
    public List<List<string>> Of(TestDatabase database)
    {
        Assert.SkipWhen(database.IsOnSqlServer, "SQL Server is not asked for its plans.");
        return [.. _statements.ToList().Select(statement => Plan(database, statement.Sql, statement.Parameters))];
    }

    /// <summary>The steps that read a table from end to end. What comes out of a subquery is walked through; a table is not.</summary>
    public static IEnumerable<string> Scans(List<string> plan)
    {
        var subqueries = plan.Where(step => step.StartsWith("CO-ROUTINE ", StringComparison.Ordinal)).Select(step => "SCAN " + step["CO-ROUTINE ".Length..]).ToList();
        return plan.Except(subqueries).Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) || step.Contains("Seq Scan on", StringComparison.Ordinal));
    }

    protected override void Before(DbCommand command) => _statements.Add((command.CommandText, [.. command.Parameters.Cast<DbParameter>().Select(Clone)]));

    /// <summary>SQLite's have no copy of their own.</summary>
    private static DbParameter Clone(DbParameter parameter) => parameter switch
    {
        ICloneable one => (DbParameter)one.Clone(),
        _ => new SqliteParameter(parameter.ParameterName, parameter.Value),
    };

    private static List<string> Plan(TestDatabase database, string sql, List<DbParameter> parameters)
    {
        using var db = database.CreateDbContext();
        var connection = db.Database.GetDbConnection();
        connection.Open();
        using var explain = connection.CreateCommand();
        var column = 3;
        var command = "EXPLAIN QUERY PLAN ";
        if (connection is NpgsqlConnection)
        {
            // A table of a test is small enough to be read from end to end; where it still is no index serves.
            explain.CommandText = "SET enable_seqscan = off";
            explain.ExecuteNonQuery();
            (column, command) = (0, "EXPLAIN ");
        }

#pragma warning disable CA2100 // The product's own SQL.
        explain.CommandText = command + sql;
#pragma warning restore CA2100
        explain.Parameters.AddRange(parameters.ToArray());
        var steps = new List<string>();
        using var reader = explain.ExecuteReader();
        while (reader.Read())
        {
            steps.Add(reader.GetString(column));
        }

        return steps;
    }
}
