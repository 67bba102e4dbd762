using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Ui;

/// <summary>A request to the page together with the user it plays, which every link and form carries along.</summary>
internal sealed class Visit
{
    private Visit(WebRequest request, OrgStore store, Row user) => (Request, Store, User, Viewer) = (request, store, user, new Viewer(store, user));

    public WebRequest Request { get; }
    public OrgStore Store { get; }
    public Row User { get; }
    public Viewer Viewer { get; }
    public string View => Request.Query.GetValueOrDefault("view") ?? "open";

    public TimeZoneInfo Zone => Viewer.Zone;

    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Store.Now, Zone).DateTime);

    public static Visit Of(WebRequest request, OrgStore store)
    {
        var asked = request.Form.GetValueOrDefault("user") ?? request.Query.GetValueOrDefault("user");
        var user = SalesforceId.TryNormalize(asked, out var id) && store.Find(id) is { } row && row.Type == store.Schema.User ? row
            : store[store.Schema.User].Rows.MinBy(u => u.Number)!;
        return new Visit(request, store, user);
    }

    /// <summary>A link that keeps the user; a view can be added.</summary>
    public string Link(string path, string? view = null) =>
        $"{Request.PathBase}/{path}?user={User.Id}{(view is null ? "" : "&view=" + view)}";

    /// <summary>Sends the browser on after a form, with a word for what was done.</summary>
    public Reply BackTo(string path, string done) => Reply.Redirect(Link(path) + "&done=" + done) with { Status = 303 };

    public Html Notice => Request.Query.GetValueOrDefault("done") switch
    {
        "created" => Said("Task created."),
        "saved" => Said("Task saved."),
        "completed" => Said("Task completed."),
        "deleted" => Said("Task moved to the recycle bin."),
        "restored" => Said("Task restored."),
        _ => Html.Empty,
    };

    /// <summary>Choosing whom to be, without script: a small form with a button.</summary>
    public Html UserPicker(string path) => Html.Of($"""
        <form method="get" class="picker" action="{Request.PathBase}/{path}">
        <label for="user">Logged in as</label>
        <select id="user" name="user">{Store[Store.Schema.User].Rows.OrderBy(u => u.Number).Select(u => Option(u.Id, u.Text("Name")!, u.Id == User.Id))}</select>
        <button>Switch</button>
        </form>
        """);

    public static Html Option(string value, string label, bool chosen) =>
        Html.Of($"<option value=\"{value}\"{new Html(chosen ? " selected" : "")}>{label}</option>");

    private static Html Said(string text) => Html.Of($"<p class=\"notice\" role=\"status\">{text}</p>");
}
