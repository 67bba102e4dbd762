using static TaskSync.Simulator.Schema.FieldDefinitions;

namespace TaskSync.Simulator.Schema;

/// <summary>All object types of one org.</summary>
internal sealed class OrgSchema
{
    private readonly Dictionary<string, ObjectType> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ObjectType> _byPrefix = new(StringComparer.Ordinal);

    public OrgSchema(bool hasKeyField)
    {
        Task = Add(new TaskType(hasKeyField));
        User = Add(Users());
        Role = Add(new ObjectType("UserRole", "00E", [Text("Name", 80), Lookup("ParentRoleId", Access.ReadOnly, "UserRole") with { RelationshipName = "ParentRole" }, .. Audit()])
        {
            Label = "Role",
            PluralLabel = "Roles",
            Writable = false,
            Replicateable = false,
        });
        Queue = Add(new ObjectType("Group", "00G", [Text("Name", 40), Text("DeveloperName", 80), Text("Type", 40), .. Audit(), Hidden("$OwnsTasks", FieldKind.Boolean)])
        {
            Label = "Group",
            PluralLabel = "Groups",
            Writable = false,
            Replicateable = false,
        });
        Account = Add(new ObjectType("Account", "001", [Text("Name", 255) with { Nillable = false }, Text("Phone", 40), Text("Industry", 40), Owner(), .. Audit()]) { Label = "Account", PluralLabel = "Accounts" });
        Contact = Add(new ObjectType("Contact", "003", [.. Person(), Lookup("AccountId", Access.Write, "Account"), .. Audit()]) { Label = "Contact", PluralLabel = "Contacts" });
        Lead = Add(new ObjectType("Lead", "00Q",
        [
            .. Person(), Text("Company", 255) with { Nillable = false }, Picklist("Status", 40, Access.Write, "Open - Not Contacted", "Working - Contacted"),
            Flag("IsConverted"), Lookup("ConvertedContactId", Access.ReadOnly, "Contact"), .. Audit(),
        ])
        { Label = "Lead", PluralLabel = "Leads" });
        Opportunity = Add(new ObjectType("Opportunity", "006",
        [
            Text("Name", 120) with { Nillable = false }, Lookup("AccountId", Access.Write, "Account"), Text("StageName", 40), Date("CloseDate"),
            new Field("Amount", FieldKind.Double) { Access = Access.Write }, Flag("IsClosed"), Flag("IsWon"), Owner(), .. Audit(),
        ])
        { Label = "Opportunity", PluralLabel = "Opportunities" });
        Case = Add(new ObjectType("Case", "500",
        [
            Text("CaseNumber", 30, Access.ReadOnly), Text("Subject", 255), Text("Status", 40), Lookup("AccountId", Access.Write, "Account"),
            Lookup("ContactId", Access.Write, "Contact"), Flag("IsClosed"), Owner(), .. Audit(),
        ])
        { Label = "Case", PluralLabel = "Cases" });
        TaskStatus = Add(Values("TaskStatus", "01J", "Task Status Value", "IsClosed"));
        TaskPriority = Add(Values("TaskPriority", "01K", "Task Priority Value", "IsHighPriority"));
        Organization = Add(new ObjectType("Organization", "00D",
        [
            Text("Name", 80), Flag("IsSandbox"), Text("OrganizationType", 40), Text("InstanceName", 5), Text("TimeZoneSidKey", 40),
            Text("LanguageLocaleKey", 40), Text("DefaultLocaleSidKey", 40), Text("NamespacePrefix", 15), .. Audit(),
        ])
        { Label = "Organization", PluralLabel = "Organizations", Writable = false, Replicateable = false });
    }

    public TaskType Task { get; }
    public ObjectType User { get; }
    public ObjectType Role { get; }
    public ObjectType Queue { get; }
    public ObjectType Account { get; }
    public ObjectType Contact { get; }
    public ObjectType Lead { get; }
    public ObjectType Opportunity { get; }
    public ObjectType Case { get; }
    public ObjectType TaskStatus { get; }
    public ObjectType TaskPriority { get; }
    public ObjectType Organization { get; }
    public IEnumerable<ObjectType> All => _byName.Values;

    public ObjectType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The type an id belongs to by its first three characters, null for an unknown prefix.</summary>
    public ObjectType? OfId(string id) => id.Length >= 3 ? _byPrefix.GetValueOrDefault(id[..3]) : null;

    private T Add<T>(T type) where T : ObjectType
    {
        _byName.Add(type.Name, type);
        _byPrefix.Add(type.KeyPrefix, type);
        return type;
    }

    private static Field Owner() => Lookup("OwnerId", Access.Write, "User") with { Nillable = false, DefaultedOnCreate = true };

    private static IEnumerable<Field> Person() =>
    [
        Text("FirstName", 40), Text("LastName", 80) with { Nillable = false }, Text("Name", 121, Access.ReadOnly), Text("Title", 128),
        new Field("Email", FieldKind.Email) { Length = 80, Access = Access.Write }, new Field("Phone", FieldKind.Phone) { Length = 40, Access = Access.Write }, Owner(),
    ];

    private static ObjectType Values(string name, string prefix, string label, string flag) =>
        new(name, prefix, [Text("ApiName", 255), Text("MasterLabel", 255), Flag("IsDefault"), Flag(flag), Number("SortOrder"), .. Audit()])
        {
            Label = label,
            PluralLabel = label + "s",
            Writable = false,
            Replicateable = false,
        };

    private static ObjectType Users() => new("User", "005",
    [
        Text("Username", 80), Text("FirstName", 40), Text("LastName", 80), Text("Name", 121, Access.ReadOnly), Text("Alias", 8), Text("CommunityNickname", 40),
        new Field("Email", FieldKind.Email) { Length = 128 }, Text("Title", 80), Flag("IsActive"), Text("UserType", 40), Text("TimeZoneSidKey", 40), Text("LocaleSidKey", 40),
        Text("LanguageLocaleKey", 40), Lookup("UserRoleId", Access.ReadOnly, "UserRole"), Lookup("ManagerId", Access.ReadOnly, "User"), .. Audit(),
        Hidden("$ViewAllData", FieldKind.Boolean), Hidden("$ModifyAllData", FieldKind.Boolean), Hidden("$ApiEnabled", FieldKind.Boolean),
    ])
    { Label = "User", PluralLabel = "Users", Writable = false };
}
