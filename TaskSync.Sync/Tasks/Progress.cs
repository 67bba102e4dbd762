using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Puts the first sync or catch-up into words.</summary>
internal static class Progress
{
    public static InitialProgress Of(InitialSync initial) => new(initial.Kind, initial.State, initial.Found, initial.Done, initial.State switch
    {
        InitialSyncState.Interrupted => "Interrupted. It goes on at the next switch-on.",
        InitialSyncState.Done => null,
        _ => (initial.CatchUp, initial.Import) switch
        {
            (CatchUpStage.Changes, _) => "Reading what changed in Salesforce meanwhile.",
            (CatchUpStage.Links, _) => "Comparing linked tasks.",
            (_, ImportStage.Prepare) => "Counting your Salesforce tasks.",
            (_, ImportStage.FromToday) => "Bringing in tasks due today, tomorrow and later.",
            (_, ImportStage.Overdue) => "Bringing in overdue tasks.",
            (_, ImportStage.NoDate) => "Bringing in tasks without a due date.",
            _ => null,
        },
    });
}
