using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Problems;

/// <summary>What an error code means to people.</summary>
/// <param name="Words">What happened, in plain words.</param>
/// <param name="WhoCanFix">"You", "Your Salesforce administrator" or "TaskSync".</param>
/// <param name="WayOut">What to do.</param>
/// <param name="RetriesItself">Whether TaskSync tries again without being asked.</param>
public sealed record ProblemText(string Words, string WhoCanFix, string WayOut, bool RetriesItself);

/// <summary>The one place that turns codes into words.</summary>
public static class ProblemTexts
{
    /// <summary>Never null: a code that nobody knows yet says so.</summary>
    public static ProblemText For(string code, string message)
    {
        var advice = SalesforceErrors.For(code, message);
        return new ProblemText(advice.Words, Who(advice.Owner), advice.WhatToDo, advice.RetriesItself);
    }

    private static string Who(ErrorOwner owner) => owner switch
    {
        ErrorOwner.Rep => "You",
        ErrorOwner.SalesforceAdmin => "Your Salesforce administrator",
        _ => "TaskSync",
    };
}
