using Microsoft.EntityFrameworkCore.Migrations;
using Quartz;

namespace TaskSync.Sync.Data;

/// <summary>The tables in which clustered Quartz keeps its jobs, made by our migrations from the package's own script: each statement makes only what is missing.</summary>
internal static class QuartzTables
{
    /// <summary>All instances are one scheduler.</summary>
    public const string Scheduler = "TaskSync";

    public const string Prefix = "QRTZ_";

    /// <summary>Two instances that start together on an empty database would both insert these.</summary>
    private static readonly string[] Locks = ["TRIGGER_ACCESS", "STATE_ACCESS"];

    /// <param name="migration">Where they are made.</param>
    /// <param name="dialect">As the package names its script: "postgres" or "sqlServer".</param>
    public static void Create(MigrationBuilder migration, string dialect)
    {
        foreach (var statement in Script(dialect).Split("\n--;;", StringSplitOptions.TrimEntries).Where(HasStatement))
        {
            migration.Sql(statement);
        }

        foreach (var name in Locks)
        {
            migration.Sql($"INSERT INTO {Prefix}LOCKS (SCHED_NAME, LOCK_NAME) VALUES ('{Scheduler}', '{name}')");
        }
    }

    private static string Script(string dialect)
    {
        var name = $"Quartz.Impl.AdoJobStore.Schema.create_{dialect}.sql";
        using var stream = typeof(IScheduler).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"Quartz has no {name} any more.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Replace("{0}", Prefix, StringComparison.Ordinal).Replace("{1}", Prefix, StringComparison.Ordinal);
    }

    private static bool HasStatement(string text) => text.Split('\n').Any(line => line.Trim() is { Length: > 0 } code && !code.StartsWith("--", StringComparison.Ordinal));
}
