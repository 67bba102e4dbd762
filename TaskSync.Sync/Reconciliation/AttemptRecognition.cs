using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>Recognises our own writes whose answer was lost (S6). Pure.</summary>
public static class AttemptRecognition
{
    /// <summary>
    /// The base, moved field by field to what an attempt of unknown outcome sent, wherever Salesforce shows exactly that:
    /// the value is ours, and it is no conflict.
    /// </summary>
    public static TaskValues Absorb(TaskValues @base, IReadOnlyList<WriteAttempt> attempts, TaskValues remote)
    {
        foreach (var attempt in attempts)
        {
            foreach (var field in (attempt.Values.Known & remote.Known).Each())
            {
                if (TaskValues.SameText(attempt.Values[field], remote[field]) && !TaskValues.SameText(@base[field], remote[field]))
                {
                    @base = @base.With(field, remote[field]);
                }
            }
        }

        return @base;
    }
}
