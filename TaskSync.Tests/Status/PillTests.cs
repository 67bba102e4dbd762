using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Status;

/// <summary>The pill's word follows the first of its states that holds.</summary>
public sealed class PillTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task Without_a_connection_it_is_off()
    {
        Assert.Equal((SyncPillState.Off, "Off"), await State());
        Assert.Equal(SyncPillState.Off, (await new SyncPillQuery(_desk.Database, _desk.Clock).LoadAsync(Guid.NewGuid(), Desk.Never)).State);
    }

    [Fact]
    public async Task Each_state_hides_those_after_it()
    {
        var connection = _desk.StartSync();
        _desk.Change(db => db.Connections.Find(connection.Id)!.LastSuccessAt = _desk.Now.AddMinutes(-1));
        Assert.Equal((SyncPillState.InStep, "In step"), await State());
        Assert.Equal(_desk.Now.AddMinutes(-1), (await Load()).AsOf);

        for (var i = 0; i < 7; i++)
        {
            _desk.Linked(connection, $"Task {i}", pending: true);
        }

        Assert.Equal((SyncPillState.Waiting, "7 waiting"), await State());

        _desk.Change(db => db.InitialSyncs.Add(new InitialSync { ConnectionId = connection.Id, Import = ImportStage.FromToday, Found = 40, Done = 10 }));
        Assert.Equal((SyncPillState.Syncing, "Syncing"), await State());
        Assert.Equal(25, (await Load()).Progress!.Percent);

        _desk.InConflict(_desk.Linked(connection), TaskField.Subject, "a", "b", TaskSide.TaskSync);
        _desk.Park(_desk.Linked(connection));
        Assert.Equal((SyncPillState.NeedsYou, "Needs you (2)"), await State());

        _desk.Change(db => (db.People.Find(_desk.Rita)!.PausedAt, db.People.Find(_desk.Rita)!.PauseReason) = (_desk.Now, "Paused by Adam Admin: data load"));
        Assert.Equal((SyncPillState.Paused, "Paused"), await State());
        Assert.Equal("Paused by Adam Admin: data load. 7 changes wait.", (await Load()).Reason);

        _desk.Change(db => (db.Connections.Find(connection.Id)!.State, db.Connections.Find(connection.Id)!.StateReason) = (ConnectionState.NeedsReconnect, "The grant was revoked."));
        Assert.Equal((SyncPillState.Reconnect, "Reconnect"), await State());
        Assert.Equal("The grant was revoked. 7 changes wait.", (await Load()).Reason);

        _desk.Tick(_desk.Rita, on: false);
        Assert.Equal((SyncPillState.Off, "Off"), await State());
        Assert.Equal("Sync is off. Switch it on in Settings. 7 changes wait.", (await Load()).Reason);
    }

    [Fact]
    public async Task A_pause_of_everybody_pauses_everybody()
    {
        _desk.StartSync();
        _desk.Change(db => db.Control.Add(new SyncControl { PausedAt = _desk.Now, PausedBy = "Adam Admin" }));
        Assert.Equal((SyncPillState.Paused, "Paused by Adam Admin."), (await Load()) is var pill ? (pill.State, pill.Reason) : default);
    }

    [Fact]
    public async Task What_needs_nobody_any_more_does_not_count()
    {
        var connection = _desk.StartSync();
        var removed = _desk.Linked(connection, with: t => (t.RemovedAt, t.Removal) = (_desk.Now, Removal.DeletedHere));
        _desk.InConflict(removed, TaskField.Subject, "a", "b", TaskSide.TaskSync);
        var settled = _desk.InConflict(_desk.Linked(connection), TaskField.Subject, "a", "b", TaskSide.TaskSync);
        var ignored = _desk.Park(_desk.Linked(connection));
        _desk.Change(db =>
        {
            db.Conflicts.Find(settled.Id)!.SettledAt = _desk.Now;
            db.Problems.Find(ignored.Id)!.State = ProblemState.Ignored;
        });
        Assert.Equal((SyncPillState.InStep, "In step"), await State());
    }

    [Fact]
    public async Task While_Salesforce_does_not_answer_it_says_so()
    {
        var connection = _desk.StartSync();
        _desk.Linked(connection, pending: true);
        _desk.Change(db => (db.Connections.Find(connection.Id)!.BackOffUntil, db.Connections.Find(connection.Id)!.BackOffReason) = (_desk.Now.AddMinutes(1), "The daily limit is used up. It goes on at 18:00."));
        Assert.Equal(("1 waiting", "The daily limit is used up. It goes on at 18:00."), (await Load()) is var pill ? (pill.Text, pill.Reason) : default);
        _desk.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null((await Load()).Reason);
    }

    private async Task<(SyncPillState, string)> State() => (await Load()) is var pill ? (pill.State, pill.Text) : default;

    private Task<SyncPill> Load() => new SyncPillQuery(_desk.Database, _desk.Clock).LoadAsync(_desk.Rita, Desk.Never);
}
