using System.Collections.Concurrent;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>What Salesforce last said about an org's daily allowance. It is shared by all apps of the org.</summary>
/// <param name="Used">Calls of the last 24 hours.</param>
/// <param name="Limit">Calls allowed in 24 hours.</param>
/// <param name="SeenAt">Our clock (UTC).</param>
public sealed record AllowanceReading(int Used, int Limit, DateTimeOffset SeenAt);

/// <summary>
/// Counts every API call in memory; <see cref="ApiCallFlush"/> carries the counts to the database once a minute, so that an idle poll writes nothing else.
/// What it tells is live: what is stored (of all instances, at most a minute old) plus what is not stored yet. Nothing that a cycle asks is a walk through all
/// connections.
/// </summary>
public sealed class ApiCallCounter(TimeProvider time)
{
    private static readonly ApiPurpose[] Purposes = Enum.GetValues<ApiPurpose>();

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, AllowanceReading> _allowances = new(StringComparer.Ordinal);
    private Dictionary<(Guid Connection, DateOnly Day, ApiPurpose Purpose), int> _unstored = [];
    private Dictionary<(Guid Connection, DateOnly Day, ApiPurpose Purpose), int> _stored = [];
    private HashSet<string> _changedAllowances = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _scarce = new(StringComparer.Ordinal);

    /// <summary>Stored or not.</summary>
    private readonly Dictionary<(string Organization, DateOnly Day), int> _ofOrganizations = [];
    private readonly Dictionary<Guid, string> _organizationOf = [];

    /// <summary>Today in UTC: the day that calls are counted for.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>A call was sent.</summary>
    public void Count(Guid connectionId, string organizationId, ApiPurpose purpose)
    {
        var today = Today;
        lock (_lock)
        {
            _organizationOf[connectionId] = organizationId;
            Add(_unstored, (connectionId, today, purpose), 1);
            Add(_ofOrganizations, (organizationId, today), 1);
        }
    }

    /// <summary>Sforce-Limit-Info was read.</summary>
    public void Observe(string organizationId, int used, int limit)
    {
        var reading = new AllowanceReading(used, limit, time.GetUtcNow());
        _allowances[organizationId] = reading;
        lock (_lock)
        {
            _changedAllowances.Add(organizationId);
        }
    }

    /// <summary>Calls of one connection today (UTC), for one purpose or for all.</summary>
    public int CallsToday(Guid connectionId, ApiPurpose? purpose = null)
    {
        var today = Today;
        lock (_lock)
        {
            return Purposes.Where(one => purpose is null || one == purpose)
                .Sum(one => _stored.GetValueOrDefault((connectionId, today, one)) + _unstored.GetValueOrDefault((connectionId, today, one)));
        }
    }

    /// <summary>Calls of an organization's connections today (UTC).</summary>
    public int CallsToday(string organizationId)
    {
        var today = Today;
        lock (_lock)
        {
            return _ofOrganizations.GetValueOrDefault((organizationId, today));
        }
    }

    /// <summary>Calls of everybody today (UTC), by purpose; purposes without calls are left out.</summary>
    public IReadOnlyDictionary<ApiPurpose, int> CallsToday()
    {
        var today = Today;
        lock (_lock)
        {
            return _stored.Concat(_unstored)
                .Where(pair => pair.Key.Day == today)
                .GroupBy(pair => pair.Key.Purpose)
                .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
        }
    }

    /// <summary>The org's allowance as last seen by this process, or as stored when it started; null when unknown.</summary>
    public AllowanceReading? AllowanceOf(string organizationId) => _allowances.GetValueOrDefault(organizationId);

    /// <summary>Whether calls of the org are to be saved, as the engine's budget last said.</summary>
    public bool IsScarce(string organizationId) => _scarce.ContainsKey(organizationId);

    /// <summary>The engine's budget says whether calls of the org are to be saved.</summary>
    public void MarkScarce(string organizationId, bool isScarce)
    {
        if (isScarce)
        {
            _scarce[organizationId] = true;
        }
        else
        {
            _scarce.TryRemove(organizationId, out _);
        }
    }

    /// <summary>Takes what is not stored yet; give it back with <see cref="PutBack"/> when storing fails.</summary>
    internal Unstored Take()
    {
        lock (_lock)
        {
            var taken = new Unstored(_unstored, [.. _changedAllowances.Select(id => (id, _allowances[id]))]);

            Forget(Today);

            // Until the flush ends the counts are in neither table; they stay visible by being counted as stored at once.
            foreach (var (key, calls) in _unstored)
            {
                Add(_stored, key, calls);
            }

            _unstored = [];
            _changedAllowances = new(StringComparer.Ordinal);
            return taken;
        }
    }

    internal void PutBack(Unstored unstored)
    {
        lock (_lock)
        {
            foreach (var (key, calls) in unstored.Calls)
            {
                Add(_unstored, key, calls);
                Add(_stored, key, -calls);
            }

            _changedAllowances.UnionWith(unstored.Allowances.Select(a => a.OrganizationId));
        }
    }

    /// <summary>What the database says now, other instances' calls included.</summary>
    /// <param name="usage">Each with the organization of its connection.</param>
    /// <param name="allowances">Of all organizations.</param>
    internal void Load(IReadOnlyCollection<(ApiUsage Calls, string OrganizationId)> usage, IEnumerable<OrgAllowance> allowances)
    {
        lock (_lock)
        {
            _stored = usage.ToDictionary(u => (u.Calls.ConnectionId, u.Calls.Day, u.Calls.Purpose), u => u.Calls.Calls);
            _ofOrganizations.Clear();
            foreach (var (calls, organizationId) in usage)
            {
                Add(_ofOrganizations, (organizationId, calls.Day), calls.Calls);
            }

            foreach (var (key, calls) in _unstored)
            {
                Add(_ofOrganizations, (_organizationOf[key.Connection], key.Day), calls);
            }
        }

        foreach (var allowance in allowances)
        {
            var reading = new AllowanceReading(allowance.Used, allowance.Limit, allowance.SeenAt);
            _allowances.AddOrUpdate(allowance.OrganizationId, reading, (_, seen) => seen.SeenAt >= reading.SeenAt ? seen : reading);
        }
    }

    /// <summary>Days that are over are asked for no more.</summary>
    private void Forget(DateOnly before)
    {
        if (_stored.Keys.Any(key => key.Day < before))
        {
            _stored = _stored.Where(pair => pair.Key.Day >= before).ToDictionary();
        }

        foreach (var key in _ofOrganizations.Keys.Where(key => key.Day < before).ToList())
        {
            _ofOrganizations.Remove(key);
        }
    }

    private static void Add<TKey>(Dictionary<TKey, int> counts, TKey key, int calls)
        where TKey : notnull =>
        counts[key] = counts.GetValueOrDefault(key) + calls;

    internal sealed record Unstored(
        IReadOnlyDictionary<(Guid Connection, DateOnly Day, ApiPurpose Purpose), int> Calls,
        IReadOnlyList<(string OrganizationId, AllowanceReading Reading)> Allowances)
    {
        public bool IsEmpty => Calls.Count == 0 && Allowances.Count == 0;
    }
}
