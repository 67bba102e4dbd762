using TaskSync.Simulator.Org;

namespace TaskSync.Simulator.Rest;

/// <summary>One HTTP request to the org.</summary>
/// <param name="At">When it was answered, by the org's clock.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Resource">What was called, with placeholders: <c>/composite</c>, <c>/sobjects/Task/{id}</c>, <c>/query/{locator}</c>, <c>/oauth2/token</c> …</param>
/// <param name="UserId">The user of the access token; null without one.</param>
/// <param name="Status">The HTTP status; 0 when the connection was cut.</param>
/// <param name="Counted">How many API calls of the daily allowance it took: 0 for OAuth and the list of versions, one per part for composite/batch.</param>
/// <param name="Path">Path and query string as sent.</param>
public sealed record ApiCall(DateTimeOffset At, string Method, string Resource, string? UserId, int Status, int Counted, string Path);

/// <summary>What was called since the start or the last <see cref="Reset"/>. A composite request is one call. Safe from any thread.</summary>
public sealed class CallLog
{
    private const int Remembered = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<ApiCall> _calls = new();
    private readonly Dictionary<string, int> _byKind = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);

    /// <summary>API calls that count against the daily allowance.</summary>
    public int Total { get; private set; }

    /// <summary>Records created over the API, in single calls, collections and composites alike; what was rolled back does not count.</summary>
    public int RowsCreated { get; private set; }

    /// <summary>Records updated over the API.</summary>
    public int RowsUpdated { get; private set; }

    /// <summary>Records deleted over the API.</summary>
    public int RowsDeleted { get; private set; }

    /// <summary>Everything written over the API: 0 proves that a client only read.</summary>
    public int RowsWritten => RowsCreated + RowsUpdated + RowsDeleted;

    /// <summary>The latest calls, oldest first; the newest 20,000 are kept.</summary>
    public IReadOnlyList<ApiCall> Recent
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>Counted API calls per "METHOD resource".</summary>
    public IReadOnlyDictionary<string, int> ByKind
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, int>(_byKind);
        }
    }

    /// <summary>Counted API calls per user id.</summary>
    public IReadOnlyDictionary<string, int> ByUser
    {
        get
        {
            lock (_gate)
                return new Dictionary<string, int>(_byUser);
        }
    }

    /// <summary>Requests (counted or not) to a resource; null matches any. A star at the end of the resource matches its beginning.</summary>
    public int Count(string? resource = null, string? method = null, string? userId = null)
    {
        lock (_gate)
            return _calls.Count(call => (resource is null || (resource.EndsWith('*') ? call.Resource.StartsWith(resource[..^1], StringComparison.Ordinal) : call.Resource == resource))
                && (method is null || call.Method == method) && (userId is null || call.UserId == userId));
    }

    /// <summary>Starts counting anew. The org's own usage (Sforce-Limit-Info) goes on.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _calls.Clear();
            _byKind.Clear();
            _byUser.Clear();
            (Total, RowsCreated, RowsUpdated, RowsDeleted) = (0, 0, 0, 0);
        }
    }

    internal void Record(ApiCall call)
    {
        lock (_gate)
        {
            if (_calls.Count == Remembered)
                _calls.Dequeue();
            _calls.Enqueue(call);
            if (call.Counted == 0)
                return;
            Total += call.Counted;
            var kind = $"{call.Method} {call.Resource}";
            _byKind[kind] = _byKind.GetValueOrDefault(kind) + call.Counted;
            if (call.UserId is { } user)
                _byUser[user] = _byUser.GetValueOrDefault(user) + call.Counted;
        }
    }

    internal void Record(IReadOnlyList<RowChange> changes)
    {
        lock (_gate)
        {
            RowsCreated += changes.Count(change => change == RowChange.Created);
            RowsUpdated += changes.Count(change => change == RowChange.Updated);
            RowsDeleted += changes.Count(change => change == RowChange.Deleted);
        }
    }
}
