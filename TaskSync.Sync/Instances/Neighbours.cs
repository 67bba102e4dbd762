using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>Who else is there. On SQLite nobody ever is.</summary>
public sealed class Neighbours(ThisInstance self)
{
    private volatile IReadOnlyList<Instance> _others = [];

    /// <summary>Raised when somebody came or went.</summary>
    public event Action? Changed;

    /// <summary>Raised when this instance, or one that died, may have missed or kept something back: everything is to be looked at.</summary>
    public event Action? Missed;

    /// <summary>The other instances that live.</summary>
    public IReadOnlyList<Instance> Others => _others;

    /// <summary>Whether anybody is to be told anything. An instance that is alone tells nobody, and asks nobody.</summary>
    public bool Any => _others.Count > 0;

    /// <summary>Instances that serve shards, this one included if it does.</summary>
    public int Engines => _others.Count(other => other.RunsEngine) + (self.RunsEngine ? 1 : 0);

    internal void Set(IReadOnlyList<Instance> others)
    {
        var before = _others.Select(other => other.Id).ToHashSet();
        _others = others;
        if (!before.SetEquals(others.Select(other => other.Id)))
        {
            Changed?.Invoke();
        }
    }

    internal void Miss() => Missed?.Invoke();
}
