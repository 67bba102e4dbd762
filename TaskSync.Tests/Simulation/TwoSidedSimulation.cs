using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Tests.Engine;

namespace TaskSync.Tests.Simulation;

/// <summary>
/// Reps, Salesforce users, the network and the clock from one seed: random edits, completions, deletions, restores, reassignments and switch-offs on both sides
/// under random faults. After quiet the two sides are equal, and the oracle, which watched every action, has nothing to complain about.
/// </summary>
public sealed class TwoSidedSimulation(SyncWorld world, int seed)
{
    private static readonly FaultKind[] Faults =
    [
        FaultKind.DropBeforeCommit, FaultKind.DropAfterCommit, FaultKind.ServiceUnavailableHtml, FaultKind.ServerTooBusy, FaultKind.UnknownException, FaultKind.TruncatedJson,
        FaultKind.ConcurrentLimit, FaultKind.LongTransactionLimit, FaultKind.RowLock, FaultKind.QueryTimeout, FaultKind.SessionExpired, FaultKind.InvalidReplicationDate, FaultKind.InvalidQueryLocator,
    ];

    private readonly Random _random = new(seed);
    private readonly Oracle _oracle = new(world);
    private readonly List<SyncWorld.Rep> _reps = [];
    private int _tokens;

    /// <summary>What was done, for a failing seed.</summary>
    public List<string> Script { get; } = [];

    public int FaultsFired => world.Org.Faults.Rules.Sum(rule => rule.Fired);

    public async Task RunAsync(int steps)
    {
        foreach (var user in new[] { world.Org.Rita, world.Org.Sam })
        {
            _reps.Add(await world.SyncedRepAsync(user, user.Name));
        }

        for (var step = 0; step < steps; step++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(_random.Next(5, 60)));
            await ActAsync(Pick(_reps));
            if (_random.Next(100) < 15)
            {
                AddFault();
            }

            foreach (var rep in _reps.Where(_ => _random.Next(3) == 0).ToList())
            {
                await SyncAsync(rep, readChanges: _random.Next(2) == 0);
            }
        }

        await QuietAsync();
        await _oracle.CheckAsync(_reps);
    }

    /// <summary>Where everything stands, for a failing seed.</summary>
    public async Task<string> StateAsync()
    {
        var lines = new List<string>();
        foreach (var c in await world.ReadAsync(db => Task.FromResult(db.Connections.ToList())))
        {
            lines.Add($"connection {c.DisplayName}: {c.State} {c.StateReason} back-off {c.BackOffUntil} {c.BackOffReason}");
        }

        lines.AddRange((await world.ReadAsync(db => Task.FromResult(db.InitialSyncs.ToList()))).Select(i => $"initial {i.Kind} {i.State} {i.CatchUp} {i.Import}"));
        lines.AddRange((await world.ReadAsync(db => Task.FromResult(db.Problems.ToList()))).Select(p => $"problem {p.State} {p.Code} {p.Message}"));
        lines.AddRange((await world.ReadAsync(db => Task.FromResult(db.PendingWrites.ToList()))).Select(p => $"pending due {p.DueAt} failures {p.Failures} problem {p.ProblemId} {p.AttemptsJson}"));
        return string.Join('\n', lines);
    }

    private async Task ActAsync(SyncWorld.Rep rep)
    {
        var list = await rep.ListAsync();
        var remote = rep.Remote();
        switch (_random.Next(20))
        {
            case < 3:
                var made = await rep.CreateAsync(Token("made here"), Due(), draft => draft with { Details = Token("details") });
                Note($"{rep.User.Name} creates here");
                await _oracle.CreatedHereAsync(rep, made);
                break;
            case < 5:
                var subject = Token("made there");
                var created = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = subject, ["ActivityDate"] = Due() });
                Note($"{rep.User.Name} creates there");
                _oracle.CreatedThere(created);
                break;
            case < 9 when list.Count > 0:
                await EditHereAsync(rep, Pick(list));
                break;
            case < 13 when remote.Count > 0:
                EditThere(Pick(remote));
                break;
            case < 15 when list.Count > 0:
                var deleted = Pick(list);
                await rep.DeleteAsync(deleted.Id);
                Note($"{rep.User.Name} deletes here: {deleted.Subject}");
                _oracle.DeletedHere(deleted.Id);
                break;
            case < 16 when remote.Count > 0:
                var gone = Pick(remote);
                world.Org.DeleteTask(gone.Id);
                Note($"{rep.User.Name} deletes there: {gone.Subject}");
                _oracle.DeletedThere(gone.Id);
                break;
            case 16:
                var removed = await world.ReadAsync(db => Task.FromResult(db.Tasks.Where(t => t.PersonId == rep.Id && t.RemovedAt != null && t.Removal == Removal.DeletedHere).ToList()));
                if (removed.Count > 0)
                {
                    var restored = Pick(removed);
                    await rep.RestoreAsync(restored.Id);
                    Note($"{rep.User.Name} restores here: {restored.Subject}");
                    _oracle.RestoredHere(restored.Id);
                }

                break;
            case 17:
                var bin = world.Org.Tasks(rep.User.Id, includeDeleted: true).Where(t => t.IsDeleted).ToList();
                if (bin.Count > 0)
                {
                    var back = Pick(bin);
                    world.Org.UndeleteTask(back.Id);
                    Note($"{rep.User.Name} undeletes there: {back.Subject}");
                    _oracle.RestoredThere(back.Id);
                }

                break;
            case 18:
                await ToggleAsync(rep);
                break;
            case 19 when remote.Count > 0 && _reps.Count > 1:
                var handed = Pick(remote);
                var to = _reps.First(r => r != rep);
                world.Org.Reassign(handed.Id, to.User.Id, world.Org.Adam.Id);
                Note($"{handed.Subject} is reassigned to {to.User.Name}");
                _oracle.Reassigned(handed.Id);
                break;
        }
    }

    private async Task EditHereAsync(SyncWorld.Rep rep, TaskItem task)
    {
        var token = Token("here");
        if (_random.Next(2) == 0)
        {
            await rep.EditAsync(task.Id, draft => draft with { Subject = token });
            _oracle.EditedHere(task.Id, TaskField.Subject, token);
        }
        else
        {
            await rep.EditAsync(task.Id, draft => draft with { Details = token });
            _oracle.EditedHere(task.Id, TaskField.Details, token);
        }

        Note($"{rep.User.Name} edits here: {task.Subject} → {token}");
    }

    private void EditThere(SimulatedTask task)
    {
        var token = Token("there");
        var field = _random.Next(2) == 0 ? "Subject" : "Description";
        world.Org.UpdateTask(task.Id, new FieldValues { [field] = token });
        _oracle.EditedThere(task.Id, field == "Subject" ? TaskField.Subject : TaskField.Details, token);
        Note($"edited there: {task.Subject} → {token}");
    }

    private async Task ToggleAsync(SyncWorld.Rep rep)
    {
        var on = await world.ReadAsync(db => Task.FromResult(db.People.Single(p => p.Id == rep.Id).SyncEnabled));
        await rep.SaveAsync(!on);
        _oracle.Switched(rep, !on);
        Note($"{rep.User.Name} switches {(on ? "off" : "on")}");
    }

    private void AddFault()
    {
        var kind = Pick(Faults);

        // The token endpoint fails as a network or a gateway does; it does not answer with the data API's errors.
        var anywhere = kind is FaultKind.DropBeforeCommit or FaultKind.DropAfterCommit or FaultKind.ServiceUnavailableHtml or FaultKind.TruncatedJson;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = kind,
            Times = _random.Next(1, 3),
            Item = kind == FaultKind.RowLock ? 0 : -1,
            When = target => anywhere || !target.Path.Contains("/oauth2/", StringComparison.Ordinal),
        });
        Note($"fault {kind}");
    }

    private async Task SyncAsync(SyncWorld.Rep rep, bool readChanges)
    {
        if (readChanges)
        {
            world.Get<TaskSync.Sync.Engine.SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
        }

        await rep.RunAsync();
        if (readChanges && world.ReaderId is not null)
        {
            await world.ReadAllAsync();
            await rep.RunAsync();
        }

        Note($"{rep.User.Name} syncs");
    }

    /// <summary>The faults end, everybody switches on, and time passes until nothing is due but polls.</summary>
    private async Task QuietAsync()
    {
        world.Org.Faults.Clear();
        foreach (var rep in _reps)
        {
            if (!await world.ReadAsync(db => Task.FromResult(db.People.Single(p => p.Id == rep.Id).SyncEnabled)))
            {
                await ToggleAsync(rep);
            }
        }

        Note("quiet");
        for (var i = 0; i < 4; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(16));
            foreach (var rep in _reps)
            {
                await SyncAsync(rep, readChanges: true);
            }
        }

        // A further cycle of everybody writes nothing: no write without a cause.
        world.Org.Calls.Reset();
        world.Time.Advance(TimeSpan.FromMinutes(16));
        foreach (var rep in _reps)
        {
            await SyncAsync(rep, readChanges: true);
        }

        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    private string Token(string what) => $"{what} {++_tokens}";

    private DateOnly? Due() => _random.Next(4) == 0 ? null : world.Today.AddDays(_random.Next(-3, 10));

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private void Note(string what) => Script.Add($"{world.Time.GetUtcNow():HH:mm:ss} {what}");
}
