using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>The queries of the first sync: which tasks (F3), and in which order (F4).</summary>
internal static class ImportQuery
{
    /// <summary>All tasks of the window, for the count.</summary>
    public static string Everything(SyncContext context, InitialSync initial)
    {
        var recent = $"LastModifiedDate >= {Soql.Instant(initial.WindowStart!.Value)}";
        return Soql.And(
            $"OwnerId = {Soql.Id(context.Connection.UserId)}",
            $"IsRecurrence = {Soql.Flag(false)}",
            initial.Window == ImportWindow.AllOpen ? Soql.Or(recent, $"IsClosed = {Soql.Flag(false)}") : recent);
    }

    /// <summary>The tasks of the stage that is being read.</summary>
    public static string Where(SyncContext context, InitialSync initial)
    {
        var today = Soql.Date(initial.Today!.Value);
        return Soql.And(Everything(context, initial), initial.Import switch
        {
            ImportStage.FromToday => $"ActivityDate >= {today}",
            ImportStage.Overdue => $"ActivityDate < {today}",
            ImportStage.NoDate => "ActivityDate = null",
            _ => throw new ArgumentOutOfRangeException(nameof(initial), initial.Import, "Not a stage that reads."),
        });
    }

    /// <summary>Today first, then tomorrow and later; of the overdue the latest first.</summary>
    public static string OrderBy(ImportStage stage) => stage switch
    {
        ImportStage.FromToday => "ActivityDate ASC, Id ASC",
        ImportStage.Overdue => "ActivityDate DESC, Id ASC",
        _ => "Id ASC",
    };
}
