namespace TaskSync.Simulator.Faults;

/// <summary>Dice that decide which request fails and how. The same seed and the same order of requests give the same faults.</summary>
internal sealed class SeededFaults(int seed, double rate, IReadOnlyCollection<FaultKind> kinds)
{
    /// <summary>Short, because a run with dice is meant to be long in requests and not in time.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(40);

#pragma warning disable CA5394 // Repeatable is what they have to be.
    private readonly Random _dice = new(seed);

    /// <summary>The fault for a request, or null. Rolls twice for every request, so that what it is does not shift what comes after.</summary>
    public FaultRule? Roll(FaultTarget target)
    {
        var (hit, choice) = (_dice.NextDouble() < rate, _dice.Next());
        if (!hit)
            return null;
        var possible = For(target).Where(kind => kinds.Count == 0 || kinds.Contains(kind)).ToList();
        return possible.Count == 0 ? null : new FaultRule { Kind = possible[choice % possible.Count], Delay = Delay, Item = ItemOf(possible[choice % possible.Count], choice) };
    }
#pragma warning restore CA5394

    private static int ItemOf(FaultKind kind, int choice) => kind switch
    {
        FaultKind.HostileJson => choice / 64 % HostileJson.All.Count,
        FaultKind.ShortPage => 1 + choice / 64 % 50,
        FaultKind.RowLock => choice / 64 % 5,
        _ => -1,
    };

    /// <summary>What can go wrong with a request; with the pages that people use, nothing.</summary>
    private static List<FaultKind> For(FaultTarget target)
    {
        if (target.Resource is "/oauth2/authorize" or "/versions")
            return [];
        List<FaultKind> any = [FaultKind.DropBeforeCommit, FaultKind.DropAfterCommit, FaultKind.DelayRequest, FaultKind.DelayAnswer, FaultKind.ServiceUnavailableHtml];
        if (target.Resource == "/oauth2/token")
            return [.. any, FaultKind.TokenRequestBusy];
        if (target.Resource.StartsWith("/oauth2/", StringComparison.Ordinal) || target.Resource is "/id" or "/Soap")
            return any;
        any.AddRange([FaultKind.ServerTooBusy, FaultKind.UnknownException, FaultKind.TruncatedJson, FaultKind.HostileJson, FaultKind.SessionExpired, FaultKind.ConcurrentLimit, FaultKind.LongTransactionLimit]);
        if (target.Resource.StartsWith("/query", StringComparison.Ordinal))
            any.AddRange([FaultKind.QueryTimeout, FaultKind.ShortPage]);
        if (target.Resource.EndsWith("{locator}", StringComparison.Ordinal))
            any.Add(FaultKind.InvalidQueryLocator);
        if (target.Resource.EndsWith("/updated", StringComparison.Ordinal) || target.Resource.EndsWith("/deleted", StringComparison.Ordinal))
            any.Add(FaultKind.InvalidReplicationDate);
        if (target.Method != "GET")
            any.AddRange([FaultKind.RowLock, FaultKind.LateCommit]);
        return any;
    }
}
