namespace TaskSync.Sync.Salesforce;

/// <summary>
/// What Salesforce can take, keep and tell at once, with the page that says so. Where it is strict at the very limit, ours is a little inside.
/// How long each field may be is said by <see cref="Model.SyncedFields"/>.
/// </summary>
public static class SalesforceLimits
{
    /// <summary>Rows of one Collections request, and of one undelete (REST guide, "sObject Collections"; SOAP guide, "undelete()").</summary>
    public const int RowsPerCollection = 200;

    /// <summary>Rows of one page of a query, and ids of one retrieve (REST guide, "Query", "Get Records with POST Using sObject Collections").</summary>
    public const int RowsPerPage = 2000;

    /// <summary>Parts of one Composite request that are queries or Collections, of 25 parts in all (REST guide, "Composite").</summary>
    public const int PartsPerComposite = 5;

    /// <summary>Collections in one Composite request of ours: of its parts one reads before them and one after.</summary>
    public const int CollectionsPerComposite = PartsPerComposite - 2;

    /// <summary>Ids in an address, which with all headers stays below 16,384 bytes (Salesforce help, "Maximum URI length"): an id takes 27 characters.</summary>
    public const int IdsPerAddress = 200;

    /// <summary>The same for keys, which take 45 characters.</summary>
    public const int KeysPerAddress = 100;

    /// <summary>Longest text that any field holds: a long text area (Salesforce help, "Custom Field Types").</summary>
    public const int LongestText = 131_072;

    /// <summary>Longest picklist value and longest name of a record (Salesforce help, "Custom Field Types").</summary>
    public const int LongestWord = 255;

    /// <summary>getUpdated reaches back 30 days; a window exactly at the limit is refused (REST guide, "Get Updated").</summary>
    public static readonly TimeSpan UpdatedHorizon = TimeSpan.FromDays(29);

    /// <summary>getDeleted reaches back 15 days; a window exactly at the limit is refused (REST guide, "Get Deleted").</summary>
    public static readonly TimeSpan DeletedHorizon = TimeSpan.FromDays(14);

    /// <summary>How long the recycle bin keeps a row (Salesforce help, "Recycle Bin").</summary>
    public static readonly TimeSpan RecycleBin = TimeSpan.FromDays(15);

    /// <summary>getUpdated and getDeleted want more than a minute between start and end, and cut off the seconds (REST guide, "Get Updated").</summary>
    public static readonly TimeSpan ShortestWindow = TimeSpan.FromMinutes(2);

    /// <summary>A row is stamped when it is written and seen when its transaction commits, at most 10 minutes later (limits cheat sheet, "API Request Limits"), and a few more for safety.</summary>
    public static readonly TimeSpan LongestTransaction = TimeSpan.FromMinutes(15);

    /// <summary>What a date field can hold (SOAP guide, "Primitive Data Types").</summary>
    public static readonly DateOnly FirstDate = new(1700, 1, 1);

    /// <inheritdoc cref="FirstDate"/>
    public static readonly DateOnly LastDate = new(4000, 12, 31);
}
