namespace TaskSync.Simulator.Faults;

/// <summary>The faults that are switched on. The first rule that matches and is due happens; item errors come on top.</summary>
public sealed class FaultList
{
    private readonly Lock _gate = new();
    private readonly List<FaultRule> _rules = [];

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
        lock (_gate)
            _rules.Add(rule);
        return rule;
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

    /// <summary>Switches all off and lets waiting requests go on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules.ForEach(rule => rule.Release());
            _rules.Clear();
        }
    }

    /// <summary>The rule that hits the request as a whole, counted as fired, or null; and the item errors that may hit its records.</summary>
    internal (FaultRule? Whole, IReadOnlyList<FaultRule> Items) Find(FaultTarget target)
    {
        lock (_gate)
        {
            var due = _rules.Where(rule => !rule.IsSpent && rule.Matches(target) && rule.IsDue()).ToList();
            return (due.Find(rule => !rule.IsItemError && rule.Fire()), [.. due.Where(rule => rule.IsItemError)]);
        }
    }
}
