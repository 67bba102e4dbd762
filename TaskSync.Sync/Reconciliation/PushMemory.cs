using System.Text.Json;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>
/// Remembers per field what we pushed and what it replaced, so that a field which Salesforce keeps changing back is noticed (S6).
/// Immutable; stored on the link as JSON and forgotten ten minutes later.
/// </summary>
public sealed class PushMemory
{
    /// <summary>How often within <see cref="Window"/> a field may be changed back before we stop writing it.</summary>
    public const int Limit = 3;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Dictionary<TaskField, Entry> _entries;

    private PushMemory(Dictionary<TaskField, Entry> entries) => _entries = entries;

    public static PushMemory FromJson(string? json) => new(json is null ? [] : JsonSerializer.Deserialize<Dictionary<TaskField, Entry>>(json)!);

    /// <summary>Null when there is nothing worth keeping.</summary>
    public string? ToJson() => _entries.Count == 0 ? null : JsonSerializer.Serialize(_entries);

    /// <summary>We pushed <paramref name="sent"/> over <paramref name="before"/>.</summary>
    public PushMemory Pushed(TaskValues before, TaskValues sent, DateTimeOffset at)
    {
        var entries = Fresh(at);
        foreach (var field in (sent.Known & before.Known).Each())
        {
            var reversals = entries.TryGetValue(field, out var known) ? known.Reversals : [];
            entries[field] = new Entry(before[field], sent[field], at, reversals);
        }

        return new PushMemory(entries);
    }

    /// <summary>Salesforce shows other values: those that are back at what our push replaced count as changed back.</summary>
    /// <param name="changed">What Salesforce changed.</param>
    /// <param name="at">Now (UTC).</param>
    /// <param name="exhausted">The fields that were changed back too often.</param>
    public PushMemory Observed(TaskValues changed, DateTimeOffset at, out TaskFields exhausted)
    {
        exhausted = TaskFields.None;
        var entries = Fresh(at);
        foreach (var field in changed.Known.Each())
        {
            if (entries.TryGetValue(field, out var entry) && TaskValues.SameText(entry.Before, changed[field]))
            {
                entries[field] = entry with { Reversals = [.. entry.Reversals, at] };
                exhausted |= entries[field].Reversals.Count >= Limit ? field.AsSet() : TaskFields.None;
            }
        }

        return new PushMemory(entries);
    }

    private Dictionary<TaskField, Entry> Fresh(DateTimeOffset now) => _entries
        .Where(pair => now - pair.Value.At <= Window)
        .ToDictionary(pair => pair.Key, pair => pair.Value with { Reversals = [.. pair.Value.Reversals.Where(at => now - at <= Window)] });

    internal sealed record Entry(string? Before, string? Sent, DateTimeOffset At, IReadOnlyList<DateTimeOffset> Reversals);
}
