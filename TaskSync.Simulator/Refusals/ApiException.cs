namespace TaskSync.Simulator.Refusals;

/// <summary>A refusal in Salesforce's words: one element of the error array, or one item's error in a collection.</summary>
#pragma warning disable CA1032, CA1064 // Never leaves the simulator, and means nothing without its code.
internal sealed class ApiException(int status, string code, string message, params string[] fields) : Exception(message)
#pragma warning restore CA1032, CA1064
{
    public int Status { get; } = status;
    public string Code { get; } = code;

    /// <summary>Names of the fields at fault, empty when the error is not about fields.</summary>
    public IReadOnlyList<string> Fields { get; } = fields;
}
