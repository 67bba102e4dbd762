using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>Everything that is ever asked of Salesforce's Task object, by what it is for. The columns are added by whoever sends it, as far as the user may see them.</summary>
public sealed record TaskQuery
{
    private const string Oldest = "SystemModstamp ASC, Id ASC";
    private const string Newest = "SystemModstamp DESC, Id ASC";

    /// <param name="where">The condition without the word WHERE, composed with <see cref="Soql"/>.</param>
    /// <param name="orderBy">Without the words ORDER BY; null for any order.</param>
    /// <param name="includeDeleted">queryAll: rows in the recycle bin and archived rows too.</param>
    internal TaskQuery(string where, string? orderBy = null, bool includeDeleted = false) => (Where, OrderBy, IncludeDeleted) = (where, orderBy, includeDeleted);

    internal string Where { get; }

    internal string? OrderBy { get; }

    internal bool IncludeDeleted { get; }

    /// <summary>A poll: the rows of one owner that changed since an instant of Salesforce's time, deleted ones too, in the order of their changes.</summary>
    public static TaskQuery ChangedSince(string ownerId, DateTimeOffset since) => new(Soql.And(OfOwner(ownerId), StampedFrom(since)), Oldest, includeDeleted: true);

    /// <summary>The same with the latest change first, for one row that has just changed.</summary>
    public static TaskQuery JustChanged(string ownerId, DateTimeOffset since) => new(Soql.And(OfOwner(ownerId), StampedFrom(since)), Newest, includeDeleted: true);

    /// <summary>A reader's poll: whoever owns them, and some rows more that it has to see whether they changed or not.</summary>
    public static TaskQuery ChangedInOrganization(DateTimeOffset since, IReadOnlyCollection<string> witnesses) =>
        new(witnesses.Count == 0 ? StampedFrom(since) : Soql.Or(StampedFrom(since), Soql.In("Id", witnesses)), Oldest, includeDeleted: true);

    /// <summary>Rows by id, deleted and archived ones too.</summary>
    public static TaskQuery ById(IEnumerable<string> ids) => new(Soql.In("Id", ids), orderBy: null, includeDeleted: true);

    /// <summary>
    /// The read of a call that writes: of the rows about to be written those that may have changed since they were read, and all that are to be written next.
    /// What has just changed is on the first page.
    /// </summary>
    /// <param name="written">About to be written.</param>
    /// <param name="since">Of those only what changed from this instant on (Salesforce's time); null for all.</param>
    /// <param name="next">To be written by the next call.</param>
    /// <returns>Null when there is nothing to read.</returns>
    public static TaskQuery? BeforeWriting(IReadOnlyCollection<string> written, DateTimeOffset? since, IReadOnlyCollection<string> next)
    {
        var again = written.Count == 0 ? null : Soql.And(Soql.In("Id", written), since is { } stamp ? StampedFrom(stamp) : null);
        var ahead = next.Count == 0 ? null : Soql.In("Id", next);
        return (again ?? ahead) is not { } either ? null : new(again is null || ahead is null ? either : Soql.Or($"({again})", ahead), Newest, includeDeleted: true);
    }

    /// <summary>Rows by their idempotency key, deleted and archived ones too (S5).</summary>
    internal static TaskQuery ByKey(string keyName, IEnumerable<string> keys) => new(Soql.In(keyName, keys), orderBy: null, includeDeleted: true);

    /// <summary>Live rows of one owner whose key begins with a text.</summary>
    internal static TaskQuery KeyStartsWith(string ownerId, string keyName, string start) => new(Soql.And(OfOwner(ownerId), Soql.StartsWith(keyName, start)));

    /// <summary>Rows whose subject contains a text, deleted ones too.</summary>
    public static TaskQuery SubjectContains(string text) => new(Soql.Contains("Subject", text), orderBy: null, includeDeleted: true);

    /// <summary>All tasks of a first sync's window (F3), for the count.</summary>
    public static TaskQuery ImportWindow(string ownerId, InitialSync initial) => new(InWindow(ownerId, initial));

    /// <summary>The tasks of the stage that is being read (F4): today first, then tomorrow and later; of the overdue the latest first.</summary>
    public static TaskQuery ImportPage(string ownerId, InitialSync initial)
    {
        var today = Soql.Date(initial.Today!.Value);
        var (due, order) = initial.Import switch
        {
            ImportStage.FromToday => ($"ActivityDate >= {today}", "ActivityDate ASC, Id ASC"),
            ImportStage.Overdue => ($"ActivityDate < {today}", "ActivityDate DESC, Id ASC"),
            ImportStage.NoDate => ("ActivityDate = null", "Id ASC"),
            _ => throw new ArgumentOutOfRangeException(nameof(initial), initial.Import, "Not a stage that reads."),
        };
        return new(Soql.And(InWindow(ownerId, initial), due), order);
    }

    private static string InWindow(string ownerId, InitialSync initial)
    {
        var recent = $"LastModifiedDate >= {Soql.Instant(initial.WindowStart!.Value)}";
        return Soql.And(
            OfOwner(ownerId),
            $"IsRecurrence = {Soql.Flag(false)}",
            initial.Window == Model.ImportWindow.AllOpen ? Soql.Or(recent, $"IsClosed = {Soql.Flag(false)}") : recent);
    }

    private static string OfOwner(string ownerId) => $"OwnerId = {Soql.Id(ownerId)}";

    private static string StampedFrom(DateTimeOffset since) => $"SystemModstamp >= {Soql.Instant(since)}";
}
