using System.Globalization;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Ui;

/// <summary>The deleted tasks a user may bring back.</summary>
internal sealed class RecycleBinPage(OrgStore store)
{
    public Reply Show(Visit visit)
    {
        var gone = store.Tasks.Rows.Where(task => task.IsDeleted && visit.Viewer.Edits(task)).OrderByDescending(task => task.SystemModstamp).ThenBy(task => task.Number).ToList();
        return Page.Render(visit.Request, "Recycle bin", Html.Of($"""
            {visit.Notice}
            <div class="bar"><h1>Recycle bin</h1>{visit.UserPicker("recycle-bin")}</div>
            <p><a href="{visit.Link("")}">← Tasks</a> <span class="quiet">Deleted tasks stay here for {RecycleBin.Lifetime.Days} days.</span></p>
            {(gone.Count == 0 ? Html.Of($"<p class=\"card empty\">The recycle bin is empty.</p>") : List(visit, gone))}
            """));
    }

    private Html List(Visit visit, List<Row> gone) => Html.Of($"""
        <div class="card scroll"><table><caption>{gone.Count} deleted tasks</caption>
        <thead><tr><th scope="col">Subject</th><th scope="col">Deleted</th><th scope="col" class="low">By</th><th scope="col"><span class="hidden">Actions</span></th></tr></thead>
        <tbody>{gone.Select(task => Line(visit, task))}</tbody></table></div>
        """);

    private Html Line(Visit visit, Row task)
    {
        var subject = task.Text("Subject") ?? "(no subject)";
        return Html.Of($"""
            <tr><th scope="row">{subject}</th>
            <td>{TimeZoneInfo.ConvertTime(task.SystemModstamp, visit.Zone).ToString("d MMM HH:mm", CultureInfo.InvariantCulture)}</td>
            <td class="low">{store.Find(task.Text("LastModifiedById"))?.Text("Name")}</td>
            <td><form method="post" class="actions" action="{visit.Request.PathBase}/recycle-bin/{task.Id}"><input type="hidden" name="user" value="{visit.User.Id}">
            <button aria-label="Restore {subject}">Restore</button></form></td></tr>
            """);
    }
}
