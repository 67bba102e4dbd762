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

    [Fact]
    public async Task SE6_while_Salesforce_fails_every_call_it_is_away_since_then()
    {
        var connection = _desk.StartSync();
        var since = _desk.Now.AddMinutes(-20);
        _desk.Change(db =>
        {
            var row = db.Connections.Find(connection.Id)!;
            (row.FailingSince, row.BackOffReason, row.LastSuccessAt) = (since, "Salesforce cannot be reached from TaskSync.", since.AddSeconds(-10));
        });

        // Nothing waits, and the moment of the next try has come: it is away all the same.
        Assert.Equal((SyncPillState.Away, "Salesforce is away", since), await Since());
        Assert.Equal("Salesforce cannot be reached from TaskSync. You can keep working.", (await Load()).Reason);

        _desk.Park(_desk.Linked(connection));
        _desk.Linked(connection, pending: true);
        Assert.Equal((SyncPillState.Away, "Salesforce is away", since), await Since());
        Assert.EndsWith(" 1 change waits.", (await Load()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE6_what_was_not_in_step_for_minutes_is_not_in_step()
    {
        var connection = _desk.StartSync();
        var last = _desk.Now;
        _desk.Change(db => (db.Connections.Find(connection.Id)!.LastSuccessAt, db.Connections.Find(connection.Id)!.ConnectedAt) = (last, last.AddDays(-1)));
        _desk.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(SyncPillState.InStep, (await Load()).State);

        _desk.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((SyncPillState.Away, "Not in step", last), await Since());

        _desk.Change(db => db.Connections.Find(connection.Id)!.ConnectedAt = _desk.Now);
        Assert.Equal(SyncPillState.InStep, (await Load()).State);
    }

    [Fact]
    public async Task SE6_what_needs_somebody_says_since_when()
    {
        var connection = _desk.StartSync();
        var since = _desk.Now;
        _desk.InConflict(_desk.Linked(connection), TaskField.Subject, "a", "b", TaskSide.TaskSync);
        _desk.Clock.Advance(TimeSpan.FromMinutes(1));
        _desk.Park(_desk.Linked(connection));
        Assert.Equal((SyncPillState.NeedsYou, "Needs you (2)", since), await Since());

        _desk.Change(db => (db.Connections.Find(connection.Id)!.State, db.Connections.Find(connection.Id)!.FailingSince) = (ConnectionState.NeedsReconnect, since.AddDays(-1)));
        Assert.Equal((SyncPillState.Reconnect, "Reconnect", since.AddDays(-1)), await Since());
    }

    private async Task<(SyncPillState, string, DateTimeOffset?)> Since() => (await Load()) is var pill ? (pill.State, pill.Text, pill.Since) : default;

    private async Task<(SyncPillState, string)> State() => (await Load()) is var pill ? (pill.State, pill.Text) : default;

    private Task<SyncPill> Load() => new SyncPillQuery(_desk.Database, _desk.Clock).LoadAsync(_desk.Rita, Desk.Never);
}
