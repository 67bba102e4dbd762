using System.Globalization;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Ui;

/// <summary>The form to create or edit a task, with a label for every field the user may see.</summary>
internal sealed class TaskFormPage(OrgStore store)
{
    private const string LocalTime = "yyyy-MM-dd'T'HH:mm";

    private readonly TaskType _task = store.Schema.Task;

    /// <summary>The status that "complete" writes: Completed if it is closed, else the first closed one; null when there is none.</summary>
    public string? ClosedStatus => store[store.Schema.TaskStatus].Rows.Where(s => s.Is("IsClosed"))
        .OrderByDescending(s => s.Text("ApiName") == "Completed").ThenBy(s => (int)s[s.Type["SortOrder"]]!).FirstOrDefault()?.Text("ApiName");

    public Reply ShowNew(Visit visit, ApiException? refusal = null) => Render(visit, null, "New task", "tasks", refusal);

    public Reply Show(Visit visit, Row task, ApiException? refusal = null) => Render(visit, task, task.Text(_task.Subject) ?? "(no subject)", "tasks/" + task.Id, refusal);

    /// <summary>The fields that the form changes.</summary>
    public Dictionary<Field, object?> Read(Visit visit, Row? before)
    {
        var values = new Dictionary<Field, object?>();
        foreach (var (name, text) in visit.Request.Form)
        {
            if (visit.Viewer.Find(_task, name) is not { } field || !field.Createable)
                continue;
            var value = Parse(visit, field, text);
            if (!Equals(before?[field], value))
                values[field] = value;
        }
        if (values.TryGetValue(_task["ReminderDateTime"], out var reminder) && visit.Viewer.Find(_task, "IsReminderSet") is { } isSet)
            values[isSet] = reminder is not null;
        return values;
    }

    private static object? Parse(Visit visit, Field field, string text)
    {
        if (text.Length == 0)
            return null;
        switch (field.Kind)
        {
            case FieldKind.Date:
                return SalesforceTime.TryParseDate(text, out var date) ? date : throw Errors.WrongValue(field, text);
            case FieldKind.DateTime:
                return DateTime.TryParseExact(text, [LocalTime, LocalTime + ":ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
                    ? new DateTimeOffset(local, visit.Zone.GetUtcOffset(local)).ToSecond() : throw Errors.WrongValue(field, text);
            default:
                return text.ReplaceLineEndings("\n");
        }
    }

    private Reply Render(Visit visit, Row? task, string title, string path, ApiException? refusal) => Page.Render(visit.Request, title, Html.Of($"""
        <p><a href="{visit.Link("")}">← Tasks of {visit.User.Text("Name")}</a></p>
        <form method="post" class="card narrow" action="{visit.Request.PathBase}/{path}">
        <h1>{title}</h1>
        {(refusal is null ? Html.Empty : Html.Of($"<p class=\"error\" role=\"alert\">{refusal.Code}: {refusal.Message}</p>"))}
        <input type="hidden" name="user" value="{visit.User.Id}">
        {Inputs(visit, task)}
        <p class="buttons"><button class="primary" name="action" value="save">Save</button>
        {(task is null ? Html.Empty : Html.Of($"<button name=\"action\" value=\"complete\">Complete</button><button name=\"action\" value=\"delete\">Delete</button>"))}</p>
        {(task is null ? Html.Empty : Html.Of($"<p class=\"quiet\">{task.Id} · created by {store.Find(task.Text(_task.CreatedById))?.Text("Name")} · last modified by {store.Find(task.Text(_task.LastModifiedById))?.Text("Name")}</p>"))}
        </form>
        """), refusal is null ? 200 : 400);

    private Html Inputs(Visit visit, Row? task)
    {
        string? Sent(Field field) => visit.Request.Method == "POST" ? visit.Request.Form.GetValueOrDefault(field.Name) : Shown(visit, field, task?[field]);
        Html Input(string name, string label, Func<Field, string?, Html> control) => visit.Viewer.Find(_task, name) is { } field
            ? Html.Of($"<p class=\"field\"><label for=\"{name}\">{label}</label>{control(field, Sent(field))}</p>") : Html.Empty;
        return Html.Join(
        [
            Input("Subject", "Subject", Line),
            Input("ActivityDate", "Due date", (f, v) => Html.Of($"<input id=\"{f.Name}\" name=\"{f.Name}\" type=\"date\" value=\"{v}\">")),
            Input("Status", "Status", (f, v) => Select(f, v ?? Default(store.Schema.TaskStatus), Listed(store.Schema.TaskStatus), false)),
            Input("Priority", "Priority", (f, v) => Select(f, v ?? Default(store.Schema.TaskPriority), Listed(store.Schema.TaskPriority), false)),
            Input("OwnerId", "Assigned to", (f, v) => Select(f, v ?? visit.User.Id, Owners(), false)),
            Input("WhoId", "Name (contact or lead)", (f, v) => Select(f, v, People(), true)),
            Input("WhatId", "Related to", (f, v) => Select(f, v, Things(), true)),
            Input("Type", "Type", (f, v) => Select(f, v, store.ValuesOf(f).Select(x => (x.Value, x.Label)), true)),
            Input("ReminderDateTime", "Reminder", (f, v) => Html.Of($"<input id=\"{f.Name}\" name=\"{f.Name}\" type=\"datetime-local\" value=\"{v}\">")),
            Input("CallDisposition", "Call result", Line),
            Input("Description", "Comments", (f, v) => Html.Of($"<textarea id=\"{f.Name}\" name=\"{f.Name}\" rows=\"4\" maxlength=\"{f.Length}\">\n{v}</textarea>")),
        ]);
    }

    private static Html Line(Field field, string? value) => Html.Of($"<input id=\"{field.Name}\" name=\"{field.Name}\" value=\"{value}\" maxlength=\"{field.Length}\">");

    private static string? Shown(Visit visit, Field field, object? value) => value switch
    {
        DateOnly date => SalesforceTime.Text(date),
        DateTimeOffset moment => TimeZoneInfo.ConvertTime(moment, visit.Zone).ToString(LocalTime, CultureInfo.InvariantCulture),
        _ => value as string,
    };

    /// <summary>A drop-down; a value that is not listed is shown all the same, as Salesforce does.</summary>
    private static Html Select(Field field, string? value, IEnumerable<(string Value, string Label)> options, bool optional)
    {
        var listed = options.ToList();
        if (!string.IsNullOrEmpty(value) && !listed.Exists(o => o.Value == value))
            listed.Add((value, value));
        if (optional)
            listed.Insert(0, ("", "None"));
        return Html.Of($"<select id=\"{field.Name}\" name=\"{field.Name}\">{listed.Select(o => Visit.Option(o.Value, o.Label, o.Value == (value ?? "")))}</select>");
    }

    private string? Default(ObjectType values) => store[values].Rows.FirstOrDefault(v => v.Is("IsDefault"))?.Text("ApiName");

    private IEnumerable<(string, string)> Listed(ObjectType values) =>
        store[values].Rows.OrderBy(v => (int)v[values["SortOrder"]]!).Select(v => (v.Text("ApiName")!, v.Text("MasterLabel")!));

    private IEnumerable<(string, string)> Owners() =>
        store[store.Schema.User].Rows.Where(u => u.Is("IsActive")).OrderBy(u => u.Number).Select(u => (u.Id, u.Text("Name")!))
        .Concat(store[store.Schema.Queue].Rows.Where(q => q.Is("$OwnsTasks")).Select(q => (q.Id, $"{q.Text("Name")} (queue)")));

    private IEnumerable<(string, string)> People() => Named(store.Schema.Contact, "contact").Concat(Named(store.Schema.Lead, "lead"));

    private IEnumerable<(string, string)> Things() =>
        Named(store.Schema.Account, "account").Concat(Named(store.Schema.Opportunity, "opportunity")).Concat(Named(store.Schema.Case, "case"));

    private IEnumerable<(string, string)> Named(ObjectType type, string kind) => store[type].Rows.Where(row => !row.IsDeleted)
        .Select(row => (row.Id, $"{FieldPath.NameValue(row, "Name")} ({kind})")).OrderBy(o => o.Item2, StringComparer.OrdinalIgnoreCase);
}
