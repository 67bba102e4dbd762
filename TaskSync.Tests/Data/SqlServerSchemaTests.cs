using Microsoft.EntityFrameworkCore;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Data;

/// <summary>What a SQL Server would say of the schema, asked of DacFx and of checks of our own; each check finds a fault that is planted for it.</summary>
public sealed class SqlServerSchemaTests
{
    [Fact]
    public void SQL_Server_would_take_the_schema()
    {
        // Never connects.
        using var db = new SqlServerTaskSyncDb(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer("Server=nowhere;Database=TaskSync").Options);
        var script = db.Database.GenerateCreateScript();
        using var schema = new SqlServerSchema(script);

        Assert.Empty(schema.Faults());
        Assert.Equal(db.Model.GetEntityTypes().Count(), schema.Tables);
        Assert.Equal(db.Model.GetEntityTypes().SelectMany(type => type.GetIndexes()).Count(), schema.Indexes);
        Assert.All(SqlServerSchema.Statements(script, out _), statement => Assert.True(statement is CreateTableStatement or CreateIndexStatement or InsertStatement or IfStatement, statement.GetType().Name));
    }

    [Theory]
    [InlineData("CREATE TABLE [T] ([Id] int NOT NULL PRIMARY KEY, [Other] int NOT NULL REFERENCES [Nothing] ([Id]))", "SQL71501")]
    [InlineData("CREATE TABLE [T] ([Id] int NOT NULL); CREATE INDEX [I] ON [T] ([Nothing])", "SQL71501")]
    [InlineData("CREATE TABLE [T] ([Id] int NOT NULL); CREATE INDEX [I] ON [T] ([Id]); CREATE INDEX [I] ON [T] ([Id])", "SQL71508")]
    [InlineData("CREATE TABLE [T] ([A] nvarchar(450) COLLATE Latin1_General_100_BIN2 NOT NULL, [B] nvarchar(401) COLLATE Latin1_General_100_BIN2 NOT NULL); CREATE INDEX [I] ON [T] ([A], [B])", "key of 1702 bytes")]
    [InlineData("CREATE TABLE [T] ([A] nvarchar(451) COLLATE Latin1_General_100_BIN2 NOT NULL, CONSTRAINT [K] PRIMARY KEY ([A]))", "key of 902 bytes")]
    [InlineData("CREATE TABLE [T] ([A] nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL); CREATE INDEX [I] ON [T] ([A])", "key of ")]
    [InlineData("CREATE TABLE [T] ([Id] int NOT NULL, [A] rowversion NOT NULL, [B] rowversion NOT NULL)", "two row versions")]
    [InlineData("CREATE TABLE [T] ([A] nvarchar(4001) COLLATE Latin1_General_100_BIN2 NOT NULL)", "text longer than 4000")]
    [InlineData("CREATE TABLE [T] ([A] nvarchar(10) NOT NULL)", "collation ")]
    [InlineData("CREATE TABLE [T] ([A] nvarchar(10) COLLATE Latin1_General_100_CI_AS NOT NULL)", "collation Latin1_General_100_CI_AS")]
    [InlineData("CREATE TABLE [T] ([A] int NOT NULL); CREATE INDEX [I] ON [T] ([A]) WHERE [A] = 1 OR [A] = 2", "line 1: Incorrect syntax near 'OR'")]
    [InlineData("CREATE TABLE [T] ([A] int NOT NULL); CREATE INDEX [I] ON [T] ([A]) WHERE [A] NOT IN (1, 2)", "line 1: Incorrect syntax near 'NOT'")]
    [InlineData("CREATE TABLE [T] ([A] int NOT NULL, [B] int NOT NULL); CREATE INDEX [I] ON [T] ([A]) WHERE [A] = [B]", "line 1: There is an incorrect expression in the WHERE")]
    [InlineData(
        "CREATE TABLE [A] ([Id] int NOT NULL PRIMARY KEY); CREATE TABLE [B] ([Id] int NOT NULL PRIMARY KEY REFERENCES [A] ([Id]) ON DELETE CASCADE);"
        + "CREATE TABLE [C] ([Id] int NOT NULL PRIMARY KEY REFERENCES [A] ([Id]) ON DELETE CASCADE, [Other] int REFERENCES [B] ([Id]) ON DELETE SET NULL)", "two cascade paths from [dbo].[A]")]
    [InlineData("CREATE TABLE [A] ([Id] int NOT NULL PRIMARY KEY, [Other] int REFERENCES [A] ([Id]) ON DELETE CASCADE)", "two cascade paths from [dbo].[A]")]
    public void A_fault_of_a_schema_is_found(string script, string fault)
    {
        using var schema = new SqlServerSchema(script);
        var found = schema.Faults();
        Assert.NotEmpty(found);
        Assert.All(found, one => Assert.StartsWith(fault, one, StringComparison.Ordinal));
    }
}
