namespace TaskSync.Tests.Support;

/// <summary>Waits for a condition, never for a time; gives up after half a minute unless told otherwise.</summary>
public static class Until
{
    public static Task TrueAsync(Func<bool> condition, TimeSpan? patience = null) => TrueAsync(() => Task.FromResult(condition()), patience);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        var start = WallClock.Time.GetTimestamp();
        while (!await condition())
        {
            if (WallClock.Time.GetElapsedTime(start) > (patience ?? TimeSpan.FromSeconds(30)))
            {
                throw new TimeoutException("The condition did not come true in time.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), WallClock.Time);
        }
    }
}
