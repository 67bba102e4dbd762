using System.Collections.Concurrent;

namespace TaskSync.Web.Salesforce;

/// <summary>How connecting ended, as the settings page is told by its address.</summary>
public static class ConnectMessage
{
    public const string Connected = "ok";
    public const string ConnectedAsAnother = "other";
    public const string Disconnected = "off";
    public const string Denied = "denied";
    public const string Stale = "stale";
}

/// <summary>Longer words that must not be in an address: kept for the person for a few minutes, by an id.</summary>
public sealed class ConnectMessages(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, (Guid PersonId, string Words, string? Exact, DateTimeOffset At)> _kept = new();

    public string Keep(Guid personId, string words, string? exact)
    {
        var now = time.GetUtcNow();
        foreach (var (old, message) in _kept)
        {
            if (now - message.At > Lifetime)
            {
                _kept.TryRemove(old, out _);
            }
        }

        var id = Guid.NewGuid().ToString("N");
        _kept[id] = (personId, words, exact, now);
        return id;
    }

    /// <summary>The words of this person's message; null for anybody else's or an old one.</summary>
    public (string Words, string? Exact)? Find(Guid personId, string id) =>
        _kept.TryGetValue(id, out var message) && message.PersonId == personId ? (message.Words, message.Exact) : null;
}
