using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Simulation;

/// <summary>What people do, here and there.</summary>
internal sealed partial class TwoSidedSimulation
{
    /// <summary>What people type into, and the name that Salesforce has for it.</summary>
    private static readonly (TaskField Field, string SalesforceName)[] Typed =
        [(TaskField.Subject, "Subject"), (TaskField.Details, "Description"), (TaskField.CallResult, "CallDisposition")];

    private async Task ActAsync(Player player)
    {
        var dice = _random.Next(1000);
        switch (dice)
        {
            case < 120:
                await CreateHereAsync(player);
                break;
            case < 320:
                await WithOneHereAsync(player, task => EditHereAsync(player, task));
                break;
            case < 380:
                await WithOneHereAsync(player, task => CompleteHereAsync(player, task));
                break;
            case < 450:
                await WithOneHereAsync(player, task => DeleteHereAsync(player, task));
                break;
            case < 490:
                await RestoreHereAsync(player);
                break;
            case < 920:
                ActThere(player, dice - 490);
                break;
            default:
                await ChangeSyncAsync(player, dice - 920);
                break;
        }
    }

    private async Task WithOneHereAsync(Player player, Func<TaskItem, Task> act)
    {
        var list = await player.Rep.ListAsync();
        if (list.Count > 0)
        {
            await act(Pick(list));
        }
    }

    private async Task CreateHereAsync(Player player)
    {
        var id = await player.Rep.CreateAsync(Token("made here"), Due(), draft => draft with { Details = Token("details") });
        await _oracle.CreatedHereAsync(player.Rep, id);
        Note($"{player.Name} creates here");
    }

    private async Task EditHereAsync(Player player, TaskItem task)
    {
        var (token, field) = (Token("here"), Pick(Typed).Field);
        await player.Rep.EditAsync(task.Id, draft => draft with { Values = draft.Values.With(field, token) });
        _oracle.EditedHere(task, field, token);
        Note($"{player.Name} edits here: {task.Subject} → {token}");
    }

    private async Task CompleteHereAsync(Player player, TaskItem task)
    {
        await (task.IsCompleted ? player.Rep.ReopenAsync(task.Id) : player.Rep.CompleteAsync(task.Id));
        var status = (await player.Rep.TaskAsync(task.Id)).Status;
        _oracle.EditedHere(task, TaskField.Status, status);
        Note($"{player.Name} sets {task.Subject} to {status} here");
    }

    private async Task DeleteHereAsync(Player player, TaskItem task)
    {
        await player.Rep.DeleteAsync(task.Id);
        _oracle.DeletedHere(task);
        Note($"{player.Name} deletes here: {task.Subject}");
    }

    private async Task RestoreHereAsync(Player player)
    {
        var removed = await _world.ReadAsync(db => db.Tasks.AsNoTracking().Include(t => t.Link)
            .Where(t => t.PersonId == player.Rep.Id && t.RemovedAt != null && t.Removal == Removal.DeletedHere).OrderBy(t => t.Id).ToListAsync());
        if (removed.Count > 0)
        {
            var task = Pick(removed);
            await player.Rep.RestoreAsync(task.Id);
            _oracle.RestoredHere(task);
            Note($"{player.Name} restores here: {task.Subject}");
        }
    }

    private void ActThere(Player player, int dice)
    {
        switch (dice)
        {
            case < 90:
                CreateThere(player);
                break;
            case < 250:
                WithOneThere(player, deleted: false, EditThere);
                break;
            case < 290:
                WithOneThere(player, deleted: false, CompleteThere);
                break;
            case < 335:
                WithOneThere(player, deleted: false, DeleteThere);
                break;
            case < 365:
                WithOneThere(player, deleted: true, UndeleteThere);
                break;
            case < 385:
                WithOneThere(player, deleted: false, task => Reassign(player, task));
                break;
            case < 400:
                WithOneThere(player, deleted: false, task => _world.Org.TouchBySystem(task.Id));
                break;
            case < 425:
                BeginLateTransaction(player);
                break;
            default:
                EmptyBin();
                break;
        }
    }

    private void WithOneThere(Player player, bool deleted, Action<SimulatedTask> act)
    {
        var rows = _world.Org.Tasks(player.Self.Id, includeDeleted: deleted).Where(t => t.IsDeleted == deleted && !IsLocked(t.Id)).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        var task = Pick(rows);
        try
        {
            act(task);
        }
        catch (InvalidOperationException e) when (e.Message.StartsWith("UNABLE_TO_LOCK_ROW", StringComparison.Ordinal) || e.Message.StartsWith("DUPLICATE_VALUE", StringComparison.Ordinal))
        {
            // A request of ours holds the row, or its key lives on in another one: the person there gives up.
            Note($"{task.Subject} cannot be changed there");
        }
    }

    private void CreateThere(Player player)
    {
        var task = _world.Org.CreateTask(player.Self.Id, new FieldValues { ["Subject"] = Token("made there"), ["ActivityDate"] = Due() });
        _oracle.CreatedThere(player.Rep, task);
        Note($"{player.Name} creates there: {task.Subject}");
    }

    private void EditThere(SimulatedTask task)
    {
        var (token, (field, name)) = (Token("there"), Pick(Typed));
        _world.Org.UpdateTask(task.Id, new FieldValues { [name] = token });
        _oracle.EditedThere(task, field, token);
        Note($"edited there: {task.Subject} → {token}");
    }

    private void CompleteThere(SimulatedTask task)
    {
        var status = task.IsClosed ? "Not Started" : "Completed";
        _world.Org.UpdateTask(task.Id, new FieldValues { ["Status"] = status });
        _oracle.EditedThere(task, TaskField.Status, status);
        Note($"{task.Subject} set to {status} there");
    }

    private void DeleteThere(SimulatedTask task)
    {
        // Somebody else's deletion is one that the rep's own query may not show.
        _world.Org.DeleteTask(task.Id, _random.Next(2) == 0 ? _world.Org.Adam.Id : null);
        _oracle.DeletedThere(task);
        Note($"deleted there: {task.Subject}");
    }

    private void UndeleteThere(SimulatedTask task)
    {
        _world.Org.UndeleteTask(task.Id);
        _oracle.RestoredThere(task);
        Note($"undeleted there: {task.Subject}");
    }

    private void Reassign(Player player, SimulatedTask task)
    {
        var others = _players.Where(p => p != player).Select(p => p.Self).Append(_world.Org.Adam).ToList();
        var to = Pick(others);
        _world.Org.Reassign(task.Id, to.Id, _world.Org.Adam.Id);
        _oracle.Reassigned(task);
        Happened("Reassignment");
        Note($"{task.Subject} is reassigned to {to.Name}");
    }

    private void EmptyBin()
    {
        _oracle.Purged(_world.Org.Tasks(includeDeleted: true).Where(t => t.IsDeleted));
        _world.Org.PurgeRecycleBin();
        Happened("Recycle bin emptied");
        Note("the recycle bin is emptied");
    }

    /// <summary>While a request of ours that only reads is under way, Salesforce's people go on.</summary>
    private void SomebodyActsMeanwhile()
    {
        if (_isTroubled && _random.Next(100) < 4)
        {
            Happened("Action during a read");
            ActThere(Pick(_players), _random.Next(365));
        }
    }

    private async Task ChangeSyncAsync(Player player, int dice)
    {
        switch (dice)
        {
            case < 35:
                await ToggleAsync(player);
                break;
            case < 50:
                _world.Org.RevokeGrants(player.Rep.User.Id);
                Happened("Grant revoked");
                Note($"{player.Name}'s grant is revoked");
                break;
            case < 60:
                await ConnectAsync(player, player.Self);
                break;
            case < 66:
                await ConnectAsync(player, _world.Org.Adam);
                break;
            default:
                await _world.RestartAsync();
                Happened("Restart");
                Note("the server restarts");
                break;
        }
    }

    private async Task ToggleAsync(Player player)
    {
        await player.Rep.SaveAsync(!player.IsOn);
        player.IsOn = !player.IsOn;
        _oracle.Interrupted(player.Rep);
        Happened("Switch");
        Note($"{player.Name} switches {(player.IsOn ? "on" : "off")}");
    }

    /// <summary>Connects as a user. As another one than before, the old links are parked and the box is unticked (F9).</summary>
    private async Task ConnectAsync(Player player, SimulatedUser user)
    {
        var connect = player.Rep.ConnectAsync(user);
        await GoOnAsync(connect);
        var result = await connect;
        player.IsOn = await _world.ReadAsync(db => db.People.Where(p => p.Id == player.Rep.Id).Select(p => p.SyncEnabled).SingleAsync());
        _oracle.Interrupted(player.Rep);
        Happened(user == player.Self ? "Reconnect" : "Connected as another user");
        Note($"{player.Name} connects as {user.Name}: {result.GetType().Name}");
    }

    private async Task ComeBackAsync(Player player)
    {
        await ConnectAsync(player, player.Self);
        if (!player.IsOn)
        {
            await ToggleAsync(player);
        }
    }
}
