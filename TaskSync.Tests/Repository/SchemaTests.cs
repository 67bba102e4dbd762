using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Repository;

/// <summary>The migrations of all databases, checked without a server.</summary>
public sealed class SchemaTests
{
    /// <summary>Bytes in the key of an index that is not clustered (SQL Server, "Maximum capacity specifications").</summary>
    private const int LongestIndexKey = 1700;

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

    [Fact]
    public void No_index_of_the_SQL_Server_schema_has_a_key_that_is_too_long()
    {
        using var db = SqlServer();
        var indexes =
            from table in db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables
            from index in table.Indexes
            let bytes = index.Columns.Sum(column => Bytes(column.PropertyMappings[0].Property))
            where bytes > LongestIndexKey
            select $"{index.Name}: {bytes} bytes";
        Assert.Empty(indexes);
    }

    [Fact]
    public void No_row_can_be_deleted_along_two_ways()
    {
        // SQL Server refuses "multiple cascade paths", and no parser notices them.
        using var db = SqlServer();
        var cascades = db.Model.GetEntityTypes().SelectMany(type => type.GetForeignKeys())
            .Where(key => key.DeleteBehavior == DeleteBehavior.Cascade)
            .ToLookup(key => key.PrincipalEntityType, key => key.DeclaringEntityType);
        Assert.All(db.Model.GetEntityTypes(), type =>
        {
            var reached = Reached(cascades, type).ToList();
            Assert.Equal(reached.Distinct(), reached);
        });
    }

    private static IEnumerable<string?> Collations(TaskSyncDb db) =>
        db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.SelectMany(table => table.Columns)
            .Where(column => column.PropertyMappings[0].Property.ClrType == typeof(string)).Select(column => column.Collation).Distinct();

    private static IEnumerable<IEntityType> Reached(ILookup<IEntityType, IEntityType> cascades, IEntityType from) =>
        cascades[from].SelectMany(next => Reached(cascades, next).Prepend(next));

    /// <summary>How much of an index key a column takes at most.</summary>
    private static int Bytes(IProperty property) => property.GetColumnType() switch
    {
        "nvarchar(max)" => int.MaxValue / 8,
        var type when type.StartsWith("nvarchar", StringComparison.Ordinal) => 2 * property.GetMaxLength()!.Value,
        "uniqueidentifier" => 16,
        _ => 10,
    };

    private static SqliteTaskSyncDb Sqlite() => new(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite("Data Source=:memory:").Options);

    /// <summary>Never connects.</summary>
    private static PostgreSqlTaskSyncDb PostgreSql() => new(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql("Host=nowhere;Database=tasksync").Options);

    /// <summary>Never connects.</summary>
    private static SqlServerTaskSyncDb SqlServer() => new(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer("Server=nowhere;Database=TaskSync").Options);
}
