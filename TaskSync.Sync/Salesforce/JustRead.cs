using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// A connection as a cycle read it a moment ago, for the first call that it makes: whether it may be made, with which sign-in, and which fields there are, has just been
/// answered. Each is given out once, and only for a moment: a call may renew the sign-in or find other fields, and a process may have been stopped since.
/// </summary>
/// <param name="connection">Active, and its sync on.</param>
/// <param name="at">When it was read (our clock, UTC).</param>
/// <param name="time">The clock.</param>
public sealed class JustRead(Connection connection, DateTimeOffset at, TimeProvider time)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    private int _asked;
    private int _schema;
    private int _session;

    private bool IsFresh => time.GetUtcNow() - at < Moment;

    /// <summary>Whether the call may be made needs no second question.</summary>
    public bool TakeAnswer() => IsFresh && Interlocked.Exchange(ref _asked, 1) == 0;

    /// <summary>The connection, for its schema; null when that has to be read.</summary>
    public Connection? TakeSchema() => IsFresh && Interlocked.Exchange(ref _schema, 1) == 0 ? connection : null;

    /// <summary>The connection, for its sign-in; null when that has to be read.</summary>
    public Connection? TakeSession() => IsFresh && Interlocked.Exchange(ref _session, 1) == 0 ? connection : null;
}
