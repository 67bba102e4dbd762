using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;

namespace TaskSync.Sync.Status;

/// <summary>The cards and charts of the page Sync status.</summary>
/// <param name="At">When it was read (UTC).</param>
/// <param name="Headline">"Everything is in step", "Catching up: 240 changes wait", "Paused by Adam Admin: data load" …</param>
/// <param name="Paused">Whether all sync is paused, by whom and why; null when not.</param>
/// <param name="People">How many people are in which state.</param>
/// <param name="Waiting">Changes that wait to be sent, of everybody.</param>
/// <param name="OldestWaiting">Since when the oldest of them has been waiting (UTC).</param>
/// <param name="OpenProblems">Problems nobody has solved or ignored.</param>
/// <param name="OpenConflicts">Conflicts nobody has looked at.</param>
/// <param name="LinkedTasks">Open links.</param>
/// <param name="Calls">API calls of today (UTC) by purpose.</param>
/// <param name="Allowances">What each org allows.</param>
/// <param name="Traffic">In and out per hour of the last 24 hours, oldest first.</param>
public sealed record SyncOverview(
    DateTimeOffset At,
    string Headline,
    PauseInfo? Paused,
    PeopleCounts People,
    int Waiting,
    DateTimeOffset? OldestWaiting,
    int OpenProblems,
    int OpenConflicts,
    int LinkedTasks,
    IReadOnlyList<PurposeCalls> Calls,
    IReadOnlyList<AllowanceRow> Allowances,
    IReadOnlyList<TrafficPoint> Traffic)
{
    public int CallsToday => Calls.Sum(c => c.Calls);
}

/// <summary>What the last audit of each person found (S8).</summary>
/// <param name="People">How many people's last audits these are.</param>
/// <param name="OldestAt">When the one that was longest ago ended (UTC); null when there was none.</param>
/// <param name="Compared">Linked tasks compared.</param>
/// <param name="Different">Of those, not the same on both sides.</param>
/// <param name="Healed">Of those, put right.</param>
/// <param name="Duplicates">Tasks too many.</param>
/// <param name="ApiCalls">What it cost.</param>
/// <param name="Asked">People whose audit was asked for and has not run yet.</param>
/// <param name="Findings">The audits that found something, newest first, at most 50 of the last 30 days.</param>
public sealed record AuditOverview(
    int People, DateTimeOffset? OldestAt, int Compared, int Different, int Healed, int Duplicates, int ApiCalls, int Asked, IReadOnlyList<AuditRow> Findings);

/// <summary>One audit of one person.</summary>
public sealed record AuditRow(
    Guid Id, string Person, AuditReason Reason, DateTimeOffset EndedAt, int Compared, int Different, int Healed, int Duplicates, string? DuplicateIds, int ApiCalls);

/// <summary>Who paused all sync, when and why.</summary>
public sealed record PauseInfo(DateTimeOffset At, string By, string? Reason);

/// <summary>How many people are in which state. On includes those that need attention.</summary>
public sealed record PeopleCounts(int All, int On, int Reconnect, int Paused, int Importing, int BackingOff);

/// <summary>API calls of one purpose.</summary>
public sealed record PurposeCalls(ApiPurpose Purpose, int Calls);

/// <summary>An org's daily allowance and our part of it.</summary>
/// <param name="OrganizationId">18 characters.</param>
/// <param name="OrganizationName">As connected.</param>
/// <param name="Used">Calls of all applications, as Salesforce last said.</param>
/// <param name="Limit">The org's allowance per day.</param>
/// <param name="OurCalls">TaskSync's calls today (UTC).</param>
/// <param name="OurShare">The calls TaskSync may make per day.</param>
/// <param name="Forecast">TaskSync's calls by the end of today (UTC) at today's pace; never more than the share, where it stops.</param>
/// <param name="SeenAt">When Salesforce said it (UTC).</param>
public sealed record AllowanceRow(
    string OrganizationId, string OrganizationName, int Used, int Limit, int OurCalls, int OurShare, int Forecast, DateTimeOffset SeenAt)
{
    /// <summary>How often changes are read at present, how soon they go out, and why, in words.</summary>
    public string Pace { get; init; } = "";
}

/// <summary>One hour: tasks that came in (new, changed, removed) and writes that went out.</summary>
public sealed record TrafficPoint(DateTimeOffset From, int In, int Out);

/// <summary>Which runs to show. Everything null or empty means all.</summary>
public sealed record RunFilter
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>A part of the person's name.</summary>
    public string? Person { get; init; }

    public SyncRunKind? Kind { get; init; }

    public SyncRunOutcome? Outcome { get; init; }
}

/// <summary>One page of runs, newest first.</summary>
public sealed record RunPage(IReadOnlyList<RunRow> Rows, int Total);

/// <summary>One run.</summary>
public sealed record RunRow(
    Guid Id, string Person, SyncRunKind Kind, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, SyncRunOutcome Outcome,
    int Created, int Updated, int Deleted, int Sent, int Failed, int ApiCalls, string? Message)
{
    public TimeSpan? Took => EndedAt - StartedAt;
}

/// <summary>One page of people.</summary>
public sealed record PeoplePage(IReadOnlyList<PersonRow> Rows, int Total);

/// <summary>How one person's sync is.</summary>
/// <param name="PersonId">For <see cref="AdminActions"/>.</param>
/// <param name="Name">The person's name.</param>
/// <param name="State">As on the person's own pill.</param>
/// <param name="StateText">The same in words.</param>
/// <param name="Since">Since when it is so, for those states that somebody should know it of (UTC).</param>
/// <param name="Organization">The connected org, null when none.</param>
/// <param name="LastSuccessAt">UTC.</param>
/// <param name="Lag">Time since then while sync is on, null otherwise.</param>
/// <param name="Waiting">Changes that wait to be sent.</param>
/// <param name="Failed">Open problems.</param>
/// <param name="LinkedTasks">Open links of the connection in use.</param>
/// <param name="IsPaused">Whether an admin paused this person.</param>
/// <param name="Reason">Why paused or not active.</param>
public sealed record PersonRow(
    Guid PersonId, string Name, SyncPillState State, string StateText, DateTimeOffset? Since, string? Organization, DateTimeOffset? LastSuccessAt, TimeSpan? Lag,
    int Waiting, int Failed, int LinkedTasks, bool IsPaused, string? Reason)
{
    /// <summary>An admin removed the person.</summary>
    public bool IsRemoved { get; init; }
}

/// <summary>Open problems of one cause.</summary>
/// <param name="Code">For <see cref="AdminActions.RetryAllAsync"/>.</param>
/// <param name="Text">What it means and who can fix it.</param>
/// <param name="Message">The newest exact message.</param>
/// <param name="CanRetryAll">False when each rep has to look first.</param>
/// <param name="Problems">How many.</param>
/// <param name="People">Of how many people.</param>
/// <param name="FirstSeenAt">UTC.</param>
/// <param name="LastSeenAt">UTC.</param>
public sealed record ProblemGroup(string Code, ProblemText Text, string Message, bool CanRetryAll, int Problems, int People, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt);
