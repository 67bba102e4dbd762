using System.Reflection;

namespace TaskSync.Sync.Model;

/// <summary>A running TaskSync, as the others on the same database see it. On SQLite there is one, and no row.</summary>
public sealed class Instance
{
    /// <summary>Looks are so far apart.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(3);

    /// <summary>Who was not seen for so long is taken for dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(6);

    /// <summary>The machine's name and something random: another one at each start.</summary>
    public required string Id { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>When it last said that it is there (UTC, its own clock).</summary>
    public DateTimeOffset SeenAt { get; set; }

    /// <summary>False: it shows pages only.</summary>
    public bool RunsEngine { get; set; }

    /// <summary>Into how many shards it divides the connections: all that live together must agree.</summary>
    public int Shards { get; set; }

    public required string Version { get; set; }
}

/// <summary>What this process is among those that share the database.</summary>
/// <param name="Id">See <see cref="Instance.Id"/>.</param>
/// <param name="RunsEngine">Whether it serves shards.</param>
/// <param name="IsShared">Whether there may be others: the database is a server.</param>
/// <param name="Version">Of the program.</param>
public sealed record ThisInstance(string Id, bool RunsEngine, bool IsShared, string Version)
{
    /// <summary>With a name of its own.</summary>
    public static ThisInstance Named(bool runsEngine, bool isShared) => new(
        $"{Texts.Fitting(Environment.MachineName, 60)}-{Guid.NewGuid():N}"[..^24], runsEngine, isShared, Texts.Fitting(typeof(ThisInstance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown", 100)!);
}
