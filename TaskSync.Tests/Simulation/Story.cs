using TaskSync.Sync.Model;

namespace TaskSync.Tests.Simulation;

/// <summary>What people did to one task, on both sides, in the order they did it.</summary>
internal sealed class Story(string name, Guid owner)
{
    private readonly List<Edit> _edits = [];
    private readonly List<(DateTimeOffset At, bool Here)> _deletions = [];
    private readonly List<DateTimeOffset> _restores = [];

    /// <summary>Its first subject.</summary>
    public string Name => name;

    /// <summary>The rep in whose list it began.</summary>
    public Guid Owner => owner;

    /// <summary>Made while the box was ticked, or in Salesforce.</summary>
    public bool MaySync { get; init; } = true;

    /// <summary>Sync was off, or somebody else was connected, during its life: what catch-up does then is judged by equality alone (F6).</summary>
    public bool WasOff { get; set; }

    public bool WasReassigned { get; set; }

    public IReadOnlyList<Edit> Edits => _edits;

    /// <summary>Nobody ever deleted it.</summary>
    public bool NeverDeleted => _deletions.Count == 0;

    public int DeletionsHere => _deletions.Count(d => d.Here);

    /// <summary>Its deletion was the last thing anybody did to it.</summary>
    public bool EndsDeleted => _deletions.Count > 0 && _deletions.Max(d => d.At) is var last && _edits.All(e => e.At < last) && _restores.All(at => at < last);

    /// <summary>Values that must be found somewhere at the end. Of several edits there only the last of a field: Salesforce itself overwrote the others.</summary>
    public IEnumerable<Edit> MustBeKept => _edits.Where(e => e.Here).Concat(_edits.Where(e => !e.Here).GroupBy(e => e.Field).Select(g => g.Last()));

    /// <summary>
    /// For each field the value both sides must show. A remote field's time is that of the first read that showed it (S3), which later edits of the same row
    /// there may push behind an edit made here: such a field is left to the equality of both sides.
    /// </summary>
    public IEnumerable<Edit> Newest => _edits.GroupBy(e => e.Field).Select(edits => edits.Last()).Where(newest => !newest.Here || !_edits.Any(e => !e.Here && e.At > newest.At));

    public void Edited(TaskField field, string value, DateTimeOffset at, bool here) => _edits.Add(new Edit(field, value, at, here));

    public void Deleted(DateTimeOffset at, bool here) => _deletions.Add((at, here));

    public void Restored(DateTimeOffset at) => _restores.Add(at);

    internal sealed record Edit(TaskField Field, string Value, DateTimeOffset At, bool Here);
}
