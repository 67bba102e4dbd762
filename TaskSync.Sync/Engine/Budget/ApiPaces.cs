using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Budget;

/// <summary>
/// Tells what the budget of each organization allows now. How many reps it has is looked up anew every ten seconds, where there are many so much more rarely that
/// looking costs no more; calls are counted at once.
/// </summary>
public sealed class ApiPaces(IDbContextFactory<TaskSyncDb> databases, ApiCallCounter calls, Presence presence, TimeProvider time, IOptions<SyncOptions> options)
{
    private static readonly TimeSpan LookUpInterval = TimeSpan.FromSeconds(10);

    /// <summary>Reps that are looked up in each interval.</summary>
    private const int RepsPerLookUp = 100;

    /// <summary>What Salesforce said of other applications' use is worth something for so long.</summary>
    private static readonly TimeSpan OthersKnownFor = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, Facts> _facts = new(StringComparer.Ordinal);

    /// <summary>What the organization's budget allows now.</summary>
    public async Task<ApiPace> OfAsync(string organizationId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!_facts.TryGetValue(organizationId, out var facts) || now - facts.At >= LookUpInterval * Math.Max(1, facts.On / RepsPerLookUp))
        {
            facts = _facts[organizationId] = await LookUpAsync(organizationId, now, cancellationToken);
        }

        var dayEnd = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        if (calls.AllowanceOf(organizationId) is not { Limit: > 0 } allowance)
        {
            return new ApiPace(null, 1, dayEnd);
        }

        // Where others leave less than our share, less is what there is.
        var used = calls.CallsToday(organizationId);
        var share = (int)(allowance.Limit * options.Value.ApiShare);
        var left = now - allowance.SeenAt < OthersKnownFor ? Math.Max(1, allowance.Limit - allowance.Used) : int.MaxValue;
        var budget = new ApiBudget(share - used > left ? used + left : share, used, facts.On, dayEnd - now);
        calls.MarkScarce(organizationId, budget.IsScarce);
        return new ApiPace(budget, budget.ReadStretch(ReadsPerDay(facts)), dayEnd);
    }

    private async Task<Facts> LookUpAsync(string organizationId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var counts = await db.Connections
            .Where(c => c.OrganizationId == organizationId && c.State == ConnectionState.Active && db.People.Any(p => p.Id == c.PersonId && p.ConnectionId == c.Id && p.SyncEnabled))
            .LeftJoin(db.Cursors, c => c.Id, cursor => cursor.ConnectionId, (c, cursor) => new { Follows = cursor != null && cursor.FollowsReader })
            .GroupBy(c => c.Follows).Select(same => new { Follows = same.Key, Count = same.Count() }).ToListAsync(cancellationToken);
        return new Facts(now, counts.Sum(c => c.Count), counts.Where(c => c.Follows).Sum(c => c.Count));
    }

    /// <summary>
    /// At the usual intervals: polls of those who have a page open and of those who have none, and three calls for each sweep. One reader reads for all who follow it, and sweeps with two.
    /// </summary>
    private double ReadsPerDay(Facts facts)
    {
        var day = TimeSpan.FromDays(1);
        var (alone, readers) = (facts.On - facts.Following, facts.Following > 0 ? 1 : 0);
        var here = Math.Min(presence.Count, alone);
        return ((here + readers) * (day / options.Value.PollInterval)) + ((alone - here) * (day / options.Value.IdlePollInterval)) + (((alone * 3) + (readers * 2)) * (day / options.Value.SweepInterval));
    }

    private sealed record Facts(DateTimeOffset At, int On, int Following);
}
