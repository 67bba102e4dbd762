using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.SwitchOn.Preview;

/// <summary>What pressing Save would do (F8).</summary>
public sealed record Preview
{
    /// <summary>How many rows are listed at most.</summary>
    public const int MostRows = 2000;

    public required InitialSyncKind Kind { get; init; }

    /// <summary>Salesforce tasks that come into the list, restored ones included.</summary>
    public int ComesIn { get; init; }

    /// <summary>Tasks here that take values from Salesforce.</summary>
    public int Changes { get; init; }

    /// <summary>Tasks that leave the list: deleted in Salesforce, or somebody else's now.</summary>
    public int Leaves { get; init; }

    /// <summary>Changes of ticked time, and of linked tasks, that go to Salesforce.</summary>
    public int Sent { get; init; }

    /// <summary>Deletions that wait for the rep's word (S10).</summary>
    public int Asked { get; init; }

    /// <summary>Tasks of the rep that stay in the list and have nothing to do with this Salesforce user.</summary>
    public int StaysHere { get; init; }

    /// <summary>Of those, tasks whose counterpart Salesforce no longer knows or no longer shows.</summary>
    public int LosesCounterpart { get; init; }

    /// <summary>What happens to each task and why, the first 2,000.</summary>
    public required IReadOnlyList<PreviewRow> Rows { get; init; }

    /// <summary>Tasks that are here and in Salesforce with the same subject and due date, and not linked. Nothing is merged by itself.</summary>
    public required IReadOnlyList<LookAlike> LookAlikes { get; init; }
}

/// <summary>One task of the preview.</summary>
/// <param name="Fate">What happens to it.</param>
/// <param name="Title">The subject, or "(no subject)".</param>
/// <param name="Due">Its due date.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record PreviewRow(PreviewFate Fate, string Title, DateOnly? Due, string Reason);

/// <summary>In the order in which they are listed.</summary>
public enum PreviewFate
{
    ComesIn,
    Changes,
    Leaves,
    Sent,
    Asked,
    LosesCounterpart,
    StaysHere,
}

/// <summary>A task here and a Salesforce task that look the same.</summary>
public sealed record LookAlike(Guid TaskId, string SalesforceId, string Title, DateOnly? Due);

/// <summary>The preview, or why there is none.</summary>
public abstract record PreviewAnswer
{
    private PreviewAnswer()
    {
    }

    public sealed record Ready(Preview Preview) : PreviewAnswer;

    /// <summary>In plain words. Save is never blocked by it.</summary>
    public sealed record NotNow(string Reason) : PreviewAnswer;
}
