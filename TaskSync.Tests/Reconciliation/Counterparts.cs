using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>Short words for a task's other side, its rows and its requests. Salesforce's clock is ours here.</summary>
internal static class Counterparts
{
    public const string Rep = "005000000000001AAA";
    public const string Colleague = "005000000000002AAA";
    public const string Id = "00T000000000001AAA";
    public const string OtherId = "00T000000000002AAA";
    public static readonly string Key = TaskKey.Start + new string('a', 32);
    public static readonly TimeSpan LandsWithin = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan CallTime = TimeSpan.FromSeconds(30);

    public static DateTimeOffset At(double minutes) => Noon.AddMinutes(minutes);

    /// <summary>Linked, agreed on at noon.</summary>
    public static Counterpart Linked(params WriteAttempt[] attempts) =>
        new() { Key = Key, SalesforceId = Id, Agreed = Values(), NewestSeen = Noon, Attempts = attempts };

    /// <summary>Both sides agree that it is gone since noon.</summary>
    public static Counterpart AgreedGone(params WriteAttempt[] attempts) => Linked(attempts) with { AgreedGone = true, GoneAt = Noon };

    /// <summary>Not known to be in Salesforce.</summary>
    public static Counterpart Unsent(params WriteAttempt[] attempts) => new() { Key = Key, Attempts = attempts };

    public static OurTask Ours(string subject = "Call Ana", DateTimeOffset? editedAt = null, DateTimeOffset? removedAt = null, long revision = 1) =>
        new(Values(subject), editedAt is { } at ? FieldTimes.None.Stamp(TaskFields.All, at) : FieldTimes.None, removedAt, revision);

    public static RemoteTask Row(string subject = "Call Ana", DateTimeOffset? at = null) => new()
    {
        Id = Id,
        Key = Key,
        Values = Values(subject),
        OwnerId = Rep,
        CreatedById = Rep,
        CreatedDate = at ?? At(1),
        LastModifiedDate = at ?? At(1),
        SystemModstamp = at ?? At(1),
    };

    public static WriteAttempt Create(DateTimeOffset sentAt, KeyPlace place = KeyPlace.KeyField, string subject = "Call Ana") => Attempt(WriteKind.Create, sentAt, Values(subject)) with { Key = place };

    public static WriteAttempt Update(DateTimeOffset sentAt, string subject) => Attempt(WriteKind.Update, sentAt, TaskValues.Unknown.With(TaskField.Subject, subject));

    public static WriteAttempt Attempt(WriteKind kind, DateTimeOffset sentAt, TaskValues? values = null) => new(kind, values ?? TaskValues.Unknown, 1, sentAt, sentAt + CallTime);

    public static OrgSchema Schema(KeyPlace place = KeyPlace.KeyField) => OrgSchema.Default with { Key = place };

    public static Reading Read(ReadKind kind, RemoteTask row, KeyPlace place = KeyPlace.KeyField) => new(kind, [row], Rep, Schema(place));

    public static Clocks Clocks(DateTimeOffset? now = null) => new(now ?? At(5), TimeSpan.Zero, LandsWithin);

    public static Judge Judge(DateTimeOffset? now = null) => new(Clocks(now), ConflictPolicyKind.NewestWins);

    public static PushTerms Terms(KeyPlace place = KeyPlace.KeyField, DateTimeOffset? now = null) => new(Schema(place), Judge(now), CallTime, Noon);

    /// <summary>What a row of a reading tells.</summary>
    public static Observation See(this Counterpart counterpart, RemoteTask row, ReadKind kind = ReadKind.Changes, OurTask? ours = null, DateTimeOffset? now = null) =>
        counterpart.Observe(row, Read(kind, row), ours ?? Ours(), Judge(now), isOpenElsewhere: false);
}
