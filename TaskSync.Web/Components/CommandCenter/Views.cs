using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>The filter chips: their names, and how they are written in the address.</summary>
internal static class Views
{
    public static IReadOnlyList<(TaskView View, string Key, string Name)> All { get; } =
    [
        (TaskView.TodayAndTomorrow, "", "Today & tomorrow"),
        (TaskView.Overdue, "overdue", "Overdue"),
        (TaskView.Next7Days, "next7", "Next 7 days"),
        (TaskView.NoDate, "nodate", "No date"),
        (TaskView.Completed, "completed", "Completed"),
        (TaskView.All, "all", "All"),
    ];

    public static TaskView Of(string? key) => All.FirstOrDefault(view => view.Key == (key ?? "")).View;

    public static string Url(TaskView view, string? search)
    {
        var key = All.First(v => v.View == view).Key;
        var query = new List<string>();
        if (key.Length > 0)
        {
            query.Add("view=" + key);
        }

        if (!string.IsNullOrWhiteSpace(search))
        {
            query.Add("q=" + Uri.EscapeDataString(search));
        }

        return query.Count == 0 ? "/" : "/?" + string.Join('&', query);
    }
}
