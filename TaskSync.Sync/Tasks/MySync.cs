using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What the page My sync shows.</summary>
/// <param name="Time">Now and the rep's zone.</param>
/// <param name="Activity">Newest first.</param>
/// <param name="Problems">Open ones first, then ignored ones.</param>
/// <param name="Conflicts">Those nobody has looked at yet, newest first.</param>
/// <param name="RecentlyDeleted">What can still be restored or was reassigned in the last 15 days, newest first.</param>
/// <param name="OnlyHere">Tasks that had a counterpart in Salesforce and lost it.</param>
public sealed record MySync(
    RepTime Time,
    IReadOnlyList<ActivityLine> Activity,
    IReadOnlyList<ProblemCard> Problems,
    IReadOnlyList<ConflictCard> Conflicts,
    IReadOnlyList<DeletedRow> RecentlyDeleted,
    IReadOnlyList<OnlyHereRow> OnlyHere);

/// <summary>One piece of sync work in a sentence.</summary>
/// <param name="RunId">The run.</param>
/// <param name="At">When it began (UTC).</param>
/// <param name="Took">How long it took, null while running.</param>
/// <param name="Kind">Which kind of work.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Sentence">"Brought in 3 tasks, sent 1 change."</param>
/// <param name="Message">What went wrong, if anything.</param>
public sealed record ActivityLine(Guid RunId, DateTimeOffset At, TimeSpan? Took, SyncRunKind Kind, SyncRunOutcome Outcome, string Sentence, string? Message);

/// <summary>A removed task that can be seen, and mostly restored, for 15 days.</summary>
/// <param name="TaskId">For <see cref="TaskService.RestoreAsync"/>.</param>
/// <param name="Title">The subject, or "(no subject)".</param>
/// <param name="RemovedAt">UTC.</param>
/// <param name="Why">Deleted here or in Salesforce, or reassigned.</param>
/// <param name="Where">"Deleted here", "Deleted in Salesforce", "Reassigned in Salesforce".</param>
/// <param name="DaysLeft">Days for which it can still be restored; null while Salesforce still has it, and that can always be restored.</param>
/// <param name="CanRestore">False for a task that somebody else owns now.</param>
public sealed record DeletedRow(Guid TaskId, string Title, DateTimeOffset RemovedAt, Removal Why, string Where, int? DaysLeft, bool CanRestore);

/// <summary>A task that had a counterpart in Salesforce and lost it: it stays, and nothing is written.</summary>
public sealed record OnlyHereRow(Guid TaskId, string Title, string Reason);
