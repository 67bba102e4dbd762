using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>When the connections of a shard are to be looked at next: those for which this instance knows an instant. Lost with the process, and asked of the database anew.</summary>
internal sealed class Timetable
{
    private readonly Dictionary<Guid, (ConnectionKind Kind, DateTimeOffset At)> _times = [];

    /// <summary>In the order of their instants; readers apart, since they come first.</summary>
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _reps = [];
    private readonly SortedSet<(DateTimeOffset At, Guid Id)> _readers = [];

    /// <summary>The first instant (UTC); null when there is none.</summary>
    public DateTimeOffset? Next => (_reps.Count, _readers.Count) switch
    {
        (0, 0) => null,
        (_, 0) => _reps.Min.At,
        (0, _) => _readers.Min.At,
        _ => _reps.Min.At < _readers.Min.At ? _reps.Min.At : _readers.Min.At,
    };

    /// <summary>When the connection is to be looked at (UTC); null for one that waits for somebody to ring.</summary>
    public DateTimeOffset? Of(Guid id) => _times.TryGetValue(id, out var known) ? known.At : null;

    /// <summary>Puts the connection's next instant (UTC) in place of the one that is known.</summary>
    public void Set(Guid id, ConnectionKind kind, DateTimeOffset at)
    {
        Remove(id);
        _times.Add(id, (kind, at));
        OfKind(kind).Add((at, id));
    }

    /// <summary>The same, unless an earlier instant is known.</summary>
    public void SetNotAfter(Guid id, ConnectionKind kind, DateTimeOffset at)
    {
        if (Of(id) is not { } known || known > at)
        {
            Set(id, kind, at);
        }
    }

    /// <summary>Takes whoever is due out: a reader first, then whoever has waited longest.</summary>
    public bool TryTake(DateTimeOffset now, out Guid id, out ConnectionKind kind)
    {
        var first = _readers.Count > 0 && _readers.Min.At <= now ? _readers : _reps;
        (id, kind) = (default, first == _readers ? ConnectionKind.Reader : ConnectionKind.Rep);
        if (first.Count == 0 || first.Min.At > now)
        {
            return false;
        }

        id = first.Min.Id;
        Remove(id);
        return true;
    }

    private void Remove(Guid id)
    {
        if (_times.Remove(id, out var known))
        {
            OfKind(known.Kind).Remove((known.At, id));
        }
    }

    private SortedSet<(DateTimeOffset At, Guid Id)> OfKind(ConnectionKind kind) => kind == ConnectionKind.Reader ? _readers : _reps;
}
