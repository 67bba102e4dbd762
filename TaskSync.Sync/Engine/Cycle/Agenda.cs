using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>What a cycle does next. A closed set.</summary>
internal abstract record Duty
{
    private Duty()
    {
    }

    /// <summary>What happened while sync was off comes first, and what a first sync fixes before its first query (F3, F6).</summary>
    public sealed record CatchUp(InitialSync Initial) : Duty;

    /// <summary>Send what is due.</summary>
    /// <param name="PollIsDue">Changes are read in the same call, where that can be.</param>
    public sealed record Push(bool PollIsDue) : Duty;

    /// <summary>Read changes.</summary>
    public sealed record Poll : Duty;

    /// <summary>One page of a first sync.</summary>
    public sealed record ImportPage(InitialSync Initial) : Duty;

    /// <summary>The slow, complete read (S8).</summary>
    public sealed record Sweep : Duty;

    /// <summary>Compare everything (S8).</summary>
    public sealed record Audit(AuditReason Reason) : Duty;

    /// <summary>Let the organization's reader read from now on.</summary>
    public sealed record Join : Duty;

    /// <summary>Nothing is due before this instant (our clock, UTC); null until somebody rings.</summary>
    public sealed record Rest(DateTimeOffset? Until) : Duty;
}

/// <summary>What the agenda knows besides the facts.</summary>
/// <param name="Pulse">What the engine remembers of the connection.</param>
/// <param name="Pace">What the API budget allows.</param>
/// <param name="Now">Our clock, UTC.</param>
/// <param name="Options">The intervals.</param>
internal sealed record AgendaTerms(ConnectionPulse Pulse, ApiPace Pace, DateTimeOffset Now, SyncOptions Options)
{
    public required Guid ConnectionId { get; init; }

    /// <summary>The rep has a page open.</summary>
    public bool IsWatched { get; init; }

    /// <summary>Now as the rep sees it: audits run at night.</summary>
    public required RepTime Rep { get; init; }

    /// <summary>The time between two polls.</summary>
    public TimeSpan PollInterval => IsWatched ? Options.PollInterval : Options.IdlePollInterval;

    /// <summary>The same for the pace: a read that somebody asked for counts as one of an open page.</summary>
    public TimeSpan UsualInterval => Pulse.NextPollAt == default ? Options.PollInterval : PollInterval;
}

/// <summary>Where "what next" is decided: one pure function. A cycle does what it says, and asks again.</summary>
internal static class Agenda
{
    /// <summary>While there is more to send a poll that is due waits, but no longer than this.</summary>
    private static readonly TimeSpan ReadsYield = TimeSpan.FromMinutes(1);

    /// <summary>When a follower's audit is due but calls are scarce, it is looked at again after so long.</summary>
    private static readonly TimeSpan AuditWait = TimeSpan.FromHours(1);

    /// <summary>What comes next.</summary>
    public static Duty Next(CycleFacts facts, AgendaTerms terms)
    {
        if (facts.Initial is { CatchUp: not CatchUpStage.None } or { Import: ImportStage.Prepare })
        {
            return new Duty.CatchUp(facts.Initial);
        }

        var (pulse, now) = (terms.Pulse, terms.Now);
        var pollFrom = PollFrom(facts, terms);
        var writeFrom = terms.Pace.WriteFrom(terms.ConnectionId, pulse.CalledAt);
        var mayWrite = now >= pollFrom || now >= writeFrom;

        // A process that has just begun reads before it writes: a database restored from a backup shows by what Salesforce knows and it does not.
        if (mayWrite && !facts.Standing.Follows && pulse.FastReached == default)
        {
            return new Duty.Poll();
        }

        if (facts.AuditAsked == AuditReason.RestoredBackup)
        {
            return new Duty.Audit(AuditReason.RestoredBackup);
        }

        if (facts.Standing is { Follows: true, HasRead: false })
        {
            // For a follower it is the reader that reads first; it rings.
            return new Duty.Rest(null);
        }

        return Work(facts, terms, pollFrom, mayWrite) ?? Checks(facts, terms) ?? Quiet(facts, terms, pollFrom, writeFrom);
    }

    private static Duty? Work(CycleFacts facts, AgendaTerms terms, DateTimeOffset pollFrom, bool mayWrite)
    {
        var (pollIsDue, writeIsDue) = (terms.Now >= pollFrom, mayWrite && facts.WriteDueAt <= terms.Now);

        // An import and what is to be sent take turns: neither holds up the other.
        if (writeIsDue && !(facts.Initial is not null && terms.Pulse.Last is Duty.Push))
        {
            return terms.Now - ReadsYield >= pollFrom && terms.Pulse.Last is Duty.Push ? new Duty.Poll()
                : new Duty.Push(!facts.Standing.Follows && (pollIsDue || terms.Pace.IsScarce));
        }

        return pollIsDue ? new Duty.Poll()
            : facts.Initial is not null ? new Duty.ImportPage(facts.Initial)
            : null;
    }

    /// <summary>The slow reads. While calls are scarce they wait: what they find, hardly ever something, comes later.</summary>
    private static Duty? Checks(CycleFacts facts, AgendaTerms terms)
    {
        if (!facts.Standing.Follows && !terms.Pace.IsScarce && terms.Now >= facts.SweptAt + terms.Pace.Between(terms.Options.SweepInterval))
        {
            return new Duty.Sweep();
        }

        return facts.AuditAsked is { } asked ? new Duty.Audit(asked)
            : !terms.Pace.IsScarce && terms.Now >= QuietHours.NextAfter(facts.AuditedAt, terms.Rep, terms.ConnectionId) ? new Duty.Audit(AuditReason.Nightly)
            : null;
    }

    private static Duty Quiet(CycleFacts facts, AgendaTerms terms, DateTimeOffset pollFrom, DateTimeOffset writeFrom)
    {
        if (facts.Standing.MayJoin && terms.Pulse.FastReached != default && terms.Pulse.Last is not Duty.Join)
        {
            return new Duty.Join();
        }

        var read = facts.Standing.Follows ? AuditFrom(facts, terms) : pollFrom;
        if (facts.WriteDueAt is not { } due)
        {
            return new Duty.Rest(read);
        }

        var write = due > writeFrom ? due : writeFrom;
        return new Duty.Rest(read < write ? read : write);
    }

    /// <summary>When a follower is looked at although nothing waits. Who reads alone is looked at with each poll.</summary>
    private static DateTimeOffset AuditFrom(CycleFacts facts, AgendaTerms terms) =>
        QuietHours.NextAfter(facts.AuditedAt, terms.Rep, terms.ConnectionId) is var due && due > terms.Now ? due : terms.Now + AuditWait;

    /// <summary>When changes may be read next; never while the reader reads for everybody. Where the budget stretches the interval, a read that somebody asked for counts as one of an open page.</summary>
    private static DateTimeOffset PollFrom(CycleFacts facts, AgendaTerms terms)
    {
        var (pulse, pace) = (terms.Pulse, terms.Pace);
        if (facts.Standing.Follows)
        {
            return DateTimeOffset.MaxValue;
        }

        if (pace.Stretch <= 1)
        {
            // A page that was opened after the last read does not wait for the interval of a closed one.
            var watched = pulse.PolledAt + terms.Options.PollInterval;
            return terms.IsWatched && watched < pulse.NextPollAt ? watched : pulse.NextPollAt;
        }

        return pace.ReadFrom(terms.ConnectionId, pulse.PolledAt, terms.UsualInterval);
    }
}
