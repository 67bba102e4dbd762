using System.Collections.Concurrent;

namespace TaskSync.Sync.Signals;

/// <summary>Which reps have a page open: they are polled fast, the others slowly (docs/rules/reading-cheaply.md).</summary>
public sealed class Presence
{
    private readonly ConcurrentDictionary<Guid, int> _open = new();

    /// <summary>Raised when a person's first page opens.</summary>
    public event Action<Guid>? Arrived;

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
    public int Count => _open.Count(pair => pair.Value > 0);

    public bool IsHere(Guid personId) => _open.GetValueOrDefault(personId) > 0;

    private sealed class Visit(Presence presence, Guid personId) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                presence._open.AddOrUpdate(personId, 0, (_, count) => count - 1);
            }
        }
    }
}
