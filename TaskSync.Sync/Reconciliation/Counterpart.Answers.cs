using System.Diagnostics;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>What the answer to a request tells about a counterpart.</summary>
public sealed partial record Counterpart
{
    /// <summary>An answer that brings no progress is tried again so often before a person is asked.</summary>
    public const int MostFruitless = 2;

    /// <summary>A request is about to be sent: it is remembered first.</summary>
    public Counterpart Sent(WriteAttempt attempt) => this with { Attempts = [.. Attempts, attempt] };

    /// <summary>The answer to an attempt, and what happens next.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="answer">What became of it.</param>
    /// <param name="ours">The task here as it is now; it may have been edited since.</param>
    /// <param name="clocks">When the answer came.</param>
    /// <param name="refusals">Answers before this one that refused it, as far as anybody can tell.</param>
    public (Counterpart After, NextStep Next) Answered(WriteAttempt attempt, Answer answer, OurTask ours, Clocks clocks, int refusals)
    {
        if (answer is Answer.Unknown)
        {
            return (Ended(attempt, clocks.Now), NextStep.AsItStands);
        }

        var known = Without(attempt);
        return answer switch
        {
            Answer.NotSent or Answer.Doubted => (known, NextStep.AsItStands),
            Answer.Written written => known.Confirmed(attempt, written, ours, clocks),
            Answer.Duplicate duplicate => (known.Found(duplicate.ExistingId, clocks), NextStep.Again),
            Answer.Restored => (known with { AgreedGone = false, GoneAt = null, WrittenAt = clocks.Now }, NextStep.Again),
            Answer.NotRestorable bin => (known.Anew(bin.IsKeyUnique, clocks), NextStep.Again),
            Answer.Busy => (known, NextStep.Later),
            Answer.Gone => (known, refusals + 1 >= MostFruitless ? NextStep.Ask : NextStep.Later),
            Answer.Refused => (known, NextStep.Ask),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The attempt never happened, or is settled.</summary>
    public Counterpart Without(WriteAttempt attempt) => this with { Attempts = [.. Attempts.Where(a => a.Kind != attempt.Kind || a.SentAt != attempt.SentAt)] };

    /// <summary>Whoever sent it sends it no more; it may still land. A create keeps its time: it is looked up only when it is over.</summary>
    private Counterpart Ended(WriteAttempt attempt, DateTimeOffset now) => attempt.Kind == WriteKind.Create ? this
        : this with { Attempts = [.. Attempts.Select(a => a.Kind == attempt.Kind && a.SentAt == attempt.SentAt && a.Deadline > now ? a with { Deadline = now } : a)] };

    /// <summary>The rep has looked: the create did not arrive. It is sent as a new one, with a key that nothing in Salesforce bears.</summary>
    public Counterpart BegunAnew() => this with { Key = TaskKey.New(), Attempts = [] };

    private (Counterpart After, NextStep Next) Confirmed(WriteAttempt attempt, Answer.Written written, OurTask ours, Clocks clocks)
    {
        var after = Past(attempt, clocks) with { WrittenAt = clocks.Now };
        switch (attempt.Kind)
        {
            case WriteKind.Create:
                var leftOut = attempt.Values.Known.Each().Where(f => attempt.Values[f] is not null && !written.Sent.Holds(f));
                var sent = leftOut.Aggregate(attempt.Values, (values, field) => values.Without(field.AsSet()));
                after = after with { SalesforceId = written.Id, Agreed = sent, AgreedGone = false, GoneAt = null, Attempts = Creates(clocks, isSurpassed: true) };
                break;
            case WriteKind.Update:
                after = after with { Agreed = (Agreed ?? TaskValues.Unknown).Overlay(attempt.Values.Only(written.Sent)) };
                break;
            case WriteKind.Delete:
                // What was done here since it was sent is newer. Restored meanwhile: the next plan takes it out of the recycle bin.
                return (after with { AgreedGone = true, GoneAt = attempt.SentAt }, ours.RemovedAt is null ? NextStep.Again : NextStep.Done);
        }

        // Edited while the request was under way: that edit stays to be sent.
        return (after, ours.Revision == attempt.Revision ? NextStep.Done : NextStep.Again);
    }

    /// <summary>Salesforce confirmed a write: what a page shows that was read before it, and may be applied after it, is past. Its servers' clocks differ a little.</summary>
    private Counterpart Past(WriteAttempt attempt, Clocks clocks) =>
        clocks.Offset is { } offset && attempt.SentAt + offset - ConflictPolicy.TooClose is var past && (NewestSeen is null || NewestSeen < past) ? this with { NewestSeen = past } : this;

    /// <summary>Our key is taken: an earlier create was applied. Which one the next read shows; of one that is forgotten it tells the values as well.</summary>
    private Counterpart Found(string id, Clocks clocks) => this with
    {
        SalesforceId = id,
        Agreed = Attempts.FirstOrDefault(a => a.Kind == WriteKind.Create)?.Values,
        AgreedGone = false,
        GoneAt = null,
        WrittenAt = clocks.Now,
    };

    /// <summary>
    /// The recycle bin no longer has the row: the task is created anew, with a new id. Where the key is unique it stays: should a create of ours that hung still be
    /// carried out, it is this task's and no second one, and known by what it sent. A page that was read before shows the old row, which is not the new one.
    /// </summary>
    private Counterpart Anew(bool isKeyUnique, Clocks clocks) => this with
    {
        Key = isKeyUnique ? Key : TaskKey.New(),
        SalesforceId = null,
        Agreed = null,
        AgreedGone = false,
        GoneAt = null,
        NewestSeen = null,
        WrittenAt = clocks.Now,
        Attempts = isKeyUnique ? Creates(clocks, isSurpassed: false) : [],
    };

    /// <summary>The creates that may still land.</summary>
    private WriteAttempt[] Creates(Clocks clocks, bool isSurpassed) =>
        [.. Forgetting(clocks).Attempts.Where(a => a.Kind == WriteKind.Create).Select(a => a with { IsSurpassed = isSurpassed })];
}
