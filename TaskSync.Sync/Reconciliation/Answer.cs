using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>What became of one request. A closed set, without Salesforce's words.</summary>
public abstract record Answer
{
    private Answer()
    {
    }

    /// <summary>Salesforce confirmed a create, an update or a deletion.</summary>
    /// <param name="Id">18 characters.</param>
    /// <param name="Sent">The fields that really went out.</param>
    public sealed record Written(string Id, TaskFields Sent) : Answer;

    /// <summary>The key of a create is taken: an earlier attempt had been applied (S5).</summary>
    /// <param name="ExistingId">18 characters.</param>
    public sealed record Duplicate(string ExistingId) : Answer;

    /// <summary>Salesforce says that the row is gone. Only a read that shows it makes it so.</summary>
    public sealed record Gone : Answer;

    /// <summary>Known not applied, and worth trying again.</summary>
    public sealed record Busy : Answer;

    /// <summary>Known not applied: the whole call was refused, and nobody knows whether this row is the cause.</summary>
    public sealed record Doubted : Answer;

    /// <summary>Known not applied, and not worth trying again before somebody does something about it.</summary>
    public sealed record Refused : Answer;

    /// <summary>The row was taken out of the recycle bin.</summary>
    public sealed record Restored : Answer;

    /// <summary>The recycle bin has the row no longer.</summary>
    /// <param name="IsKeyUnique">Salesforce itself refuses a second task with the same key.</param>
    public sealed record NotRestorable(bool IsKeyUnique) : Answer;

    /// <summary>The request was not sent, or is known not to have been applied as a whole.</summary>
    public sealed record NotSent : Answer;

    /// <summary>Nobody knows: the attempt stays.</summary>
    public sealed record Unknown : Answer;
}

/// <summary>What happens next with a pending write after an answer.</summary>
public enum NextStep
{
    /// <summary>Nothing is left to be sent.</summary>
    Done,

    /// <summary>Planned anew at once: something was achieved, and something is left.</summary>
    Again,

    /// <summary>Planned anew after the back-off.</summary>
    Later,

    /// <summary>Planned anew when it is due as it stands.</summary>
    AsItStands,

    /// <summary>A person is needed first.</summary>
    Ask,
}
