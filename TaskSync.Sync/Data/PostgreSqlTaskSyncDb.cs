using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace TaskSync.Sync.Data;

/// <summary>A server without a licence. Text is compared binary and instants are ticks, whatever the database's own collation is: docs/adr/0011-postgresql.md says why.</summary>
public sealed class PostgreSqlTaskSyncDb(DbContextOptions<PostgreSqlTaskSyncDb> options) : TaskSyncDb(options)
{
    /// <summary>Compares by code points.</summary>
    private const string Binary = "C";

    /// <summary>Knows every letter: under <see cref="Binary"/> lower() changes A to Z only.</summary>
    private const string EveryLetter = "und-x-icu";

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();
        configurationBuilder.Properties<string>().UseCollation(Binary);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.HasDbFunction(() => Lower(null)).HasTranslation(arguments =>
            new SqlFunctionExpression("lower", [new CollateExpression(arguments[0], EveryLetter)], nullable: true, argumentsPropagateNullability: [true], typeof(string), arguments[0].TypeMapping));
    }

    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgreSqlTaskSyncDb>
    {
        public PostgreSqlTaskSyncDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql("Host=design;Database=TaskSync").Options);
    }
}
