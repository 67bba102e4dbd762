namespace TaskSync.Web.Security;

/// <summary>Tells the open pages of a sign-in that it ended, so that a live circuit does not outlast its cookie.</summary>
public sealed class SessionEnds
{
    private event Action<string>? Ended;

    public void End(string sessionId) => Ended?.Invoke(sessionId);

    /// <summary>Calls back, on any thread, when this sign-in ends, until disposed.</summary>
    public IDisposable OnEnd(string sessionId, Action ended)
    {
        void Handler(string id)
        {
            if (id == sessionId)
            {
                ended();
            }
        }

        Ended += Handler;
        return new Registration(() => Ended -= Handler);
    }

    private sealed class Registration(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
