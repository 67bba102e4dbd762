using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>What comes next, as a table: everything is quiet but what the row says.</summary>
public sealed class AgendaTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly CycleFacts Quiet = new() { SweptAt = Now.AddMinutes(-1), AuditedAt = Now.AddHours(-1) };
    private static readonly ReaderStanding Follows = new(Follows: true, MayJoin: false, HasRead: true);
    private static readonly ApiPace Usual = new(null, 1, Now.AddHours(12));

    /// <summary>Nothing is free but the call that is kept for the evening.</summary>
    private static readonly ApiPace Spent = Usual with { Budget = new ApiBudget(Share: 100, Used: 99, Connections: 1, Left: TimeSpan.FromHours(12)) };

    /// <summary>The minute of this connection is the first of its night: one o'clock.</summary>
    private static readonly DateTimeOffset Night = Now.AddHours(13);
    private static readonly DateTimeOffset Evening = Usual.DayEnd - ApiBudget.Evening;
    private static readonly InitialSync Importing = new() { Import = ImportStage.FromToday };

    [Fact]
    public void Nothing_due_rests_until_the_next_poll() => Assert.Equal(new Duty.Rest(Now.AddSeconds(10)), Next(Quiet));

    [Fact]
    public void A_page_opened_after_the_last_read_does_not_wait_for_the_idle_interval()
    {
        var pulse = Pulse(Now.AddMinutes(2));
        pulse.PolledAt = Now.AddSeconds(-5);

        Assert.Equal(new Duty.Rest(Now.AddMinutes(2)), Next(Quiet, pulse));
        Assert.Equal(new Duty.Rest(Now.AddSeconds(10)), Next(Quiet, pulse, isWatched: true));
    }

    [Fact]
    public void F6_a_catch_up_comes_before_everything_else()
    {
        var initial = new InitialSync { CatchUp = CatchUpStage.Changes, Import = ImportStage.Finished };
        Assert.Equal(new Duty.CatchUp(initial), Next(Quiet with { Initial = initial, WriteDueAt = Now, AuditAsked = AuditReason.RestoredBackup }, new ConnectionPulse()));
    }

    [Fact]
    public void F3_a_first_sync_is_prepared_before_anything_is_read()
    {
        var initial = new InitialSync { Import = ImportStage.Prepare };
        Assert.Equal(new Duty.CatchUp(initial), Next(Quiet with { Initial = initial }, new ConnectionPulse()));
    }

    [Fact]
    public void A_process_that_has_just_begun_reads_before_it_writes() => Assert.Equal(new Duty.Poll(), Next(Quiet with { WriteDueAt = Now }, new ConnectionPulse()));

    [Fact]
    public void A_follower_that_has_just_begun_sends_since_its_reader_has_read() =>
        Assert.Equal(new Duty.Push(PollIsDue: false), Next(Quiet with { WriteDueAt = Now, Standing = Follows }, new ConnectionPulse()));

    [Fact]
    public void A_restored_backup_is_audited_before_anything_is_sent() =>
        Assert.Equal(new Duty.Audit(AuditReason.RestoredBackup), Next(Quiet with { WriteDueAt = Now, AuditAsked = AuditReason.RestoredBackup }));

    [Fact]
    public void A_follower_waits_for_the_first_read_of_its_reader() =>
        Assert.Equal(new Duty.Rest(null), Next(Quiet with { WriteDueAt = Now, Standing = Follows with { HasRead = false } }));

    [Fact]
    public void S2_what_is_due_is_sent() => Assert.Equal(new Duty.Push(PollIsDue: false), Next(Quiet with { WriteDueAt = Now }));

    [Fact]
    public void S2_what_is_due_later_is_waited_for() => Assert.Equal(new Duty.Rest(Now.AddSeconds(5)), Next(Quiet with { WriteDueAt = Now.AddSeconds(5) }));

    [Fact]
    public void Where_calls_are_scarce_what_is_due_goes_along_with_the_next_poll_or_waits_for_the_evening()
    {
        var facts = Quiet with { WriteDueAt = Now };
        Assert.Equal(new Duty.Push(PollIsDue: true), Next(facts, Pulse(nextPollAt: Now), Spent));
        Assert.Equal(new Duty.Rest(Now.AddSeconds(1)), Next(facts, Pulse(nextPollAt: Now.AddSeconds(1)), Spent));
        Assert.Equal(new Duty.Rest(Evening), Next(facts, Pulse(nextPollAt: Evening.AddSeconds(1)), Spent));
        Assert.Equal(new Duty.Rest(Evening), Next(facts with { Standing = Follows }, Pulse(nextPollAt: default), Spent));
    }

    [Fact]
    public void What_is_due_is_sent_from_the_instant_on_that_the_budget_allows()
    {
        var pulse = Pulse(nextPollAt: Now.AddSeconds(10));
        pulse.PolledAt = Now;
        Assert.Equal(new Duty.Push(PollIsDue: false), Next(Quiet with { WriteDueAt = Now }, pulse));
    }

    [Theory]
    [InlineData(true, false, 30)]
    [InlineData(false, false, 240)]
    [InlineData(false, true, 30)]
    public void A_stretched_interval_is_that_of_an_open_page_if_one_is_open_or_somebody_asked(bool isWatched, bool isAsked, int seconds)
    {
        var pulse = Pulse(nextPollAt: isAsked ? default : Now.AddSeconds(10));
        pulse.PolledAt = Now.AddSeconds(-20);
        Assert.Equal(new Duty.Rest(pulse.PolledAt.AddSeconds(seconds)), Next(Quiet, pulse, Usual with { Stretch = 2 }, isWatched: isWatched));
    }

    [Fact]
    public void A_poll_that_is_due_goes_along_with_what_is_sent() => Assert.Equal(new Duty.Push(PollIsDue: true), Next(Quiet with { WriteDueAt = Now }, Pulse(nextPollAt: Now)));

    [Fact]
    public void While_there_is_more_to_send_a_poll_waits_a_minute_at_most()
    {
        var last = new Duty.Push(PollIsDue: true);
        Assert.Equal(last, Next(Quiet with { WriteDueAt = Now }, Pulse(nextPollAt: Now.AddSeconds(-59), last)));
        Assert.Equal(new Duty.Poll(), Next(Quiet with { WriteDueAt = Now }, Pulse(nextPollAt: Now.AddSeconds(-60), last)));
    }

    [Fact]
    public void A_follower_sends_and_never_polls()
    {
        Assert.Equal(new Duty.Push(PollIsDue: false), Next(Quiet with { WriteDueAt = Now, Standing = Follows }, Pulse(nextPollAt: default, new Duty.Push(PollIsDue: false))));
        Assert.Equal(new Duty.Rest(Night), Next(Quiet with { Standing = Follows, SweptAt = default }, Pulse(nextPollAt: default)));
        Assert.Equal(new Duty.Rest(Now.AddSeconds(5)), Next(Quiet with { WriteDueAt = Now.AddSeconds(5), Standing = Follows }, Pulse(nextPollAt: default)));
    }

    [Fact]
    public void A_follower_whose_audit_is_due_while_calls_are_scarce_is_looked_at_again_in_an_hour() =>
        Assert.Equal(new Duty.Rest(Night.AddHours(1)), Next(Quiet with { Standing = Follows }, Pulse(nextPollAt: default), Spent, now: Night));

    [Fact]
    public void F3_an_import_and_what_is_to_be_sent_take_turns()
    {
        var facts = Quiet with { Initial = Importing, WriteDueAt = Now };
        Assert.Equal(new Duty.Push(PollIsDue: false), Next(facts));
        Assert.Equal(new Duty.ImportPage(Importing), Next(facts, Pulse(Now.AddSeconds(10), new Duty.Push(PollIsDue: false))));
    }

    [Fact]
    public void F3_a_poll_that_is_due_comes_before_the_next_page_of_an_import() => Assert.Equal(new Duty.Poll(), Next(Quiet with { Initial = Importing }, Pulse(nextPollAt: Now)));

    [Fact]
    public void S8_a_sweep_follows_when_its_quarter_of_an_hour_is_over() => Assert.Equal(new Duty.Sweep(), Next(Quiet with { SweptAt = Now.AddMinutes(-15) }));

    [Fact]
    public void S8_an_audit_that_somebody_asked_for_is_made() => Assert.Equal(new Duty.Audit(AuditReason.Asked), Next(Quiet with { AuditAsked = AuditReason.Asked }));

    [Fact]
    public void S8_the_night_brings_an_audit() => Assert.Equal(new Duty.Audit(AuditReason.Nightly), Next(Quiet with { AuditedAt = Now.AddDays(-2) }));

    [Fact]
    public void S8_the_audit_of_the_night_begins_on_its_minute()
    {
        var facts = Quiet with { SweptAt = Night, AuditedAt = Now };
        Assert.IsType<Duty.Rest>(Next(facts, Pulse(Night.AddSeconds(10)), now: Night.AddSeconds(-1)));
        Assert.Equal(new Duty.Audit(AuditReason.Nightly), Next(facts, Pulse(Night.AddSeconds(10)), now: Night));
    }

    [Fact]
    public void A_connection_joins_its_reader_once_when_all_is_quiet()
    {
        var facts = Quiet with { Standing = new ReaderStanding(Follows: false, MayJoin: true, HasRead: true) };
        Assert.Equal(new Duty.Join(), Next(facts));
        Assert.IsType<Duty.Rest>(Next(facts, Pulse(Now.AddSeconds(10), new Duty.Join())));
        Assert.Equal(new Duty.Push(PollIsDue: false), Next(facts with { WriteDueAt = Now }));
    }

    private static ConnectionPulse Pulse(DateTimeOffset nextPollAt, Duty? last = null) =>
        new() { NextPollAt = nextPollAt, FastReached = Now.AddMinutes(-1), PolledAt = Now.AddMinutes(-1), Last = last };

    private static Duty Next(CycleFacts facts, ConnectionPulse? pulse = null, ApiPace? pace = null, DateTimeOffset? now = null, bool isWatched = false) => Agenda.Next(facts, new AgendaTerms(
        pulse ?? Pulse(Now.AddSeconds(10)), pace ?? Usual, now ?? Now, new SyncOptions())
    {
        ConnectionId = Guid.Empty,
        IsWatched = isWatched,
        Rep = RepTime.At(now ?? Now, "UTC", null, null),
    });
}
