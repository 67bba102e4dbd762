using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>Who else is there. On SQLite nobody ever is.</summary>
public sealed class Neighbours(ThisInstance self)
{
    private volatile IReadOnlyList<Instance> _others = [];
    private volatile int _engines = self.RunsEngine ? 1 : 0;

    /// <summary>Raised after each look at who is there.</summary>
    public event Action? Looked;

    /// <summary>Raised when somebody came or went.</summary>
    public event Action? Changed;

    /// <summary>Raised when this instance, or one that died, may have missed or kept something back: everything is to be looked at.</summary>
    public event Action? Missed;

    /// <summary>The other instances that live.</summary>
    public IReadOnlyList<Instance> Others => _others;

    /// <summary>Whether anybody is to be told anything. An instance that is alone tells nobody, and asks nobody.</summary>
    public bool Any => _others.Count > 0;

    /// <summary>
    /// Instances among which the shards are shared, this one included. One that has just come does not count yet: mostly it takes the place of one that has just died
    /// and is still taken for living, and nobody need give a shard away for it.
    /// </summary>
    public int Engines => _engines;

    internal void Set(IReadOnlyList<Instance> others, DateTimeOffset now)
    {
        var before = _others.Select(other => other.Id).ToHashSet();
        var engines = others.Count(other => other.RunsEngine && now - other.StartedAt > Instance.DeadAfter) + (self.RunsEngine ? 1 : 0);
        (_others, _engines) = (others, engines);
        if (!before.SetEquals(others.Select(other => other.Id)))
        {
            Changed?.Invoke();
        }

        Looked?.Invoke();
    }

    internal void Miss() => Missed?.Invoke();
}
