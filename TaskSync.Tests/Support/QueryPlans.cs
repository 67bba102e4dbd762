using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace TaskSync.Tests.Support;

/// <summary>Notes every statement, and tells how SQLite would carry them out.</summary>
public sealed class QueryPlans : StatementInterceptor
{
    private readonly List<(string Sql, List<(string Name, object? Value)> Parameters)> _statements = [];

    public int Count => _statements.Count;

    public void Reset() => _statements.Clear();

    /// <summary>The steps of each statement.</summary>
    public List<List<string>> Of(TestDatabase database) => [.. _statements.ToList().Select(statement => Plan(database, statement.Sql, statement.Parameters))];

    /// <summary>The steps that read a table from end to end. What comes out of a subquery is walked through; a table is not.</summary>
    public static IEnumerable<string> Scans(List<string> plan)
    {
        var subqueries = plan.Where(step => step.StartsWith("CO-ROUTINE ", StringComparison.Ordinal)).Select(step => "SCAN " + step["CO-ROUTINE ".Length..]).ToList();
        return plan.Except(subqueries).Where(step => step.StartsWith("SCAN", StringComparison.Ordinal));
    }

    protected override void Before(DbCommand command) => _statements.Add((command.CommandText, [.. command.Parameters.Cast<DbParameter>().Select(p => (p.ParameterName, p.Value))]));

    private static List<string> Plan(TestDatabase database, string sql, List<(string Name, object? Value)> parameters)
    {
        using var connection = new SqliteConnection(database.ConnectionString);
        connection.Open();
        using var explain = connection.CreateCommand();
#pragma warning disable CA2100 // The product's own SQL.
        explain.CommandText = "EXPLAIN QUERY PLAN " + sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            explain.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        var steps = new List<string>();
        using var reader = explain.ExecuteReader();
        while (reader.Read())
        {
            steps.Add(reader.GetString(3));
        }

        return steps;
    }
}
