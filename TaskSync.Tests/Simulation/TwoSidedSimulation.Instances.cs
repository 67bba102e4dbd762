using TaskSync.Tests.Engine;

namespace TaskSync.Tests.Simulation;

/// <summary>A second instance of the app on the same database: it serves a rep now and then, and takes over in the middle of a cycle of the first one, which is stopped and goes on later.</summary>
internal sealed partial class TwoSidedSimulation
{
    /// <summary>A stop at one of the first requests of a cycle; most have fewer.</summary>
    private const int MostRequests = 6;

    private readonly SyncWorld.Instance? _other;
    private Player? _stopped;
    private int _untilStop = -1;

    private bool HasTwoInstances => _seed % 6 == 4;

    private bool IsOthersTurn() => HasTwoInstances && _isTroubled && _random.Next(3) == 0;

    private void PlanStop(Player player)
    {
        if (HasTwoInstances && _isTroubled)
        {
            (_stopped, _untilStop) = (player, _random.Next(3) == 0 ? _random.Next(MostRequests) : -1);
        }
    }

    /// <summary>The instance that is about to send a request stands still for a while, in which the other one does what is due for the rep.</summary>
    private async Task OtherInstanceTakesOverAsync()
    {
        if (_stopped is not { } player || _untilStop-- != 0)
        {
            return;
        }

        _stopped = null;
        Advance(TimeSpan.FromSeconds(_random.Next(1, 120)));
        Happened("Instance stopped");
        Note($"an instance stops in {player.Name}'s cycle, the other one takes over");
        await GoOnAsync(_other!.RunAsync(player.Rep.ConnectionId));
    }
}
