using System.Globalization;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Ui;

/// <summary>The list of tasks a user sees.</summary>
internal sealed class TaskListPage(OrgStore store)
{
    private const int MostShown = 500;
    private static readonly (string Name, string Label)[] Views = [("open", "My open"), ("today", "Due today"), ("closed", "My completed"), ("all", "All mine"), ("team", "Everyone's open")];

    private readonly TaskType _task = store.Schema.Task;

    public Reply Show(Visit visit)
    {
        var tasks = store.Tasks.Rows
            .Where(t => !t.IsDeleted && !t.Is(_task.IsArchived) && !t.Is(_task.IsRecurrence) && visit.Viewer.Sees(t) && IsIn(visit.View, t, visit))
            .OrderBy(t => t[_task.ActivityDate] as DateOnly? ?? DateOnly.MaxValue).ThenByDescending(t => t.Is(_task.IsHighPriority)).ThenBy(t => t.Number).ToList();
        return Page.Render(visit.Request, "Tasks", Html.Of($"""
            {visit.Notice}
            <div class="bar"><h1>Tasks</h1>{visit.UserPicker("")}
            <a class="button primary" href="{visit.Link("tasks/new")}">New task</a></div>
            <nav aria-label="Views" class="views">{Views.Select(view => Tab(visit, view.Name, view.Label))}
            <a href="{visit.Link("recycle-bin")}">Recycle bin</a></nav>
            {(tasks.Count == 0 ? Html.Of($"<p class=\"card empty\">Nothing in this view.</p>") : List(visit, tasks))}
            """));
    }

    private bool IsIn(string view, Row task, Visit visit)
    {
        var mine = task.OwnerId == visit.User.Id;
        var open = !task.Is(_task.IsClosed);
        return view switch
        {
            "closed" => mine && !open,
            "today" => mine && open && task[_task.ActivityDate] is DateOnly due && due == visit.Today,
            "all" => mine,
            "team" => open,
            _ => mine && open,
        };
    }

    private static Html Tab(Visit visit, string name, string label) =>
        Html.Of($"<a href=\"{visit.Link("", name)}\"{new Html(visit.View == name ? " aria-current=\"page\"" : "")}>{label}</a>");

    private Html List(Visit visit, List<Row> tasks) => Html.Of($"""
        <div class="card scroll"><table>
        <caption>{tasks.Count} tasks{(tasks.Count > MostShown ? $", the first {MostShown} shown" : "")}</caption>
        <thead><tr><th scope="col">Subject</th><th scope="col">Due</th><th scope="col">Status</th><th scope="col" class="low">Priority</th>
        <th scope="col" class="low">Owner</th><th scope="col" class="low">Last modified</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
        <tbody>{tasks.Take(MostShown).Select(task => Line(visit, task))}</tbody></table></div>
        """);

    private Html Line(Visit visit, Row task)
    {
        var subject = task.Text(_task.Subject) ?? "(no subject)";
        var due = task[_task.ActivityDate] as DateOnly?;
        var late = due < visit.Today && !task.Is(_task.IsClosed);
        var action = $"{visit.Request.PathBase}/tasks/{task.Id}";
        return Html.Of($"""
            <tr data-task-id="{task.Id}"{new Html(task.Is(_task.IsClosed) ? " class=\"done\"" : "")}>
            <th scope="row"><a href="{visit.Link("tasks/" + task.Id)}">{subject}</a>{Related(task)}</th>
            <td>{(due is { } date ? Html.Of($"<time datetime=\"{SalesforceTime.Text(date)}\">{DueText(date, visit.Today)}</time>{(late ? Html.Of($" <span class=\"late\">overdue</span>") : Html.Empty)}") : Html.Of($"<span class=\"quiet\">none</span>"))}</td>
            <td>{task.Text(_task.Status)}</td>
            <td class="low">{task.Text(_task.Priority)}</td>
            <td class="low">{store.Find(task.OwnerId)?.Text("Name")}</td>
            <td class="low">{LastModified(visit, task)}</td>
            <td><form method="post" class="actions" action="{action}"><input type="hidden" name="user" value="{visit.User.Id}">
            {(task.Is(_task.IsClosed) ? Html.Empty : Html.Of($"<button name=\"action\" value=\"complete\" aria-label=\"Complete {subject}\">Complete</button>"))}
            <button name="action" value="delete" aria-label="Delete {subject}">Delete</button></form></td></tr>
            """);
    }

    private Html Related(Row task)
    {
        var names = new[] { task.Text(_task.WhoId), task.Text(_task.WhatId) }.Select(store.Find).OfType<Row>().Select(row => FieldPath.NameValue(row, "Name") as string);
        return string.Join(" · ", names) is { Length: > 0 } text ? Html.Of($"<small>{text}</small>") : Html.Empty;
    }

    private static string DueText(DateOnly due, DateOnly today) => (due.DayNumber - today.DayNumber) switch
    {
        -1 => "Yesterday",
        0 => "Today",
        1 => "Tomorrow",
        _ => due.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture),
    };

    private static string LastModified(Visit visit, Row task) =>
        TimeZoneInfo.ConvertTime((DateTimeOffset)task[task.Type.LastModifiedDate]!, visit.Zone).ToString("d MMM HH:mm", CultureInfo.InvariantCulture);
}
