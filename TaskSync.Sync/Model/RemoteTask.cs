namespace TaskSync.Sync.Model;

/// <summary>One row of Salesforce's Task object as one read showed it.</summary>
public sealed record RemoteTask
{
    /// <summary>18 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The synced fields in canonical form; a field absent from the answer is unknown.</summary>
    public required TaskValues Values { get; init; }

    /// <summary>User or queue, 18 characters.</summary>
    public required string OwnerId { get; init; }

    public bool IsClosed { get; init; }

    public bool IsDeleted { get; init; }

    public bool IsArchived { get; init; }

    /// <summary>True for a series definition, which is not a task (S11).</summary>
    public bool IsRecurrence { get; init; }

    public required DateTimeOffset CreatedDate { get; init; }

    public required string CreatedById { get; init; }

    public required DateTimeOffset LastModifiedDate { get; init; }

    public string? LastModifiedById { get; init; }

    public string? LastModifiedByName { get; init; }

    public required DateTimeOffset SystemModstamp { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The idempotency key from the key field or CallObject, whichever the org's schema names; null when empty.</summary>
    public string? Key { get; init; }

    public string? WhoName { get; init; }

    public string? WhatName { get; init; }
}
