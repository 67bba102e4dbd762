using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Wire;
using TaskSync.Simulator.Writing;

namespace TaskSync.Simulator.Ui;

/// <summary>
/// The page "as Salesforce": choose a user and work with his tasks the way he would at Salesforce's own screens. Plain HTML and forms.
/// It knows no sign-in, being a toy; it only makes sure that forms come from its own pages.
/// </summary>
internal sealed class UiEndpoint(OrgStore store, Records records)
{
    private readonly TaskListPage _list = new(store);
    private readonly TaskFormPage _form = new(store);
    private readonly RecycleBinPage _bin = new(store);

    public Reply Run(WebRequest request)
    {
        lock (store.Gate)
        {
            var visit = Visit.Of(request, store);
            var path = RequestTarget.Segments(request.Path);
            return request.Method switch
            {
                "GET" or "HEAD" => Show(visit, path),
                "POST" when Page.IsOwnPost(request) => Act(visit, path),
                "POST" => Page.Render(request, "Refused", Html.Of($"<h1>Refused</h1><p>This form was not sent from the simulator's own page.</p>"), 403),
                _ => NotFound(visit),
            };
        }
    }

    private Reply Show(Visit visit, string[] path) => path switch
    {
        [] => _list.Show(visit),
        ["tasks", "new"] => _form.ShowNew(visit),
        ["tasks", var id] when Find(visit, id) is { IsDeleted: false } task => _form.Show(visit, task),
        ["lightning", "r", "Task", var id, "view"] when Find(visit, id) is { IsDeleted: false } task => _form.Show(visit, task),
        ["recycle-bin"] => _bin.Show(visit),
        _ => NotFound(visit),
    };

    private Reply Act(Visit visit, string[] path)
    {
        try
        {
            switch (path)
            {
                case ["tasks"]:
                    Write(transaction => records.Create(transaction, visit.Viewer, store.Schema.Task, _form.Read(visit, null)));
                    return visit.BackTo("", "created");
                case ["tasks", var id] when Find(visit, id) is { } task:
                    return Change(visit, task);
                case ["recycle-bin", var id] when Find(visit, id) is { } task:
                    Write(transaction => records.Undelete(transaction, visit.Viewer, task));
                    return visit.BackTo("recycle-bin", "restored");
                default:
                    return NotFound(visit);
            }
        }
        catch (ApiException refusal)
        {
            return path is ["tasks"] ? _form.ShowNew(visit, refusal)
                : path is ["tasks", var id] && Find(visit, id) is { IsDeleted: false } task ? _form.Show(visit, task, refusal)
                : Page.Render(visit.Request, "Refused", Html.Of($"<h1>Salesforce refused</h1><p class=\"error\" role=\"alert\">{refusal.Message}</p>"), refusal.Status);
        }
    }

    private Reply Change(Visit visit, Row task)
    {
        var type = store.Schema.Task;
        switch (visit.Request.Form.GetValueOrDefault("action"))
        {
            case "delete":
                Write(transaction =>
                {
                    records.Delete(transaction, visit.Viewer, task);
                    return task;
                });
                return visit.BackTo("", "deleted");
            case "complete" when _form.ClosedStatus is { } closed:
                Write(transaction => records.Update(transaction, visit.Viewer, task, new Dictionary<Field, object?> { [type.Status] = closed }));
                return visit.BackTo("", "completed");
            default:
                Write(transaction => records.Update(transaction, visit.Viewer, task, _form.Read(visit, task)));
                return visit.BackTo("", "saved");
        }
    }

    private Row? Find(Visit visit, string id) =>
        SalesforceId.TryNormalize(id, out var full) && store.Tasks.Find(full) is { } row && visit.Viewer.Sees(row) ? row : null;

    private void Write(Func<OrgTransaction, Row> work) => store.Write(work);

    private static Reply NotFound(Visit visit) => Page.Render(visit.Request, "Not found",
        Html.Of($"<h1>Not found</h1><p>There is no such page or task, or this user may not see it. <a href=\"{visit.Link("")}\">To the tasks</a></p>"), 404);
}
