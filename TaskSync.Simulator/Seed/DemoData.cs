using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Writing;

namespace TaskSync.Simulator.Seed;

/// <summary>
/// A believable sales team's data, relative to today. Each rep has tasks changed within the last 24 hours, which a first sync imports,
/// and some that were last touched days ago, which it leaves out: that is what the demo should show.
/// </summary>
internal sealed class DemoData(OrgStore store, Records records)
{
    private static readonly string[] Companies = ["Northwind Traders", "Contoso Ltd", "Fabrikam Inc", "Tailspin Toys", "Litware Systems", "Adventure Works"];

    private static readonly string[] People =
    [
        "Ana Trujillo", "Ben Okafor", "Carla Espinosa", "David Chen", "Elena Petrova", "Farid Haddad", "Grace Kim", "Hugo Lindqvist",
        "Ines Moreau", "Jack Murphy", "Kavya Nair", "Lars Jensen", "Mona Fischer", "Noah Williams", "Olga Novak",
    ];

    private static readonly string[] Prospects =
    [
        "Paula Costa", "Quentin Dubois", "Rosa Martinez", "Stefan Braun", "Tara Singh", "Umar Farouk", "Vera Rossi", "Will Turner",
    ];

    private static readonly string[] Deals = ["Renewal 2027", "Platform upgrade", "New branch roll-out", "Support contract", "Pilot project", "Training package", "Data migration", "Expansion"];

    private readonly List<Row> _accounts = [];
    private readonly List<Row> _contacts = [];
    private readonly List<Row> _leads = [];
    private readonly List<Row> _deals = [];

    public void Run()
    {
        var reps = store[store.Schema.User].Rows.Where(user => user.Text("UserRoleId") is not null).OrderBy(user => user.Number).ToList();
        var founded = new AuditStamps(store.Now.AddDays(-90), store.Now.AddDays(-90));
        for (var i = 0; i < Companies.Length; i++)
            _accounts.Add(Create(store.Schema.Account, reps[i % reps.Count], founded, ("Name", Companies[i]), ("Phone", $"+1 555 01{i:00}")));
        for (var i = 0; i < People.Length; i++)
            _contacts.Add(Create(store.Schema.Contact, reps[i % reps.Count], founded, [.. Name(People[i], Companies[i % Companies.Length]), ("AccountId", _accounts[i % _accounts.Count].Id)]));
        for (var i = 0; i < Prospects.Length; i++)
            _leads.Add(Create(store.Schema.Lead, reps[i % reps.Count], founded, [.. Name(Prospects[i], "prospect"), ("Company", $"{Prospects[i].Split(' ')[1]} & Co"), ("Status", "Open - Not Contacted")]));
        for (var i = 0; i < Deals.Length; i++)
        {
            var account = _accounts[i % _accounts.Count];
            _deals.Add(Create(store.Schema.Opportunity, reps[i % reps.Count], founded, ("Name", $"{account.Text("Name")}: {Deals[i]}"), ("AccountId", account.Id),
                ("StageName", "Negotiation"), ("CloseDate", Today(reps[0]).AddDays(14 + 7 * i)), ("Amount", 12_000.0 + 4_500 * i)));
        }
        for (var i = 0; i < reps.Count; i++)
            foreach (var task in DemoTasks.For(i))
                Add(task, reps[i], i);
    }

    private void Add(DemoTask task, Row rep, int shift)
    {
        var touched = store.Now.AddHours(-task.TouchedHoursAgo);
        List<(string, object?)> values =
        [
            ("Subject", task.Subject), ("Priority", task.Priority), ("Status", task.Status), ("Type", task.Type),
            ("ActivityDate", task.DueInDays is { } days ? Today(rep).AddDays(days) : null),
            ("Description", task.Details), ("WhoId", Who(task, shift)), ("WhatId", task.Deal is { } deal ? _deals[(deal + shift) % _deals.Count].Id : null),
        ];
        Create(store.Schema.Task, rep, new AuditStamps(touched.AddHours(-task.AgeHours), touched), [.. values]);
    }

    private string? Who(DemoTask task, int shift) =>
        task.Contact is { } contact ? _contacts[(contact + 5 * shift) % _contacts.Count].Id
        : task.Lead is { } lead ? _leads[(lead + shift) % _leads.Count].Id : null;

    private Row Create(ObjectType type, Row owner, AuditStamps stamps, params (string Field, object? Value)[] values) => store.Write(transaction =>
        records.Create(transaction, new Viewer(store, owner), type, values.Where(v => v.Value is not null).ToDictionary(v => type[v.Field], v => v.Value), stamps));

    private DateOnly Today(Row user) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(store.Now, Viewer.ZoneOf(user)).DateTime);

    private static IEnumerable<(string, object?)> Name(string name, string company)
    {
        var parts = name.Split(' ');
#pragma warning disable CA1308 // An e-mail address is lower case by custom.
        var email = $"{parts[0]}.{parts[1]}@{company.Replace(" ", "", StringComparison.Ordinal)}.example".ToLowerInvariant();
#pragma warning restore CA1308
        return [("FirstName", parts[0]), ("LastName", parts[1]), ("Email", email), ("Phone", "+1 555 0199")];
    }
}
