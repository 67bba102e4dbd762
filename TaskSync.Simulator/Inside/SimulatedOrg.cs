using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Rest;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Seed;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Inside;

/// <summary>
/// The org from the inside: acts "as Salesforce", that is, as its users at its own screens, and looks at what is there. Safe from any
/// thread. Ids are accepted with 15 or 18 characters and given with 18. What the platform would refuse throws <see cref="InvalidOperationException"/>
/// with its code and message.
/// </summary>
public sealed partial class SimulatedOrg
{
    private readonly SimulatorCore _core;

    internal SimulatedOrg(SimulatorCore core) => _core = core;

    /// <summary>Id of the organization.</summary>
    public string OrganizationId => Locked(() => _core.Store[_core.Store.Schema.Organization].Rows.First().Id);

    /// <summary>Every API call that was made.</summary>
    public CallLog Calls => _core.Calls;

    /// <summary>What shall go wrong.</summary>
    public FaultList Faults => _core.Faults;

    /// <summary>The org's present second (UTC).</summary>
    public DateTimeOffset Now => _core.Store.Now;

    /// <summary>The options it was started with; those that are looked at for each call can still be changed.</summary>
    public SimulatorOptions Options => _core.Options;

    /// <summary>All users in the order they were added, inactive ones included.</summary>
    public IReadOnlyList<SimulatedUser> Users => Locked(() => _core.Store[_core.Store.Schema.User].Rows.OrderBy(u => u.Number).Select(u => new SimulatedUser(u)).ToList());

    /// <summary>A rep: rita.rep@acme.example.</summary>
    public SimulatedUser Rita => User("rita.rep");

    /// <summary>A rep: sam.seller@acme.example.</summary>
    public SimulatedUser Sam => User("sam.seller");

    /// <summary>A rep: nora.north@acme.example.</summary>
    public SimulatedUser Nora => User("nora.north");

    /// <summary>Sees and changes everything: adam.admin@acme.example.</summary>
    public SimulatedUser Adam => User("adam.admin");

    /// <summary>Sees everything, changes only its own: integration.user@acme.example.</summary>
    public SimulatedUser Integration => User("integration.user");

    /// <summary>The user with the username, in any case; throws when there is none.</summary>
    public SimulatedUser FindUser(string username) =>
        Users.FirstOrDefault(user => user.Username.Equals(username, StringComparison.OrdinalIgnoreCase)) ?? throw new ArgumentException($"No user {username}.", nameof(username));

    /// <summary>Access for the user without the detour over the browser: a token that works at once.</summary>
    /// <param name="userId">Whose token.</param>
    /// <param name="scope">OAuth scopes, separated by spaces.</param>
    /// <param name="clientId">The app the grant is for.</param>
    public SimulatedToken IssueToken(string userId, string scope = "api refresh_token openid id", string clientId = "TaskSync.Demo") => Locked(() =>
    {
        var grant = _core.Grants.Approve(UserRow(userId).Id, clientId, scope);
        return new SimulatedToken(_core.Grants.StartSession(grant).Token, grant.RefreshToken);
    });

    /// <summary>Lets access tokens die as a session timeout would; refresh tokens stay good. Null is everybody's.</summary>
    public void ExpireAccessTokens(string? userId = null) => Locked(() => _core.Grants.EndSessions(userId is null ? null : UserRow(userId).Id));

    /// <summary>Revokes approvals with all their tokens, as an administrator can. Null is everybody's.</summary>
    public void RevokeGrants(string? userId = null) => Locked(() =>
    {
        foreach (var grant in _core.Grants.All.Where(g => !g.Revoked && (userId is null || g.UserId == UserRow(userId).Id)).ToList())
            _core.Grants.Revoke(grant);
    });

    /// <summary>How many approvals are good.</summary>
    public int CountGrants(string? userId = null) => Locked(() => _core.Grants.All.Count(g => !g.Revoked && (userId is null || g.UserId == UserRow(userId).Id)));

    /// <summary>Makes every open query cursor invalid.</summary>
    public void ExpireQueryLocators() => Locked(_core.Platform.Cursors.ExpireAll);

    /// <summary>Pretends that other apps used so many calls of the allowance, and changes the allowance if given.</summary>
    public void SetApiUsage(int usedByOthers, int? limit = null) => Locked(() =>
    {
        _core.Platform.Usage.SetUsedByOthers(usedByOthers);
        _core.Platform.Usage.Limit = limit ?? _core.Platform.Usage.Limit;
    });

    private SimulatedUser User(string name) => FindUser($"{name}@{Founding.Domain}");

    private Row UserRow(string id) => Row(id) is var row && row.Type == _core.Store.Schema.User ? row : throw new ArgumentException($"{id} is no user.", nameof(id));

    private Row Row(string id) =>
        SalesforceId.TryNormalize(id, out var full) && _core.Store.Find(full) is { } row ? row : throw new ArgumentException($"There is no record {id}.", nameof(id));

    private Viewer As(string? userId, Row? record = null) =>
        new(_core.Store, userId is not null ? UserRow(userId) : _core.Store.Find(record?.OwnerId) is { } owner && owner.Type == _core.Store.Schema.User ? owner : AnyAdmin);

    private Row AnyAdmin => _core.Store[_core.Store.Schema.User].Rows.First(u => u.Is("$ModifyAllData"));

    private static Dictionary<Field, object?> Values(ObjectType type, FieldValues? values) => (values ?? []).ToDictionary(
        v => type.Find(v.Key) ?? throw new ArgumentException($"{type.Name} has no field {v.Key}.", nameof(values)), v => FieldValue.FromClr(type[v.Key], v.Value));

    private T Write<T>(Func<OrgTransaction, T> work) => Refusing(() => _core.Store.Write(work));

    private T Refusing<T>(Func<T> work) => Locked(() =>
    {
        try
        {
            return work();
        }
        catch (ApiException refusal)
        {
            throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}", refusal);
        }
    });

    private T Locked<T>(Func<T> work)
    {
        lock (_core.Store.Gate)
            return work();
    }

    internal void Locked(Action work)
    {
        lock (_core.Store.Gate)
            work();
    }
}

/// <summary>Tokens made by <see cref="SimulatedOrg.IssueToken"/>; the refresh token is null when the scope does not ask for one.</summary>
public sealed record SimulatedToken(string AccessToken, string? RefreshToken);
