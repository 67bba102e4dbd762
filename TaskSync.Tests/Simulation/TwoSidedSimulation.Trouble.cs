using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Simulation;

/// <summary>What goes wrong: on the wire, in Salesforce, on the disk.</summary>
internal sealed partial class TwoSidedSimulation
{
    private static readonly FaultKind[] OnTheWire =
    [
        FaultKind.DropBeforeCommit, FaultKind.DropAfterCommit, FaultKind.ServiceUnavailableHtml, FaultKind.TruncatedJson, FaultKind.DelayRequest, FaultKind.DelayAnswer,
        FaultKind.LateCommit, FaultKind.ServerTooBusy, FaultKind.UnknownException, FaultKind.ConcurrentLimit, FaultKind.LongTransactionLimit, FaultKind.DailyLimit,
        FaultKind.RowLock, FaultKind.QueryTimeout, FaultKind.SessionExpired, FaultKind.InvalidReplicationDate, FaultKind.ShortPage,
        FaultKind.HostileJson, FaultKind.TokenRequestBusy, FaultKind.Error,

        // There is seldom a second page.
        FaultKind.InvalidQueryLocator, FaultKind.InvalidQueryLocator, FaultKind.InvalidQueryLocator, FaultKind.InvalidQueryLocator,
    ];

    private readonly List<(OpenTransaction Transaction, DateTimeOffset CommitAt, string? Locks)> _late = [];
    private bool _isTroubled;
    private bool _isHidden;

    private void AddFault()
    {
        var dice = _random.Next(100);
        if (dice < 14)
        {
            Add(Pick(OnTheWire));
        }
        else if (dice == 14)
        {
            _world.Org.MoveInstance(_random.Next(2) == 0 ? null : $"na{_random.Next(100)}");
            Happened("Instance moved");
            Note("the org moves to another instance");
        }
        else if (dice == 15 && _seed % 2 == 1)
        {
            HideDetails(!_isHidden);
        }
        else if (dice == 16)
        {
            _world.Org.PurgeDeleteLog();
            Happened("Delete log purged");
            Note("the delete log is purged");
        }
        else if (dice == 17)
        {
            _world.Org.ExpireAccessTokens();
            Happened("Session timeout");
            Note("all sessions time out");
        }
    }

    private void Add(FaultKind kind)
    {
        TimeSpan? delay = null;
        _world.Org.Faults.Add(new FaultRule
        {
            Kind = kind,
            Times = _random.Next(1, 3),
            Skip = _random.Next(3),
            Item = kind switch { FaultKind.RowLock => _random.Next(2), FaultKind.Error => 0, FaultKind.ShortPage => _random.Next(1, 4), _ => -1 },
            Delay = delay = kind is FaultKind.DelayRequest or FaultKind.DelayAnswer or FaultKind.LateCommit ? TimeSpan.FromSeconds(_random.Next(20, 540)) : null,
            Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            Message = "A close date is needed first.",
            When = target =>
            {
                var mayHit = MayHit(kind, target);
                if (mayHit && kind == FaultKind.DelayRequest)
                {
                    _oracle.Hangs(delay!.Value);
                }

                return mayHit;
            },
        });
        Note($"fault {kind}");
    }

    /// <summary>The endpoint for tokens fails as a network or a gateway does; it does not answer with the data API's errors, nor the other way round.</summary>
    private static bool MayHit(FaultKind kind, FaultTarget target) => target.Resource.StartsWith("/oauth2/", StringComparison.Ordinal)
        ? kind is FaultKind.DropBeforeCommit or FaultKind.DropAfterCommit or FaultKind.ServiceUnavailableHtml or FaultKind.TruncatedJson or FaultKind.DelayAnswer or FaultKind.TokenRequestBusy
        : kind switch
        {
            FaultKind.TokenRequestBusy => false,
            FaultKind.LateCommit => target.Method != "GET",
            FaultKind.ShortPage or FaultKind.QueryTimeout => target.Resource.StartsWith("/query", StringComparison.Ordinal),
            FaultKind.InvalidQueryLocator => target.Resource.EndsWith("{locator}", StringComparison.Ordinal),
            FaultKind.InvalidReplicationDate => target.Resource.EndsWith("/updated", StringComparison.Ordinal) || target.Resource.EndsWith("/deleted", StringComparison.Ordinal),
            _ => true,
        };

    /// <summary>Somebody's long transaction in Salesforce: stamped now, seen up to ten minutes later.</summary>
    private void BeginLateTransaction(Player player)
    {
        var transaction = _world.Org.BeginTransaction();
        var commitAt = _world.Time.GetUtcNow() + TimeSpan.FromSeconds(_random.Next(30, 600));
        string? locks = null;
        if (_random.Next(2) == 0)
        {
            WithOneThere(player, deleted: false, task =>
            {
                var token = Token("late");
                transaction.UpdateTask(task.Id, new FieldValues { ["Description"] = token });
                _oracle.EditedThere(task, TaskField.Details, token);
                locks = task.Id;
            });
        }
        else
        {
            _oracle.CreatedThere(player.Rep, transaction.CreateTask(player.Self.Id, new FieldValues { ["Subject"] = Token("made late") }));
        }

        _late.Add((transaction, commitAt, locks));
        Happened("Late commit there");
        Note($"{player.Name}'s long transaction begins, until {commitAt:HH:mm:ss}");
    }

    private bool IsLocked(string id) => _late.Any(t => t.Locks == id);

    private void CommitLateTransactions()
    {
        foreach (var late in _late.Where(t => t.CommitAt <= _world.Time.GetUtcNow()).ToList())
        {
            late.Transaction.Commit();
            _late.Remove(late);
        }
    }

    private void HideDetails(bool hide)
    {
        if (hide)
        {
            _world.Org.HideField("Description");
            Happened("Field hidden");
        }
        else
        {
            _world.Org.ShowField("Description");
        }

        _isHidden = hide;
        Note($"Description is {(hide ? "hidden" : "shown")}");
    }

    private void PlanPowerTrouble()
    {
        if (!_isTroubled)
        {
            return;
        }

        switch (_random.Next(100))
        {
            case < 3:
                _power.DieAfter(_random.Next(60));
                break;
            case < 6:
                _power.BeBusyAfter(_random.Next(40));
                break;
        }
    }

    private async Task AfterPowerTroubleAsync()
    {
        if (_power.IsDead)
        {
            Happened("Power failure");
            Note("the power failed; the server starts again");
        }

        if (_power.WasBusy)
        {
            Happened("Database busy");
        }

        var died = _power.IsDead;
        _power.Reset();
        if (died)
        {
            await _world.RestartAsync();
        }
    }

    private void EndTrouble()
    {
        _isTroubled = false;
        CountFaults();
        _world.Org.Faults.Clear();
        _world.Org.MoveInstance(null);
        HideDetails(false);

        // What still runs in Salesforce ends.
        Advance(TimeSpan.FromMinutes(10));
    }

    private void CountFaults()
    {
        foreach (var (kind, count) in _world.Org.Faults.Fired)
        {
            Troubles[kind.ToString()] = count;
        }
    }
}
