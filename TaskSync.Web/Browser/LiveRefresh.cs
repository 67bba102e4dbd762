namespace TaskSync.Web.Browser;

/// <summary>
/// Refreshes a page soon after something changed. Signals that come close together are one refresh; while <c>hold</c> says so (the pointer
/// is over the list) it waits, but never longer than three seconds. What failed is tried again, so that a page recovers by itself.
/// </summary>
/// <param name="refresh">Draws the page anew.</param>
/// <param name="time">The clock.</param>
/// <param name="hold">Whether to wait a little longer.</param>
/// <param name="quiet">How long signals are collected; 200 ms when null.</param>
public sealed class LiveRefresh(Func<Task> refresh, TimeProvider time, Func<Task<bool>>? hold = null, TimeSpan? quiet = null) : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(3);
    private readonly CancellationTokenSource _left = new();
    private int _signalled;
    private int _failed;

    /// <summary>Something changed. Never blocks and never throws.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            _ = RunAsync(_left.Token);
        }
    }

    /// <summary>The page could not be read. It is tried again in a moment, however often this is said meanwhile.</summary>
    public void Retry()
    {
        if (Interlocked.Exchange(ref _failed, 1) == 0)
        {
            _ = RetryAsync(_left.Token);
        }
    }

    public void Dispose() => _left.Cancel();

    private async Task RetryAsync(CancellationToken left)
    {
        await Task.Delay(RetryWait, time, left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _failed, 0);
        if (!left.IsCancellationRequested)
        {
            Signal();
        }
    }

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
