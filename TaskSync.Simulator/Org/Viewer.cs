using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Org;

/// <summary>What one user may see and change, as of now: sharing of tasks by owner and role hierarchy, field level security, single tasks out of sight.</summary>
internal sealed class Viewer
{
    private readonly OrgStore _store;
    private readonly HashSet<string> _owners;
    private readonly HashSet<string> _hidden;

    public Viewer(OrgStore store, Row user)
    {
        (_store, User) = (store, user);
        _owners = [user.Id, .. Below(store, user)];
        var suffix = "@" + user.Id;
        _hidden = [.. store.Settings.HiddenTasks.Where(h => h.EndsWith(suffix, StringComparison.Ordinal)).Select(h => h[..^suffix.Length])];
        SeesAll = user.Is("$ViewAllData") || user.Is("$ModifyAllData");
    }

    public Row User { get; }
    public string UserId => User.Id;
    public bool SeesAll { get; }
    public TimeZoneInfo Zone => ZoneOf(User);

    /// <summary>Tasks are private: own ones, those of users below in the role hierarchy, or all with View All Data. Everything else is public to read.</summary>
    public bool Sees(Row row) =>
        row.Type != _store.Schema.Task || ((SeesAll || _owners.Contains(row.OwnerId!)) && !_hidden.Contains(row.Id));

    public bool Edits(Row row) =>
        row.Type != _store.Schema.Task || (Sees(row) && (User.Is("$ModifyAllData") || _owners.Contains(row.OwnerId!)));

    public FieldAccess AccessTo(ObjectType type, Field field)
    {
        if (field.Internal)
            return FieldAccess.Hidden;
        if (type != _store.Schema.Task)
            return FieldAccess.Editable;
        var access = _store.Settings.FieldAccess;
        return access.TryGetValue($"{field.Name}@{UserId}", out var own) ? own : access.GetValueOrDefault(field.Name);
    }

    /// <summary>The field by name if this user can read it, else null.</summary>
    public Field? Find(ObjectType type, string name) =>
        type.Find(name) is { } field && AccessTo(type, field) != FieldAccess.Hidden ? field : null;

    public IEnumerable<Field> Readable(ObjectType type) => type.Fields.Where(field => AccessTo(type, field) != FieldAccess.Hidden);

    /// <summary>The user's time zone; UTC when the system does not know it.</summary>
    public static TimeZoneInfo ZoneOf(Row user) =>
        user.Text("TimeZoneSidKey") is { } id && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : TimeZoneInfo.Utc;

    private static IEnumerable<string> Below(OrgStore store, Row user)
    {
        if (user.Text("UserRoleId") is not { } top)
            return [];
        HashSet<string> roles = [top];
        var grew = true;
        while (grew)
        {
            grew = false;
            foreach (var role in store[store.Schema.Role].Rows)
                if (role.Text("ParentRoleId") is { } parent && roles.Contains(parent) && roles.Add(role.Id))
                    grew = true;
        }
        roles.Remove(top);
        return store[store.Schema.User].Rows.Where(u => u.Text("UserRoleId") is { } role && roles.Contains(role)).Select(u => u.Id);
    }
}
