using TaskSync.Simulator.Refusals;

namespace TaskSync.Simulator.Rest;

/// <summary>
/// Errors ordered for the n-th record written by one HTTP request, counted from 0 over all parts of a composite request.
/// Taking one is how it "happens".
/// </summary>
internal sealed class ItemErrors
{
    private readonly List<(int Item, Func<ApiException?> Error)> _ordered = [];
    private int _written;

    /// <param name="item">Which record; negative means each one.</param>
    /// <param name="error">Gives the error, or null when the order is used up.</param>
    public void Order(int item, Func<ApiException?> error) => _ordered.Add((item, error));

    /// <summary>To be called once per record to be written; throws what was ordered for it.</summary>
    public void Check()
    {
        var item = _written++;
        foreach (var (at, error) in _ordered)
            if ((at < 0 || at == item) && error() is { } ordered)
                throw ordered;
    }
}
