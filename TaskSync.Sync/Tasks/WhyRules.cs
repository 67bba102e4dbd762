using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What "Why?" looks at: one task with its sync state, all facts.</summary>
internal sealed record WhyFacts(TaskItem Task, TaskLink? Link, PendingWrite? Write, Problem? Problem, Rep Rep, SyncControl? Control, RepTime Time);

/// <summary>Says why a task is, or is not, in Salesforce and in the list: each line names the rule it follows. Pure.</summary>
internal static class WhyRules
{
    public static IReadOnlyList<WhyLine> Explain(WhyFacts facts) => [.. InSalesforce(facts), .. Sending(facts), .. Fields(facts), .. InTheList(facts)];

    private static IEnumerable<WhyLine> InSalesforce(WhyFacts facts)
    {
        var (task, link) = (facts.Task, facts.Link);
        yield return (link, task.Origin) switch
        {
            (null, TaskOrigin.HereWhileOff) => new("F5", "Not in Salesforce: this task was created while sync was off, so it stays here. Editing it does not send it; Send to Salesforce does."),
            (null, _) => new("F5", "Not in Salesforce: this task has no link to a Salesforce task."),
            ({ State: LinkState.Lost }, _) => new("S7", "Only here: Salesforce no longer shows this task, or no longer knows it. It stays here and nothing is written."),
            ({ State: LinkState.Reassigned }, _) => new("S7", "Somebody else owns the Salesforce task now. Nothing is written to it."),
            _ when link.ConnectionId != facts.Rep.Connection?.Id => new("F9", "Only here: this task belongs to another Salesforce user or organization. Connect as that user to keep it in step."),
            ({ SalesforceId: null }, _) => new("S5", "Not in Salesforce yet: it is created there once, even if an answer gets lost."),
            ({ AgreedGone: true }, _) => new("S4", "The Salesforce task is in the recycle bin, or was removed from it."),
            (_, TaskOrigin.Salesforce) => new("F3", "In Salesforce: the task came from there and both sides are kept in step."),
            (_, TaskOrigin.HereWhileOn) => new("F5", "In Salesforce: the task was created while sync was on, so it was sent there."),
            _ => new("F5", "In Salesforce: the task was sent there, or linked with one that was there, on request."),
        };
    }

    private static IEnumerable<WhyLine> Sending(WhyFacts facts)
    {
        if (facts.Write is not { } write)
        {
            yield break;
        }

        var (person, connection) = (facts.Rep.Person, facts.Rep.Connection);
        yield return facts switch
        {
            _ when write.ConnectionId != connection?.Id => new("F9", "A change waits until you are connected as the Salesforce user whose task this is."),
            { Problem: { } problem } => new("S9", $"A change is held up by a problem ({problem.Code}). Retry it in My sync, or edit the task."),
            { Task.RemovedAt: not null } when write.ProblemId is not null => new("S10", "The deletion waits for you: many tasks were deleted here within an hour. My sync asks whether to delete them in Salesforce too."),
            _ when write.ProblemId is not null => new("S9", "A change is held up by a problem. Retry it in My sync, or edit the task."),
            _ when !person.SyncEnabled => new("F7", "A change waits: sync is off. It goes out at the next switch-on."),
            _ when connection.State == ConnectionState.NeedsReconnect => new("F7", "A change waits until you reconnect Salesforce in Settings."),
            _ when person.PausedAt is not null || facts.Control?.PausedAt is not null => new("F7", "A change waits: an admin paused the sync. It goes out afterwards."),
            _ when connection.BackOffUntil > facts.Time.Now => new("6", "A change waits: Salesforce asked us to slow down. It goes out by itself."),
            { Link: { } link } when link.Attempts.Any(a => !a.IsSurpassed) => new("S5", "A change was sent and the answer was lost. It is looked up before anything is sent again."),
            _ when write.Failures > 0 => new("6", "A change could not be sent yet. It is tried again by itself."),
            _ => new("S2", "A change is on its way to Salesforce."),
        };
    }

    private static IEnumerable<WhyLine> Fields(WhyFacts facts)
    {
        if (facts is not { Link: { State: LinkState.Open } link, Rep: { Connection: { } connection } rep } || link.ConnectionId != connection.Id)
        {
            yield break;
        }

        if (link.BlockedFields != TaskFields.None)
        {
            yield return new("S6", $"{Names(link.BlockedFields)} is no longer sent: Salesforce kept changing it back.");
        }

        var hidden = ~rep.Schema.Readable & SyncedFields.InEveryOrg;
        if (hidden != TaskFields.None)
        {
            yield return new("3", $"Salesforce hides {Names(hidden)} from you: what is entered here stays here.");
        }

        var notHeld = rep.Schema.Readable & ~rep.Schema.Holdable(facts.Task.Values);
        if (notHeld != TaskFields.None)
        {
            yield return new("3", $"{Names(notHeld)} holds a value that your Salesforce does not have: it stays here.");
        }
    }

    private static IEnumerable<WhyLine> InTheList(WhyFacts facts)
    {
        var (task, time) = (facts.Task, facts.Time);
        var until = task.RemovedAt is null ? DateTimeOffset.MaxValue : TaskService.RestorableUntil(task);
        var lastDay = until == DateTimeOffset.MaxValue ? null : FieldWords.Day(DateOnly.FromDateTime(time.Local(until).DateTime));
        yield return task switch
        {
            { Removal: Removal.DeletedHere } when lastDay is null => new("S4", "Not in the list: it was deleted here. Salesforce still has it, so it can be restored."),
            { Removal: Removal.DeletedHere } => new("S4", $"Not in the list: it was deleted here. It can be restored until {lastDay}."),
            { Removal: Removal.DeletedInSalesforce } => new("F6", $"Not in the list: it was deleted in Salesforce. It can be restored until {lastDay}."),
            { RemovedAt: not null } => new("S7", "Not in the list: somebody else owns the task in Salesforce now."),
            { IsCompleted: true } => new("4", "Completed tasks are under the chips Completed and All."),
            { DueDate: null } => new("4", "It has no due date: it is under the chips No date and All."),
            { DueDate: { } due } when due < time.Today => new("4", $"It was due on {FieldWords.Day(due)}: it is under the chips Overdue and All."),
            { DueDate: { } due } when due <= time.Tomorrow => new("4", "It is due today or tomorrow, so the Command Center shows it at once."),
            { DueDate: { } due } when due < time.Today.AddDays(7) => new("4", $"It is due on {FieldWords.Day(due)}: it is under the chips Next 7 days and All."),
            { DueDate: var due } => new("4", $"It is due on {FieldWords.Day(due!.Value)}: it is under the chip All."),
        };
    }

    private static string Names(TaskFields fields) => string.Join(", ", fields.Each().Select(field => field.DisplayName()));
}
