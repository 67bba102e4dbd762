using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>A page of an import that is read while the one before it is stored.</summary>
internal sealed class PageAhead : IDisposable
{
    private readonly CancellationTokenSource _unwanted;

    private PageAhead(string address, DateTimeOffset beganAt, CancellationTokenSource unwanted, Task<TaskPage> page) => (Address, BeganAt, _unwanted, Page) = (address, beganAt, unwanted, page);

    /// <summary>Which one.</summary>
    public string Address { get; }

    /// <summary>When the read began (our clock, UTC): our own writes may have overtaken it.</summary>
    public DateTimeOffset BeganAt { get; }

    /// <summary>The page, or why it could not be read.</summary>
    public Task<TaskPage> Page { get; }

    /// <summary>Begins to read it.</summary>
    public static PageAhead Read(string address, DateTimeOffset now, Func<string, CancellationToken, Task<TaskPage>> read, CancellationToken cancellationToken)
    {
        var unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new PageAhead(address, now, unwanted, read(address, unwanted.Token));
    }

    /// <summary>Nobody wants it any more: what a poll has shown since, the page does not know.</summary>
    public async Task DropAsync()
    {
        await _unwanted.CancelAsync();
        await ((Task)Page).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    public void Dispose() => _unwanted.Dispose();
}
