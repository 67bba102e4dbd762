namespace TaskSync.Sync.Model;

/// <summary>What a field holds. The kind decides how a value is stored, read, written, checked and shown.</summary>
public enum FieldKind
{
    /// <summary>Text on one line.</summary>
    Text,

    /// <summary>Text of several lines.</summary>
    LongText,

    /// <summary>Text on one line for which the org may list values; it may refuse others.</summary>
    Picklist,

    /// <summary>One of the values that the org lists in an object of its own. A task always has one.</summary>
    Choice,

    /// <summary>A date without time or zone.</summary>
    Date,

    /// <summary>A moment in UTC, to the whole second.</summary>
    Instant,

    /// <summary>The id of another record.</summary>
    Record,
}

/// <summary>Everything there is to know of one field that is kept in step. All code that handles fields follows from <see cref="SyncedFields.All"/>.</summary>
/// <param name="Field">Which field.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Name">The name people know it by.</param>
/// <param name="SalesforceName">Its API name on Salesforce's Task.</param>
public sealed record SyncedField(TaskField Field, FieldKind Kind, string Name, string SalesforceName)
{
    private const int LineLength = 255;
    private const int IdLength = 18;

    /// <summary>The property of <see cref="TaskItem"/>, and the column, that holds the value.</summary>
    public required string Column { get; init; }

    /// <summary>The value of a task in the canonical text of <see cref="TaskValues"/>.</summary>
    public required Func<TaskItem, string?> Get { get; init; }

    /// <summary>Gives a task a value in canonical text.</summary>
    public required Action<TaskItem, string?> Set { get; init; }

    /// <summary>What Settings says of the field, for one org.</summary>
    public required Func<OrgSchema, string> Rule { get; init; }

    /// <summary>Longest text that the form accepts; null for a kind that is no free text.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What to do about an empty value that the form refuses; null when the field may be empty.</summary>
    public string? WhenEmpty { get; init; }

    /// <summary>The values that the form accepts, for <see cref="FieldKind.Choice"/>.</summary>
    public Func<OrgSchema, IEnumerable<string>>? Choices { get; init; }

    /// <summary>A second field of Salesforce's that says whether there is a value. Both are only right together.</summary>
    public string? SalesforceFlag { get; init; }

    /// <summary>Not every org has the field. The form draws it from this entry, and only where the org shows it to the person.</summary>
    public bool OnlyWhereExposed { get; init; }

    /// <summary>All of its API names.</summary>
    public IReadOnlyList<string> SalesforceNames => SalesforceFlag is null ? [SalesforceName] : [SalesforceFlag, SalesforceName];

    /// <summary>Where a query finds the record of an id: a lookup's relationship has its name without "Id".</summary>
    public string Relationship => SalesforceName[..^2];

    /// <summary>Whether a task cannot be without a value. Only Salesforce can leave it empty.</summary>
    public bool IsNeverEmpty => Kind == FieldKind.Choice || WhenEmpty is not null;

    /// <summary>Length of the column. More than the form accepts where Salesforce's values may be longer; null when nothing limits it.</summary>
    public int? ColumnLength => Kind switch
    {
        FieldKind.Text or FieldKind.Picklist or FieldKind.Choice => LineLength,
        FieldKind.Record => IdLength,
        _ => null,
    };
}
