namespace TaskSync.Sync.Status;

/// <summary>What an error code means to people.</summary>
/// <param name="Title">A few words: "A required field is missing".</param>
/// <param name="Words">What happened, in plain words.</param>
/// <param name="WhoCanFix">"You", "Your Salesforce administrator" or "TaskSync, by itself".</param>
/// <param name="WayOut">What to do.</param>
public sealed record ProblemText(string Title, string Words, string WhoCanFix, string WayOut);

/// <summary>The one place that turns codes into words.</summary>
public static class ProblemTexts
{
    /// <summary>Never null: a code that nobody knows yet says so.</summary>
    public static ProblemText For(string code, string message) => throw new NotImplementedException();
}
