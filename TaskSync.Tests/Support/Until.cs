namespace TaskSync.Tests.Support;

/// <summary>Waits for a condition, never for a time; gives up after half a minute.</summary>
public static class Until
{
    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        var patience = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(patience) > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException("The condition did not come true within 30 seconds.");
            }

            await Task.Delay(10);
        }
    }
}
