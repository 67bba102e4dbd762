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

    private double Jitter()
    {
        lock (random)
        {
            return random.NextDouble();
        }
    }
}
