using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Status;

/// <summary>A Salesforce organization as its administrator wants to see it.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="Name">As connected.</param>
/// <param name="IsSandbox">For the badge.</param>
/// <param name="Reps">Connections in use.</param>
/// <param name="Reader">Its reader, null when none.</param>
/// <param name="Fields">What describe showed; null while nobody's has been read.</param>
/// <param name="Test">The end-to-end test, null when it was never allowed.</param>
public sealed record OrganizationCard(string Id, string Name, bool IsSandbox, int Reps, ReaderCard? Reader, OrganizationFields? Fields, OrgTest? Test);

/// <summary>The reader of an organization.</summary>
/// <param name="Id">For <see cref="ReaderService"/>.</param>
/// <param name="DisplayName">The integration user's name.</param>
/// <param name="Username">Its login name.</param>
/// <param name="SignIn">How it gets its tokens.</param>
/// <param name="State">Whether it serves.</param>
/// <param name="Reason">Why it does not, or why it backs off; null when all is well.</param>
/// <param name="Since">Since when it is in this state (UTC).</param>
/// <param name="LastSuccessAt">UTC.</param>
/// <param name="Followers">Reps it reads for.</param>
/// <param name="Report">What the last examination found.</param>
/// <param name="CheckedAt">When that was (UTC); null while one is asked for.</param>
public sealed record ReaderCard(
    Guid Id, string DisplayName, string Username, ReaderSignIn SignIn, ReaderState State, string? Reason, DateTimeOffset Since, DateTimeOffset? LastSuccessAt,
    int Followers, ReaderReport? Report, DateTimeOffset? CheckedAt);

/// <summary>What describe showed of an organization's Task object.</summary>
/// <param name="Key">Where keys of new tasks are kept, for most of the reps.</param>
/// <param name="KeyTrouble">Why the configured key field is not used; null when it is.</param>
/// <param name="Hidden">Fields that are hidden, and from how many of the reps.</param>
/// <param name="ReadOnly">Fields that may not be written, and by how many of the reps.</param>
/// <param name="Described">Reps whose fields have been read.</param>
/// <param name="Statuses">In the org's order.</param>
/// <param name="ClosedStatus">What completing writes.</param>
/// <param name="OpenStatus">What reopening writes.</param>
public sealed record OrganizationFields(
    KeyPlace Key, string? KeyTrouble, IReadOnlyList<HiddenField> Hidden, IReadOnlyList<HiddenField> ReadOnly, int Described,
    IReadOnlyList<StatusValue> Statuses, string ClosedStatus, string OpenStatus);

/// <summary>A field and for how many reps.</summary>
public sealed record HiddenField(string Name, string SalesforceName, int Reps);

/// <summary>One line of the status page on how an organization is read.</summary>
/// <param name="Organization">Its name.</param>
/// <param name="Words">"Its reader reads for 12 of 14 reps." …</param>
/// <param name="IsWell">False when a reader was set up and does not serve.</param>
public sealed record ReadingRow(string Organization, string Words, bool IsWell);

/// <summary>Reads what the page of organizations shows, for admins alone.</summary>
public sealed class OrganizationsQuery(IDbContextFactory<TaskSyncDb> databases, IOptions<SalesforceOptions> options)
{
    /// <summary>Every organization that somebody is connected with, or was.</summary>
    public async Task<IReadOnlyList<OrganizationCard>> AllAsync(Actor admin, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var readers = await db.Readers.AsNoTracking().Include(r => r.Connection).ToDictionaryAsync(r => r.OrganizationId, cancellationToken);
        var tests = await db.OrgTests.AsNoTracking().ToDictionaryAsync(t => t.OrganizationId, cancellationToken);
        var followers = await db.Connections.Where(c => db.Cursors.Any(x => x.ConnectionId == c.Id && x.FollowsReader))
            .GroupBy(c => c.OrganizationId).Select(org => new { org.Key, Count = org.Count() }).ToDictionaryAsync(org => org.Key, org => org.Count, cancellationToken);
        var connections = await db.Connections.AsNoTracking()
            .Select(c => new { c.OrganizationId, c.OrganizationName, c.IsSandbox, c.Kind, c.State, c.SchemaJson, c.SchemaReadAt, c.ConnectedAt }).ToListAsync(cancellationToken);
        return [.. connections.GroupBy(c => c.OrganizationId).Select(org =>
        {
            var newest = org.MaxBy(c => c.ConnectedAt)!;
            var reps = org.Where(c => c is { Kind: ConnectionKind.Rep, State: ConnectionState.Active or ConnectionState.NeedsReconnect }).ToList();
            var schemas = reps.OrderBy(c => c.SchemaReadAt).Select(c => c.SchemaJson).OfType<string>().Select(OrgSchema.FromJson).ToList();
            var reader = readers.GetValueOrDefault(org.Key);
            return new OrganizationCard(
                org.Key, newest.OrganizationName, newest.IsSandbox, reps.Count,
                reader is null ? null : Card(reader, followers.GetValueOrDefault(org.Key)),
                schemas.Count > 0 ? Fields(schemas) : reader?.Connection?.SchemaJson is { } json ? Fields([OrgSchema.FromJson(json)]) : null,
                tests.GetValueOrDefault(org.Key));
        }).OrderBy(card => card.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>How each organization is read, for the status page.</summary>
    public async Task<IReadOnlyList<ReadingRow>> ReadingAsync(Actor admin, CancellationToken cancellationToken) => [.. (await AllAsync(admin, cancellationToken)).Select(card => card.Reader switch
    {
        null => new ReadingRow(card.Name, $"No reader: {Reps(card.Reps)} read one by one with their own sign-in.", IsWell: true),
        { State: ReaderState.Serving, Reason: { } reason } reader => new ReadingRow(card.Name, $"Its reader reads for {reader.Followers} of {Reps(card.Reps)}. {reason}", IsWell: false),
        { State: ReaderState.Serving } reader => new ReadingRow(card.Name, $"Its reader reads for {reader.Followers} of {Reps(card.Reps)}.", IsWell: true),
        { } reader => new ReadingRow(card.Name, $"Its reader stands by, so {Reps(card.Reps)} read one by one with their own sign-in. {reader.Reason}", IsWell: false),
    })];

    /// <summary>The files that an org's administrator deploys, as configured here.</summary>
    public byte[] Package(Actor admin)
    {
        admin.DemandAdmin();
        return MetadataPackage.Build(options.Value.KeyField, options.Value.ApiVersion);
    }

    /// <summary>Why there is no package, null when there is one.</summary>
    public string? WhyNoPackage => MetadataPackage.WhyNot(options.Value.KeyField);

    private static string Reps(int count) => count == 1 ? "1 rep" : $"{count} reps";

    private static ReaderCard Card(OrgReader reader, int followers) => new(
        reader.ConnectionId, reader.Connection!.DisplayName, reader.Connection.Username, reader.SignIn, reader.State, reader.StateReason ?? reader.Connection.BackOffReason,
        reader.StateSince, reader.Connection.LastSuccessAt, followers, ReaderReport.FromJson(reader.ChecksJson), reader.CheckedAt);

    /// <param name="schemas">The one that was read last comes last.</param>
    private static OrganizationFields Fields(List<OrgSchema> schemas)
    {
        var newest = schemas[^1];
        return new OrganizationFields(
            schemas.CountBy(s => s.Key).MaxBy(place => place.Value).Key,
            schemas.Select(s => s.KeyTrouble).FirstOrDefault(trouble => trouble is not null),
            Count(schemas, schema => ~schema.Readable),
            Count(schemas, schema => schema.Readable & ~schema.Updateable),
            schemas.Count, newest.Statuses, newest.ClosedStatus, newest.OpenStatus);
    }

    private static List<HiddenField> Count(List<OrgSchema> schemas, Func<OrgSchema, TaskFields> which) =>
    [
        .. SyncedFields.All.Select(field => new HiddenField(field.Name, field.SalesforceName, schemas.Count(s => which(s).Holds(field.Field)))).Where(f => f.Reps > 0),
    ];
}
