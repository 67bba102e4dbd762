using System.Text.Json;
using System.Text.Json.Serialization;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Faults;

/// <summary>A request as the conditions of a <see cref="FaultRule"/> see it.</summary>
/// <param name="Method">HTTP method, after <c>_HttpMethod</c>.</param>
/// <param name="Resource">The resource as the call log names it, like <c>/sobjects/Task/{id}</c>.</param>
/// <param name="Path">Path and query string, decoded.</param>
/// <param name="UserId">The user of the access token, null when there is no valid one.</param>
/// <param name="Body">The body as text.</param>
public sealed record FaultTarget(string Method, string Resource, string Path, string? UserId, string Body)
{
    private IReadOnlyList<(string Method, string Resource)>? _parts;

    /// <summary>Methods and resources of the parts of a composite request; empty for any other request.</summary>
    public IReadOnlyList<(string Method, string Resource)> Parts => _parts ??= Resource == "/composite" ? ReadParts() : [];

    private List<(string Method, string Resource)> ReadParts()
    {
        try
        {
            return [.. JsonElement.Parse(Body).GetProperty("compositeRequest").EnumerateArray()
                .Select(part => (part.GetProperty("method").GetString()!, Resources.NameOf(part.GetProperty("url").GetString()!.Split('?')[0])))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }
}

/// <summary>When what goes wrong, and how often. Conditions left null match everything; the call is left alone when none of the rules match.</summary>
public sealed class FaultRule
{
    private const string Collections = "/composite/sobjects";

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _fired;
    private int _seen;

    /// <summary>Names the rule; given by the simulator unless set.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>What happens.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>HTTP method, in any case.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// The resource exactly, like <c>/composite</c>; with a star at the end, its beginning. <c>/composite/sobjects</c> also means a composite request with
    /// such a part, of the <see cref="Method"/>, and hits that request as a whole.
    /// </summary>
    public string? Resource { get; init; }

    /// <summary>A part of the decoded path and query string, in any case.</summary>
    public string? PathContains { get; init; }

    /// <summary>A part of the body, in exact case.</summary>
    public string? BodyContains { get; init; }

    /// <summary>18-character id of the user who calls.</summary>
    public string? UserId { get; init; }

    /// <summary>A further condition; in-process only.</summary>
    [JsonIgnore]
    public Func<FaultTarget, bool>? When { get; init; }

    /// <summary>How many times it fires; 0 is without end.</summary>
    public int Times { get; init; } = 1;

    /// <summary>Matching requests that are let through first.</summary>
    public int Skip { get; init; }

    /// <summary>How long a delay lasts, by the org's clock; null waits for <see cref="Release"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>
    /// Which of the records that match an item error hits, from 0 and counted over all parts of a composite request; -1 is every one.
    /// Where <see cref="Resource"/> is <c>/composite/sobjects</c> only records of parts with the <see cref="Method"/> match.
    /// </summary>
    public int Item { get; init; } = -1;

    /// <summary>A part of a record's id or of the JSON sent for it, in exact case: only such records match, and the error is an item error.</summary>
    public string? RecordContains { get; init; }

    /// <summary>HTTP status of <see cref="FaultKind.Error"/> and <see cref="FaultKind.HostileAnswer"/>.</summary>
    public int Status { get; init; } = 400;

    /// <summary>Error code of <see cref="FaultKind.Error"/>.</summary>
    public string Code { get; init; } = "UNKNOWN_EXCEPTION";

    /// <summary>Message of <see cref="FaultKind.Error"/>.</summary>
    public string Message { get; init; } = "An unexpected error occurred.";

    /// <summary>Names of the fields at fault of <see cref="FaultKind.Error"/>.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Where <see cref="FaultKind.Redirect"/> leads.</summary>
    public string Location { get; init; } = "/";

    /// <summary>Whole body of <see cref="FaultKind.HostileAnswer"/>.</summary>
    public string Body { get; init; } = "{}";

    /// <summary>Header Retry-After of <see cref="FaultKind.HostileAnswer"/>, as it is sent: seconds or an HTTP date.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>How many times it has really happened.</summary>
    public int Fired => Volatile.Read(ref _fired);

    /// <summary>Nothing more will come of it.</summary>
    public bool IsSpent => Times > 0 && Fired >= Times;

    /// <summary>Told of each firing.</summary>
    [JsonIgnore]
    internal Action<FaultKind>? OnFired { get; set; }

    /// <summary>Completes when <see cref="Release"/> is called.</summary>
    internal Task Released => _released.Task;

    /// <summary>Lets the requests go on that wait because of this rule, and those to come.</summary>
    public void Release() => _released.TrySetResult();

    internal bool IsItemError => Kind == FaultKind.RowLock || (Kind == FaultKind.Error && (Item >= 0 || RecordContains is not null));

    internal bool IsAboutRecord(string method, string record) =>
        (Resource != Collections || Method is null || Method.Equals(method, StringComparison.OrdinalIgnoreCase))
        && (RecordContains is null || record.Contains(RecordContains, StringComparison.Ordinal));

    internal bool Matches(FaultTarget target) =>
        (IsAbout(target.Method, target.Resource) || (Resource == Collections && target.Parts.Any(part => IsAbout(part.Method, part.Resource))))
        && (PathContains is null || target.Path.Contains(PathContains, StringComparison.OrdinalIgnoreCase))
        && (BodyContains is null || target.Body.Contains(BodyContains, StringComparison.Ordinal))
        && (UserId is null || UserId == target.UserId)
        && (When is null || When(target));

    private bool IsAbout(string method, string resource) =>
        (Method is null || Method.Equals(method, StringComparison.OrdinalIgnoreCase))
        && (Resource is null || (Resource.EndsWith('*') ? resource.StartsWith(Resource[..^1], StringComparison.OrdinalIgnoreCase) : Resource.Equals(resource, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Counts a match against <see cref="Skip"/>; true when the rule is due.</summary>
    internal bool IsDue() => Interlocked.Increment(ref _seen) > Skip && !IsSpent;

    /// <summary>Counts one firing; false when there is none left.</summary>
    internal bool Fire()
    {
        while (true)
        {
            var fired = Fired;
            if (Times > 0 && fired >= Times)
                return false;
            if (Interlocked.CompareExchange(ref _fired, fired + 1, fired) != fired)
                continue;
            OnFired?.Invoke(Kind);
            return true;
        }
    }
}
