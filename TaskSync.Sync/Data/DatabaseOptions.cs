namespace TaskSync.Sync.Data;

/// <summary>The section "Database" of the configuration; the connection string is ConnectionStrings:TaskSync.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>The embedded default needs no server.</summary>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;
}

public enum DatabaseProvider
{
    Sqlite,
    SqlServer,
    PostgreSql,
}
