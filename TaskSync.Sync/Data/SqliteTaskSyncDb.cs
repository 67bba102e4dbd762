using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace TaskSync.Sync.Data;

/// <summary>The embedded default. SQLite cannot compare <see cref="DateTimeOffset"/>, so instants are stored as UTC ticks.</summary>
public sealed class SqliteTaskSyncDb(DbContextOptions<SqliteTaskSyncDb> options) : TaskSyncDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteTaskSyncDb>
    {
        public SqliteTaskSyncDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite("Data Source=design.db").Options);
    }
}
