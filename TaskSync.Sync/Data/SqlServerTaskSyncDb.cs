using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace TaskSync.Sync.Data;

/// <summary>The owner's choice for production. Text is compared binary: Salesforce ids and keys differ by case.</summary>
public sealed class SqlServerTaskSyncDb(DbContextOptions<SqlServerTaskSyncDb> options) : TaskSyncDb(options)
{
    /// <summary>Of each column: a database that was made by hand has a collation of its own.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<string>().UseCollation("Latin1_General_100_BIN2");

    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqlServerTaskSyncDb>
    {
        public SqlServerTaskSyncDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer("Server=design;Database=TaskSync").Options);
    }
}
