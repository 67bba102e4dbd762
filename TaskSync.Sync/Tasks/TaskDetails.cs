using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;

namespace TaskSync.Sync.Tasks;

/// <summary>Everything the task dialog shows of one task.</summary>
public sealed record TaskDetails
{
    public required Guid Id { get; init; }

    /// <summary>What the form shows; hand it back as <c>loaded</c> when saving.</summary>
    public required TaskDraft Draft { get; init; }

    public required long Revision { get; init; }

    /// <summary>The subject, or "(no subject)".</summary>
    public required string Title { get; init; }

    public bool IsCompleted { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Why the task left the list, null while it is in it.</summary>
    public Removal? Removal { get; init; }

    public RowSyncState SyncState { get; init; }

    public string? SalesforceUrl { get; init; }

    public string? WhoUrl { get; init; }

    public string? WhatUrl { get; init; }

    /// <summary>Whether "Send to Salesforce" can be offered (F5's exception).</summary>
    public bool CanSendToSalesforce { get; init; }

    public required TaskForm Form { get; init; }

    public required RepTime Time { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<HistoryLine> History { get; init; }

    /// <summary>Why the task is, or is not, in Salesforce and in the list; each line with the rule it follows.</summary>
    public required IReadOnlyList<WhyLine> Why { get; init; }

    public required IReadOnlyList<ConflictCard> Conflicts { get; init; }

    public required IReadOnlyList<ProblemCard> Problems { get; init; }
}

/// <summary>A line of a task's history as people read it.</summary>
/// <param name="Id">For <see cref="TaskService.RestoreVersionAsync"/>.</param>
/// <param name="At">UTC.</param>
/// <param name="Side">Where it happened.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Who">A person's name, "Salesforce" or "Sync".</param>
/// <param name="Sentence">"Rita Rep changed Due date."</param>
/// <param name="Changes">Before → after by field, in words.</param>
/// <param name="Note">What else there is to say.</param>
/// <param name="CanPutBack">Whether the values that this line replaced can be put back.</param>
public sealed record HistoryLine(
    Guid Id, DateTimeOffset At, TaskSide Side, HistoryKind Kind, string Who, string Sentence, IReadOnlyList<ChangeLine> Changes, string? Note, bool CanPutBack);

/// <summary>One field's before and after, as people read them ("–" for empty).</summary>
public sealed record ChangeLine(TaskField Field, string Name, string Before, string After);

/// <summary>One reason, and the rule behind it ("F5"; docs/rules).</summary>
public sealed record WhyLine(string Rule, string Text);

/// <summary>One field that was changed on both sides.</summary>
/// <param name="Id">For <see cref="TaskService.TakeOtherValueAsync"/> and <see cref="TaskService.KeepValueAsync"/>.</param>
/// <param name="TaskId">The task.</param>
/// <param name="Title">The task's subject, or "(no subject)".</param>
/// <param name="Field">Which field.</param>
/// <param name="FieldName">Its name in the form.</param>
/// <param name="Ours">The value that was here, in words.</param>
/// <param name="Theirs">The value that was in Salesforce, in words.</param>
/// <param name="Winner">Whose value stands on both sides now.</param>
/// <param name="At">UTC.</param>
public sealed record ConflictCard(
    Guid Id, Guid TaskId, string Title, TaskField Field, string FieldName, string Ours, string Theirs, TaskSide Winner, DateTimeOffset At);

/// <summary>Something that needs a person, with its way out.</summary>
/// <param name="Id">For <see cref="MySyncQuery.RetryAsync"/> and <see cref="MySyncQuery.IgnoreAsync"/>.</param>
/// <param name="TaskId">The task, null when it is not about one.</param>
/// <param name="Title">The task's subject, "(no subject)", or null without a task.</param>
/// <param name="Code">Salesforce's error code or one of our own.</param>
/// <param name="Text">What it means and who can fix it.</param>
/// <param name="Message">The exact message of Salesforce: show it without a click (S9).</param>
/// <param name="State">Open, or ignored by the rep.</param>
/// <param name="FirstSeenAt">UTC.</param>
/// <param name="LastSeenAt">UTC.</param>
/// <param name="Times">How often it was seen.</param>
public sealed record ProblemCard(
    Guid Id, Guid? TaskId, string? Title, string Code, ProblemText Text, string Message, ProblemState State, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt, int Times)
{
    /// <summary>The tasks whose deletion waits for the rep's answer; null unless the delete brake asks (S10).</summary>
    public IReadOnlyList<string>? Deletions { get; init; }
}
