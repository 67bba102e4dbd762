namespace TaskSync.Sync.Salesforce;

/// <summary>Who makes a call.</summary>
/// <param name="ConnectionId">Whose token is used.</param>
/// <param name="Ask">Asked before each call, and before each repetition of one. Throws <see cref="SyncStoppedException"/> when the call may no longer be made (F7).</param>
public sealed record Caller(Guid ConnectionId, Func<CancellationToken, Task> Ask)
{
    /// <summary>What the caller has just read of the connection; null where it has to be read, and asked, anew.</summary>
    public JustRead? JustRead { get; init; }

    /// <summary>Asks whether the call may be made, unless that was answered a moment ago.</summary>
    public Task AskAsync(CancellationToken cancellationToken) => JustRead?.TakeAnswer() == true ? Task.CompletedTask : Ask(cancellationToken);

    /// <summary>Somebody at this moment asks for the call: to connect, to search, to test, to preview. Nobody else has a say in it.</summary>
    public static Caller Unasked(Guid connectionId) => new(connectionId, _ => Task.CompletedTask);

    /// <summary>The same, for a call that may not be made later than this (our clock, UTC): a successor takes it for ended then.</summary>
    public Caller Until(DateTimeOffset deadline, TimeProvider time) => this with
    {
        JustRead = null,
        Ask = async cancellationToken =>
        {
            await Ask(cancellationToken);
            if (time.GetUtcNow() >= deadline)
            {
                throw new SyncStoppedException();
            }
        },
    };
}

/// <summary>The call was not made: sync was switched off, paused or taken over since the call before, or the time for it is over. That is no failure.</summary>
public sealed class SyncStoppedException() : Exception("Sync was switched off, or it is too late for this call.");
