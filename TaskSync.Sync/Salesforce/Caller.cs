namespace TaskSync.Sync.Salesforce;

/// <summary>Who makes a call.</summary>
/// <param name="ConnectionId">Whose token is used.</param>
/// <param name="Ask">Asked before each call that reads. Throws <see cref="SyncStoppedException"/> when the call may no longer be made (F7).</param>
public sealed record Caller(Guid ConnectionId, Func<CancellationToken, Task> Ask)
{
    /// <summary>Somebody at this moment asks for the call: to connect, to search, to test, to preview. Nobody else has a say in it.</summary>
    public static Caller Unasked(Guid connectionId) => new(connectionId, _ => Task.CompletedTask);
}

/// <summary>The call was not made: sync was switched off, paused or taken over since the call before. That is no failure.</summary>
public sealed class SyncStoppedException() : Exception("Sync was switched off meanwhile.");
