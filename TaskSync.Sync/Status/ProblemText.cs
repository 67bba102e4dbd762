namespace TaskSync.Sync.Status;

/// <summary>What an error code means to people.</summary>
/// <param name="Words">What happened, in plain words.</param>
/// <param name="WhoCanFix">"You", "Your Salesforce administrator" or "TaskSync".</param>
/// <param name="WayOut">What to do.</param>
public sealed record ProblemText(string Words, string WhoCanFix, string WayOut);

/// <summary>The one place that turns codes into words.</summary>
public static class ProblemTexts
{
    /// <summary>Never null: a code that nobody knows yet says so.</summary>
    public static ProblemText For(string code, string message) => code switch
    {
        ProblemRetry.KeepsChangingBack => new(
            "Salesforce keeps changing a field back after our change, so it is no longer sent.",
            "Your Salesforce administrator", "Ask which rule or automation sets the field. Retry sends it again from your next change on."),
        _ => new(
            "We do not know this message yet; here it is in full.",
            "Your Salesforce administrator", "Retry, or show the message to your Salesforce administrator."),
    };
}
