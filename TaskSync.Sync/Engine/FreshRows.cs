using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>Rows about to be written as a read by id showed them. What was new in them has been applied.</summary>
/// <param name="At">When they were read, by our clock.</param>
/// <param name="Since">From this stamp on (Salesforce's time) a row may have been changed after the read.</param>
/// <param name="Asked">The ids asked for.</param>
/// <param name="Rows">Those that Salesforce shows.</param>
internal sealed record FreshRows(DateTimeOffset At, DateTimeOffset Since, IReadOnlySet<string> Asked, IReadOnlyDictionary<string, RemoteTask> Rows)
{
    /// <summary>Nothing was read: the call that writes the rows reads them itself, and what others had changed in them comes out then.</summary>
    public bool IsUnread { get; private init; }

    /// <summary>The link's row; null when it was not asked for, or there is none.</summary>
    public RemoteTask? RowOf(TaskLink link) => link.SalesforceId is { } id ? Rows.GetValueOrDefault(id) : null;

    /// <summary>Whether the link's row was asked for: somebody else may have linked another one since.</summary>
    public bool IsAsked(TaskLink link) => link.SalesforceId is { } id && Asked.Contains(id);

    public static FreshRows Nothing(DateTimeOffset at) => new(at, default, new HashSet<string>(), new Dictionary<string, RemoteTask>());

    public static FreshRows Unread(DateTimeOffset at) => Nothing(at) with { IsUnread = true };
}
