using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Status;

public sealed class AdminActionsTests : IAsyncDisposable
{
    private readonly Desk _desk = new();
    private readonly AdminActions _admin;

    public AdminActionsTests() => _admin = new AdminActions(_desk.Database, _desk.Clock, _desk.Doorbell, _desk.Asked, _desk.Feed, NullLogger<AdminActions>.Instance);

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task Pausing_everybody_shows_the_reason_to_reps_and_resuming_rings_everybody()
    {
        var connection = _desk.StartSync();
        await _admin.PauseAllAsync(Admins.Adam, " data load ", Desk.Never);
        Assert.Equal("Paused by Adam Admin: data load.", (await Pill()).Reason);
        Assert.Equal(1, _desk.Published);
        Assert.Empty(_desk.Rings);

        _desk.Clock.Advance(TimeSpan.FromHours(1));
        await _admin.PauseAllAsync(Admins.Adam with { Name = "Eve Admin" }, null, Desk.Never);
        Assert.Equal((Desk.Morning, "Eve Admin", null), _desk.Read(db => db.Control.Single()) is var control ? (control.PausedAt, control.PausedBy, control.Reason) : default);

        await _admin.ResumeAllAsync(Admins.Adam, Desk.Never);
        Assert.Equal(SyncPillState.InStep, (await Pill()).State);
        Assert.Equal([connection.Id], _desk.Rings);
    }

    [Fact]
    public async Task One_person_is_paused_and_resumed()
    {
        var connection = _desk.StartSync();
        Assert.True(await _admin.PauseAsync(Admins.Adam, _desk.Rita, new string('x', 1_000), Desk.Never));
        Assert.Equal(SyncPillState.Paused, (await Pill()).State);
        Assert.True(await _admin.ResumeAsync(Admins.Adam, _desk.Rita, Desk.Never));
        Assert.Equal(SyncPillState.InStep, (await Pill()).State);
        Assert.Equal([connection.Id], _desk.Rings);
        Assert.Equal(2, _desk.Published);
        Assert.False(await _admin.PauseAsync(Admins.Adam, Guid.NewGuid(), null, Desk.Never));
        Assert.False(await _admin.ResumeAsync(Admins.Adam, Guid.NewGuid(), Desk.Never));
    }

    [Fact]
    public async Task A_reason_is_never_cut_within_a_character()
    {
        await _admin.PauseAllAsync(Admins.Adam, new string('x', 249) + "😀", Desk.Never);
        Assert.Equal(new string('x', 249), _desk.Read(db => db.Control.Single().Reason));
    }

    [Fact]
    public async Task Resuming_everybody_leaves_those_paused_who_were_paused_one_by_one()
    {
        _desk.StartSync();
        await _admin.PauseAsync(Admins.Adam, _desk.Rita, null, Desk.Never);
        await _admin.PauseAllAsync(Admins.Adam, null, Desk.Never);
        await _admin.ResumeAllAsync(Admins.Adam, Desk.Never);
        Assert.Equal(SyncPillState.Paused, (await Pill()).State);
    }

    [Fact]
    public async Task Sync_now_rings_only_while_sync_is_on()
    {
        Assert.Equal(AskedRead.Off, await _admin.SyncNowAsync(Admins.Adam, _desk.Rita, Desk.Never));
        var connection = _desk.StartSync();
        Assert.Equal(AskedRead.Looking, await _admin.SyncNowAsync(Admins.Adam, _desk.Rita, Desk.Never));
        Assert.Equal([connection.Id], _desk.Rings);
    }

    [Fact]
    public async Task Retry_all_frees_the_problems_of_one_cause_or_of_all()
    {
        var connection = _desk.StartSync();
        var problems = Enumerable.Range(0, 205).Select(i => _desk.Park(_desk.Linked(connection, $"Task {i}"))).ToList();
        var other = _desk.Park(_desk.Linked(connection), "UNABLE_TO_LOCK_ROW");
        _desk.Change(db => db.Problems.Find(problems[0].Id)!.State = ProblemState.Ignored);

        Assert.Equal(204, await _admin.RetryAllAsync(Admins.Adam, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Desk.Never));
        Assert.Equal((204, 2), (_desk.Read(db => db.PendingWrites.Count(w => w.ProblemId == null)), _desk.Read(db => db.PendingWrites.Count(w => w.ProblemId != null))));
        Assert.Equal(ProblemState.Open, _desk.Read(db => db.Problems.Find(other.Id)!.State));
        Assert.Equal(1, await _admin.RetryAllAsync(Admins.Adam, null, Desk.Never));
        Assert.Equal(0, await _admin.RetryAllAsync(Admins.Adam, null, Desk.Never));
        Assert.All(_desk.Rings, ring => Assert.Equal(connection.Id, ring));
    }

    private Task<SyncPill> Pill() => new SyncPillQuery(_desk.Database, _desk.Clock).LoadAsync(_desk.Rita, Desk.Never);
}
