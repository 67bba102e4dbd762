namespace TaskSync.Simulator.Faults;

/// <summary>
/// The faults that are switched on. The first rule that matches and is due happens; item errors come on top. When no rule hits a request,
/// the seeded faults may.
/// </summary>
public sealed class FaultList
{
    private readonly Lock _gate = new();
    private readonly List<FaultRule> _rules = [];
    private readonly Dictionary<FaultKind, int> _fired = [];
    private SeededFaults? _seeded;

    /// <summary>All rules, spent ones included, in the order they were added.</summary>
    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (_gate)
                return [.. _rules];
        }
    }

    /// <summary>Switches a fault on.</summary>
    /// <returns>The same rule, to look at <see cref="FaultRule.Fired"/> or to release it.</returns>
    public FaultRule Add(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        rule.OnFired = Count;
        lock (_gate)
            _rules.Add(rule);
        return rule;
    }

    /// <summary>How many faults of each kind have really happened since the start, by rule and by seed.</summary>
    public IReadOnlyDictionary<FaultKind, int> Fired
    {
        get
        {
            lock (_gate)
                return new Dictionary<FaultKind, int>(_fired);
        }
    }

    /// <summary>Lets faults happen at random, the same ones for the same seed and the same order of requests.</summary>
    /// <param name="seed">What the dice start from.</param>
    /// <param name="rate">The share of requests that fail, 0 to 1; 0 switches it off.</param>
    /// <param name="kinds">Which kinds; none given means all that a client can live through. Each hits only requests it makes sense for.</param>
    public void UseSeed(int seed, double rate, params FaultKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        lock (_gate)
            _seeded = rate > 0 ? new SeededFaults(seed, rate, kinds) : null;
    }

    /// <summary>Switches a fault on that hits any request.</summary>
    public FaultRule Add(FaultKind kind, string? resource = null, int times = 1) => Add(new FaultRule { Kind = kind, Resource = resource, Times = times });

    /// <summary>Switches one off and lets requests go on that wait for it; false when there is none with the id.</summary>
    public bool Remove(string id)
    {
        lock (_gate)
        {
            var rule = _rules.Find(r => r.Id == id);
            rule?.Release();
            return rule is not null && _rules.Remove(rule);
        }
    }

    /// <summary>Switches all off, the seeded ones too, and lets waiting requests go on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.ForEach(rule => rule.Release());
            _rules.Clear();
            _seeded = null;
        }
    }

    /// <summary>The rule that hits the request as a whole, counted as fired, or null; and the item errors that may hit its records.</summary>
    internal (FaultRule? Whole, IReadOnlyList<FaultRule> Items) Find(FaultTarget target)
    {
        // Conditions are the test's own code and may look into the org: they must not run under the lock.
        var matching = Rules.Where(rule => !rule.IsSpent && rule.Matches(target)).ToList();
        lock (_gate)
        {
            var due = matching.Where(rule => rule.IsDue()).ToList();
            var whole = due.Find(rule => !rule.IsItemError && rule.Fire());
            List<FaultRule> items = [.. due.Where(rule => rule.IsItemError)];
            if (whole is null && items.Count == 0 && _seeded?.Roll(target) is { } rolled)
            {
                rolled.OnFired = Count;
                if (rolled.IsItemError)
                    items.Add(rolled);
                else if (rolled.Fire())
                    whole = rolled;
            }
            return (whole, items);
        }
    }

    private void Count(FaultKind kind)
    {
        lock (_gate)
            _fired[kind] = _fired.GetValueOrDefault(kind) + 1;
    }
}
