namespace TaskSync.Sync.Model;

/// <summary>The idempotency key of a create (S5).</summary>
public static class TaskKey
{
    /// <summary>What every key begins with.</summary>
    public const string Start = "TSK-";

    /// <summary>A new key, unlike any other. Keys grow, so that their index does at its end.</summary>
    public static string New() => $"{Start}{NewId.Next():N}";

    /// <summary>Whether a text looks like one of our keys.</summary>
    public static bool Is(string text) => text.Length == Start.Length + 32 && text.StartsWith(Start, StringComparison.Ordinal);
}
