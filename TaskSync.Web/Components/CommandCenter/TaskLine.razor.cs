using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>One task in a list. Drawn again only when something of it changed: there may be hundreds.</summary>
public sealed partial class TaskLine
{
    private (TaskRow, DateOnly, bool, bool, bool, bool, bool, bool)? _drawn;
    private bool _draw = true;

    [Parameter, EditorRequired]
    public required TaskRow Row { get; set; }

    [Parameter, EditorRequired]
    public required CommandCenterPage Owner { get; set; }

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    [Parameter]
    public bool Selected { get; set; }

    /// <summary>Some task is selected: the boxes are shown on all rows.</summary>
    [Parameter]
    public bool SelectMode { get; set; }

    [Parameter]
    public bool Current { get; set; }

    [Parameter]
    public bool Snoozing { get; set; }

    /// <summary>Changed elsewhere just now.</summary>
    [Parameter]
    public bool Fresh { get; set; }

    /// <summary>Whether the due date is shown: not where the heading says it.</summary>
    [Parameter]
    public bool ShowDue { get; set; }

    private string CssClass => string.Join(' ', new[]
    {
        Selected ? "is-selected" : null, SelectMode ? "select-mode" : null, Current ? "is-current" : null, Row.IsCompleted ? "is-completed" : null, Fresh ? "is-fresh" : null, Snoozing ? "is-open" : null,
    }.Where(name => name is not null));

    private bool IsPlainStatus => Row.Status is "Not Started" or "Open";

    private bool HasMeta => (ShowDue && Row.DueDate is not null) || Row.ReminderAt is not null || !string.IsNullOrEmpty(Row.Type) || Row.WhoName is not null || Row.WhatName is not null
        || (!Row.IsCompleted && !IsPlainStatus) || Row.Priority == "Low";

    protected override void OnParametersSet()
    {
        var now = (Row, Time.Today, Selected, SelectMode, Current, Snoozing, Fresh, ShowDue);
        _draw = _drawn != now;
        _drawn = now;
    }

    protected override bool ShouldRender() => _draw;

    private static MarkupString TypeIcon(string type) => type switch
    {
        "Call" => Glyph.Call,
        "Email" => Glyph.MailOutline,
        "InMail" => Glyph.Forum,
        _ => Glyph.Label,
    };

    private Task CompleteAsync() => Owner.CompleteAsync([Row.Id]);

    private Task ReopenAsync() => Owner.ReopenAsync(Row.Id);

    private Task EditAsync() => Owner.OpenAsync(Row.Id);

    private Task DeleteAsync() => Owner.DeleteAsync([Row.Id]);

    private Task RescheduleAsync(DateOnly? due) => Owner.RescheduleAsync([Row.Id], due);

    private void Select() => Owner.ToggleSelected(Row.Id);

    private void SnoozeAsync() => Owner.Snooze(Snoozing ? null : Row.Id);

    private void CloseSnooze() => Owner.Snooze(null);
}
