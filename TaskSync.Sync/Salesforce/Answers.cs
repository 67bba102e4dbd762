using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>One page of a query.</summary>
/// <param name="Tasks">At most 2,000, often fewer; never infer the last page from their number.</param>
/// <param name="TotalSize">Rows of the whole query.</param>
/// <param name="NextPage">Path for <see cref="SalesforceApi.NextTasksAsync"/>, null on the last page. Lives two days in Salesforce.</param>
/// <param name="ServerTime">Salesforce's Date header (UTC, whole seconds).</param>
public sealed record TaskPage(IReadOnlyList<RemoteTask> Tasks, int TotalSize, string? NextPage, DateTimeOffset ServerTime)
{
    /// <summary>What the user could see when the page was read; null when it is not known.</summary>
    public OrgSchema? Schema { get; init; }
}

/// <summary>Answer of getUpdated (REST guide, "Get Updated").</summary>
/// <param name="Ids">Created or changed in the window, 18 characters. Deleted rows are never among them.</param>
/// <param name="LatestDateCovered">The next start: held back while a long transaction runs (UTC).</param>
/// <param name="ServerTime">Salesforce's Date header (UTC).</param>
public sealed record UpdatedAnswer(IReadOnlyList<string> Ids, DateTimeOffset LatestDateCovered, DateTimeOffset ServerTime);

/// <summary>Answer of getDeleted (REST guide, "Get Deleted").</summary>
/// <param name="Records">Deletions in the window.</param>
/// <param name="EarliestDateAvailable">Deletions before it are no longer known (UTC).</param>
/// <param name="LatestDateCovered">The next start (UTC).</param>
/// <param name="ServerTime">Salesforce's Date header (UTC).</param>
public sealed record DeletedAnswer(
    IReadOnlyList<DeletedRecord> Records, DateTimeOffset EarliestDateAvailable, DateTimeOffset LatestDateCovered, DateTimeOffset ServerTime);

/// <summary>One deletion.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="DeletedDate">Salesforce's time (UTC).</param>
public sealed record DeletedRecord(string Id, DateTimeOffset DeletedDate);

/// <summary>Which lookup a search is for.</summary>
public enum RecordKind
{
    /// <summary>Contacts and leads, for WhoId.</summary>
    Person,

    /// <summary>Accounts, opportunities and cases, for WhatId.</summary>
    RelatedTo,
}

/// <summary>A record found for a picker.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Type">Contact, Lead, Account, Opportunity or Case.</param>
/// <param name="Detail">Company, account or subject, to tell namesakes apart; null when there is none.</param>
public sealed record RecordHit(string Id, string Name, string Type, string? Detail);
