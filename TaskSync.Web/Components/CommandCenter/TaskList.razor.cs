using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>
/// The rows of a group. A long one holds only those around what is seen, all of one height, and room for the others above and below;
/// boot.js says where one has scrolled to. What changes with the keyboard and with ticks is on the row's element, so that the rows themselves stay.
/// </summary>
public sealed partial class TaskList
{
    [Parameter, EditorRequired]
    public required TaskGroup Group { get; set; }

    /// <summary>What is known of the tasks, by id.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyDictionary<Guid, TaskRow> Rows { get; set; }

    /// <summary>The first row that is there.</summary>
    [Parameter, EditorRequired]
    public int From { get; set; }

    /// <summary>The first row after them that is not.</summary>
    [Parameter, EditorRequired]
    public int To { get; set; }

    [Parameter, EditorRequired]
    public required CommandCenterPage Owner { get; set; }

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlySet<Guid> Selected { get; set; }

    /// <summary>Changed elsewhere just now.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlySet<Guid> Fresh { get; set; }

    /// <summary>Where the keyboard is.</summary>
    [Parameter]
    public Guid? Current { get; set; }

    [Parameter]
    public Guid? Snoozing { get; set; }

    private bool IsLong => Group.Count > CommandCenterQuery.InFull;

    private string CssClass(TaskRow row) => (Selected.Contains(row.Id) ? " is-selected" : "") + (row.Id == Current ? " is-current" : "")
        + (row.IsCompleted ? " is-completed" : "") + (Fresh.Contains(row.Id) ? " is-fresh" : "") + (row.Id == Snoozing ? " is-open" : "");
}
