namespace TaskSync.Web.Browser;

/// <summary>Cancelled when the page is left. The token can be asked for afterwards too: a refresh may be under way just then.</summary>
public sealed class PageLife : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public PageLife() => Token = _source.Token;

    public CancellationToken Token { get; }

    public bool IsOver => Token.IsCancellationRequested;

    public void Dispose()
    {
        _source.Cancel();
        _source.Dispose();
    }
}
