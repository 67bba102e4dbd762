using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace TaskSync.Sync.Data;

/// <summary>The embedded default. SQLite cannot compare <see cref="DateTimeOffset"/>, so instants are stored as UTC ticks.</summary>
public sealed class SqliteTaskSyncDb(DbContextOptions<SqliteTaskSyncDb> options) : TaskSyncDb(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();

    private sealed class UtcTicksConverter()
        : ValueConverter<DateTimeOffset, long>(value => value.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteTaskSyncDb>
    {
        public SqliteTaskSyncDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite("Data Source=design.db").Options);
    }
}
