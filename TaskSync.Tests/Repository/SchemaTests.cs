using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Repository;

/// <summary>The migrations of all databases, checked without a server. What SQL Server would say of its schema is <see cref="Data.SqlServerSchemaTests"/>' affair.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void The_model_and_the_SQLite_migrations_are_the_same()
    {
        using var db = Sqlite();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public void The_model_and_the_SQL_Server_migrations_are_the_same()
    {
        using var db = SqlServer();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public void The_model_and_the_PostgreSQL_migrations_are_the_same()
    {
        using var db = PostgreSql();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public void Every_text_column_of_a_server_is_compared_binary_whatever_the_database_is()
    {
        using var sqlServer = SqlServer();
        using var postgreSql = PostgreSql();
        Assert.Equal("Latin1_General_100_BIN2", Assert.Single(Collations(sqlServer)));
        Assert.Equal("C", Assert.Single(Collations(postgreSql)));
    }

    [Theory]
    [InlineData(MigrationsSqlGenerationOptions.Default)]
    [InlineData(MigrationsSqlGenerationOptions.Idempotent)]
    public void SQL_Server_understands_the_migration_script(MigrationsSqlGenerationOptions options)
    {
        using var db = SqlServer();
        using var script = new StringReader(db.GetService<IMigrator>().GenerateScript(options: options));
        var tree = new TSql160Parser(initialQuotedIdentifiers: true).Parse(script, out var errors);

        Assert.Empty(errors.Select(error => $"line {error.Line}: {error.Message}"));
        Assert.NotEmpty(((TSqlScript)tree).Batches);
    }

    private static IEnumerable<string?> Collations(TaskSyncDb db) =>
        db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.SelectMany(table => table.Columns)
            .Where(column => column.PropertyMappings[0].Property.ClrType == typeof(string)).Select(column => column.Collation).Distinct();

    private static SqliteTaskSyncDb Sqlite() => new(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite("Data Source=:memory:").Options);

    /// <summary>Never connects.</summary>
    private static PostgreSqlTaskSyncDb PostgreSql() => new(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql("Host=nowhere;Database=tasksync").Options);

    /// <summary>Never connects.</summary>
    private static SqlServerTaskSyncDb SqlServer() => new(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer("Server=nowhere;Database=TaskSync").Options);
}
