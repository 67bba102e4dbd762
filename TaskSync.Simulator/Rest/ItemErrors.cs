using TaskSync.Simulator.Refusals;

namespace TaskSync.Simulator.Rest;

/// <summary>Errors ordered for single records that one HTTP request writes, over all parts of a composite request.</summary>
internal sealed class ItemErrors
{
    private readonly List<Func<string, string, ApiException?>> _ordered = [];

    /// <param name="error">Gives the error for a record, by the method and the text of <see cref="Check"/>; null leaves it alone.</param>
    public void Order(Func<string, string, ApiException?> error) => _ordered.Add(error);

    /// <summary>To be called once per record to be written; throws what was ordered for it.</summary>
    /// <param name="method">POST, PATCH or DELETE.</param>
    /// <param name="record">Its id, where it has one, and the JSON sent for it.</param>
    public void Check(string method, string record)
    {
        foreach (var error in _ordered)
            if (error(method, record) is { } ordered)
                throw ordered;
    }
}
