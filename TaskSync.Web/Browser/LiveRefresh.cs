namespace TaskSync.Web.Browser;

/// <summary>
/// Refreshes a page soon after something changed. Signals that come close together are one refresh; while <c>hold</c> says so (the pointer
/// is over the list) it waits, but never longer than three seconds.
/// </summary>
/// <param name="refresh">Draws the page anew.</param>
/// <param name="time">The clock.</param>
/// <param name="hold">Whether to wait a little longer.</param>
/// <param name="quiet">How long signals are collected; 200 ms when null.</param>
public sealed class LiveRefresh(Func<Task> refresh, TimeProvider time, Func<Task<bool>>? hold = null, TimeSpan? quiet = null) : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(3);
    private readonly CancellationTokenSource _left = new();
    private int _signalled;

    /// <summary>Something changed. Never blocks and never throws.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            _ = RunAsync(_left.Token);
        }
    }

    public void Dispose() => _left.Cancel();

    private async Task RunAsync(CancellationToken left)
    {
        try
        {
            var since = time.GetTimestamp();
            do
            {
                await Task.Delay(quiet ?? Quiet, time, left);
            }
            while (hold is not null && time.GetElapsedTime(since) < LongestHold && await hold());

            Volatile.Write(ref _signalled, 0);
            await refresh();
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            // The page was left.
        }
    }
}
