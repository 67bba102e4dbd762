using System.Collections.Concurrent;

namespace TaskSync.Sync.Signals;

/// <summary>Which reps have a page open, here or on another instance: they are polled fast, the others slowly (docs/rules/reading-cheaply.md).</summary>
public sealed class Presence(TimeProvider time)
{
    /// <summary>What another instance says of a person counts for so long; it is said again before.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(150);

    private readonly ConcurrentDictionary<Guid, int> _open = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _elsewhereUntil = new();

    /// <summary>Raised when a person's first page opens on this instance.</summary>
    public event Action<Guid>? Arrived;

    /// <summary>Raised when a person's last page on this instance closes.</summary>
    internal event Action<Guid>? Left;

    /// <summary>The person has a page open until the result is disposed. Pages are counted.</summary>
    public IDisposable Enter(Guid personId)
    {
        if (_open.AddOrUpdate(personId, 1, (_, count) => count + 1) == 1)
        {
            Arrived?.Invoke(personId);
        }

        return new Visit(this, personId);
    }

    /// <summary>People with a page open.</summary>
    public int Count => Here.Union(_elsewhereUntil.Where(pair => pair.Value > time.GetUtcNow()).Select(pair => pair.Key)).Count();

    /// <summary>People with a page open on this instance.</summary>
    internal IEnumerable<Guid> Here => _open.Where(pair => pair.Value > 0).Select(pair => pair.Key);

    public bool IsHere(Guid personId) => _open.GetValueOrDefault(personId) > 0 || _elsewhereUntil.GetValueOrDefault(personId) > time.GetUtcNow();

    /// <summary>Another instance says that the person has a page open there.</summary>
    internal void HearOf(Guid personId) => _elsewhereUntil[personId] = time.GetUtcNow() + Believed;

    /// <summary>Another instance says that the person has none left there.</summary>
    internal void HearLeft(Guid personId) => _elsewhereUntil.TryRemove(personId, out _);

    private void Leave(Guid personId)
    {
        if (_open.AddOrUpdate(personId, 0, (_, count) => count - 1) == 0)
        {
            _open.TryRemove(new KeyValuePair<Guid, int>(personId, 0));
            Left?.Invoke(personId);
        }
    }

    private sealed class Visit(Presence presence, Guid personId) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                presence.Leave(personId);
            }
        }
    }
}
