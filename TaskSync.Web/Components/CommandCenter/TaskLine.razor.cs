using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>What a row of a list says of its task. Drawn again only when something of that changed.</summary>
public sealed partial class TaskLine
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private (TaskRow, DateOnly, bool, bool, bool)? _drawn;
    private bool _draw = true;

    [Parameter, EditorRequired]
    public required TaskRow Row { get; set; }

    /// <summary>Knows the rest: each parameter of its own would be kept once more for every row.</summary>
    [Parameter, EditorRequired]
    public required TaskList List { get; set; }

    private CommandCenterPage Owner => List.Owner;

    private RepTime Time => List.Time;

    private bool Selected => List.Selected.Contains(Row.Id);

    private bool Snoozing => List.Snoozing == Row.Id;

    /// <summary>Whether the due date is shown: not where the heading says it.</summary>
    private bool ShowDue => List.Group.Date is null;

    /// <summary>
    /// The title and what else is said of the task, encoded. It is one piece of markup, because each element of its own would be sent, and kept by the circuit, for every row.
    /// </summary>
    private MarkupString Text
    {
        get
        {
            var high = Row.IsHighPriority ? $"<span class=\"high\">{Glyph.KeyboardDoubleArrowUp}<span class=\"sr-only\">{Encode(Row.Priority)} priority: </span></span>" : "";
            var meta = string.Concat(Meta());
            return new MarkupString($"<p class=\"task-title\">{high}<span>{Encode(Row.Title)}</span></p>{(meta.Length == 0 ? "" : $"<p class=\"task-meta\">{meta}</p>")}");
        }
    }

    protected override void OnParametersSet()
    {
        var now = (Row, Time.Today, Selected, Snoozing, ShowDue);
        _draw = _drawn != now;
        _drawn = now;
    }

    protected override bool ShouldRender() => _draw;

    /// <summary>A click alone changes nothing here: the page decides.</summary>
    protected override void OnAfterRender(bool firstRender) => _draw = false;

    private IEnumerable<string> Meta()
    {
        if (ShowDue && Row.DueDate is { } due)
        {
            yield return $"<span class=\"{(Row.IsOverdue ? "late" : "")}\">{Glyph.Event}{Words.Day(due, Time.Today)}{(Row.IsOverdue ? " · overdue" : "")}</span>";
        }

        if (Row.ReminderAt is { } reminder)
        {
            yield return $"<span>{Glyph.NotificationsNone}{Words.Moment(Time.Local(reminder), Row.DueDate ?? Time.Today)}</span>";
        }

        if (Row.Type is { Length: > 0 } type)
        {
            yield return $"<span>{TypeIcon(type)}{Encode(type)}</span>";
        }

        if (Row.WhoName is { } who)
        {
            yield return $"<span>{Glyph.PersonOutline}{Link(who, Row.WhoUrl)}</span>";
        }

        if (Row.WhatName is { } what)
        {
            yield return $"<span>{Glyph.Business}{Link(what, Row.WhatUrl)}</span>";
        }

        if (!Row.IsCompleted && Row.Status is not ("Not Started" or "Open"))
        {
            yield return $"<span class=\"status\">{Encode(Row.Status)}</span>";
        }

        if (Row.Priority == "Low")
        {
            yield return "<span class=\"status\">Low</span>";
        }
    }

    /// <summary>To the record in Salesforce, where it is known. boot.js keeps a click on it from opening the task as well.</summary>
    private static string Link(string name, string? url) => url is null
        ? Encode(name)
        : $"<a href=\"{Encode(url)}\" target=\"_blank\" rel=\"noopener noreferrer\">{Encode(name)}<span class=\"sr-only\"> (opens Salesforce)</span></a>";

    private static string Encode(string text) => Encoder.Encode(text);

    private static MarkupString TypeIcon(string type) => type switch
    {
        "Call" => Glyph.Call,
        "Email" => Glyph.MailOutline,
        "InMail" => Glyph.Forum,
        _ => Glyph.Label,
    };
}
