using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace TaskSync.Tests.Salesforce;

/// <summary>A clock that stands still until it is told to move, and knows who is waiting for it.</summary>
public sealed class TestClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>Time limits of calls are longer; a wait that somebody sits out is shorter.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _sleepers = Channel.CreateUnbounded<bool>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= LongestSleep)
        {
            _sleepers.Writer.TryWrite(true);
        }

        return timer;
    }

    /// <summary>Ends when so many more have gone to sleep; fails when nobody does.</summary>
    public async Task SleepersAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _sleepers.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
