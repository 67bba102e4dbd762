using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Seed;

/// <summary>What every org has from its first second: the organization, its picklists, a role hierarchy and a few people.</summary>
internal sealed class Founding(OrgStore store, SimulatorOptions options)
{
    public const string Domain = "acme.example";

    private readonly DateTimeOffset _founded = options.OrganizationCreatedDate ?? store.Now.AddYears(-3);

    public void Run()
    {
        var zone = options.TimeZone ?? LocalZone();
        Add(store.Schema.Organization, new()
        {
            ["Name"] = options.OrganizationName,
            ["OrganizationType"] = "Enterprise Edition",
            ["InstanceName"] = "SIM1",
            ["TimeZoneSidKey"] = zone,
            ["LanguageLocaleKey"] = "en_US",
            ["DefaultLocaleSidKey"] = "en_US",
        }, options.OrganizationId);
        AddValues(store.Schema.TaskStatus, "IsClosed", "Completed", "Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred");
        AddValues(store.Schema.TaskPriority, "IsHighPriority", "High", "Normal", "High", "Low");

        var top = Add(store.Schema.Role, new() { ["Name"] = "Director of Sales" }).Id;
        var reps = Add(store.Schema.Role, new() { ["Name"] = "Sales Representative", ["ParentRoleId"] = top }).Id;
        AddUser("Rita", "Rep", zone, reps);
        AddUser("Sam", "Seller", zone, reps);
        AddUser("Nora", "North", zone, reps);
        AddUser("Adam", "Admin", zone, null, seesAll: true, editsAll: true);
        AddUser("Integration", "User", zone, null, seesAll: true);
        foreach (var field in options.HiddenFields)
            store.Settings.FieldAccess[field] = FieldAccess.Hidden;
    }

    /// <summary>Adds a user; the username is <c>first.last@acme.example</c> in lower case.</summary>
    public Row AddUser(string firstName, string lastName, string? zone, string? roleId, bool seesAll = false, bool editsAll = false)
    {
#pragma warning disable CA1308 // A username is lower case by custom, not for comparing.
        var username = $"{firstName}.{lastName}@{Domain}".ToLowerInvariant().Replace(' ', '.');
#pragma warning restore CA1308
        return Add(store.Schema.User, new()
        {
            ["FirstName"] = firstName,
            ["LastName"] = lastName,
            ["Name"] = $"{firstName} {lastName}",
            ["Username"] = username,
            ["Email"] = username,
            ["Alias"] = lastName[..Math.Min(8, lastName.Length)],
            ["CommunityNickname"] = firstName,
            ["IsActive"] = true,
            ["UserType"] = "Standard",
            ["TimeZoneSidKey"] = zone ?? options.TimeZone ?? LocalZone(),
            ["LocaleSidKey"] = "en_US",
            ["LanguageLocaleKey"] = "en_US",
            ["UserRoleId"] = roleId,
            ["$ViewAllData"] = seesAll || editsAll,
            ["$ModifyAllData"] = editsAll,
            ["$ApiEnabled"] = true,
        });
    }

    /// <summary>Adds values to TaskStatus or TaskPriority. The first is the default.</summary>
    public void AddValues(ObjectType type, string flag, string flagged, params string[] names)
    {
        for (var at = 0; at < names.Length; at++)
            AddValue(type, flag, names[at], names[at] == flagged, at == 0, at + 1);
    }

    public Row AddValue(ObjectType type, string flag, string name, bool isFlagged, bool isDefault, int order) => Add(type, new()
    {
        ["ApiName"] = name,
        ["MasterLabel"] = name,
        ["IsDefault"] = isDefault,
        [flag] = isFlagged,
        ["SortOrder"] = order,
    });

    private Row Add(ObjectType type, Dictionary<string, object?> values, string? id = null)
    {
        var next = store.NewId(type);
        var row = new Row(type, id ?? next);
        foreach (var (name, value) in values)
            row[type[name]] = value;
        row[type.CreatedDate] = row[type.LastModifiedDate] = row[type.SystemModstamp] = _founded;
        row[type.CreatedById] = row[type.LastModifiedById] = store[store.Schema.User].Rows.FirstOrDefault()?.Id ?? row.Id;
        store.Write(transaction =>
        {
            transaction.Put(row);
            return row;
        });
        return row;
    }

    private static string LocalZone()
    {
        var local = TimeZoneInfo.Local;
        if (!local.HasIanaId && TimeZoneInfo.TryConvertWindowsIdToIanaId(local.Id, out var iana))
            return iana;
        return local.Id is "UTC" or "Etc/UTC" || !local.HasIanaId ? "Etc/UTC" : local.Id;
    }
}
