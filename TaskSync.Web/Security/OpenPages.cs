using System.Collections.Concurrent;
using TaskSync.Sync.Model;

namespace TaskSync.Web.Security;

/// <summary>The live pages of this server by sign-in, so that they can be told when it ends.</summary>
public sealed class OpenPages
{
    private readonly ConcurrentDictionary<Guid, Action<SignInEnd>> _pages = new();
    private readonly ConcurrentDictionary<Guid, Guid> _sessions = new();

    /// <summary>The sign-ins that have a page open here.</summary>
    public IReadOnlyCollection<Guid> Sessions => [.. _sessions.Values.Distinct()];

    /// <summary>Calls back, on any thread, when this sign-in ends, until disposed.</summary>
    public IDisposable OnEnd(Guid sessionId, Action<SignInEnd> ended)
    {
        var page = Guid.NewGuid();
        _pages[page] = ended;
        _sessions[page] = sessionId;
        return new Registration(() =>
        {
            _sessions.TryRemove(page, out _);
            _pages.TryRemove(page, out _);
        });
    }

    /// <summary>Tells the pages of this sign-in that it has ended.</summary>
    public void End(Guid sessionId, SignInEnd end)
    {
        foreach (var (page, session) in _sessions)
        {
            if (session == sessionId && _pages.TryGetValue(page, out var ended))
            {
                ended(end);
            }
        }
    }

    private sealed class Registration(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
