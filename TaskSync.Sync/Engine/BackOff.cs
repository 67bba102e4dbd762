using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>How long to wait after a failure (docs/rules/when-things-go-wrong.md): the first retry within 2 s, doubling to 30 s, with jitter; slower at the daily limit, and never sooner than Salesforce asks for.</summary>
/// <param name="random">The source of jitter, seeded in tests.</param>
public sealed class BackOff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWhenRefused = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AtDailyLimit = TimeSpan.FromMinutes(15);

    /// <summary>A proxy that asks for days must not silence a rep for days.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(15);

    /// <summary>The wait before the next try, after this many failures in a row (1 or more).</summary>
    public TimeSpan After(int failures, CallFailure? failure = null)
    {
        if (failure is { IsDailyLimit: true })
        {
            return AtDailyLimit * (1 + Jitter());
        }

        // What Salesforce refuses does not pass by itself within seconds: asking again is only to notice that somebody put it right.
        var longest = failure is { Class: not FailureClass.Intermittent } ? LongestWhenRefused : Longest;
        var step = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
        var wait = step < longest * 0.75 ? step : longest * 0.75;
        if (failure?.RetryAfter is { } asked && asked > wait)
        {
            wait = asked < LongestAsked ? asked : LongestAsked;
        }

        return wait * (1 + (Jitter() / 3));
    }

    /// <summary>The wait after work that brought no progress, this many times in a row (1 or more): doubling up to five minutes.</summary>
    public TimeSpan AfterFruitless(int times)
    {
        var step = First * Math.Pow(2, Math.Clamp(times, 1, 10));
        return (step < LongestWhenRefused ? step : LongestWhenRefused) * (1 + (Jitter() / 3));
    }

    /// <summary>Backs off from a fault of our own, the n-th in a row (1 or more): from one of the database as from a call that failed, since it passes by itself; from others as from work without progress.</summary>
    /// <param name="failure">The last one.</param>
    /// <param name="faults">How many in a row.</param>
    /// <param name="now">Our clock, UTC.</param>
    /// <param name="storeAsync">Stores until when, and why in words.</param>
    /// <returns>When to try again (UTC).</returns>
    internal async Task<DateTimeOffset> AfterFaultAsync(Exception failure, int faults, DateTimeOffset now, Func<DateTimeOffset, string, Task> storeAsync)
    {
        var until = now + (DatabaseFailures.TroubleOf(failure) is null ? AfterFruitless(faults) : After(faults));
        try
        {
            await storeAsync(until, SalesforceErrors.Explain(ProblemCodes.OurFault, ""));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // It is the database that fails: the wait holds as long as the process lives.
        }

        return until;
    }

    private double Jitter()
    {
        lock (random)
        {
            return random.NextDouble();
        }
    }
}
