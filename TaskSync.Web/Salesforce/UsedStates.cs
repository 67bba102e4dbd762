using System.Collections.Concurrent;

namespace TaskSync.Web.Salesforce;

/// <summary>States that came back already: a callback is answered once, even if the browser still sends its cookie.</summary>
public sealed class UsedStates(TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(11);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _used = new();

    /// <summary>True the first time.</summary>
    public bool Use(string state)
    {
        var now = time.GetUtcNow();
        foreach (var (old, at) in _used)
        {
            if (now - at > Remembered)
            {
                _used.TryRemove(old, out _);
            }
        }

        return _used.TryAdd(state, now);
    }
}
