using System.Security.Cryptography;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.OAuth;

/// <summary>Approvals, refresh tokens, access tokens and codes. The caller holds the org's gate.</summary>
internal sealed class Grants(OrgStore store, SimulatorOptions options, Journal journal)
{
    /// <summary>The sixth approval of an app by a user silently revokes the oldest.</summary>
    private const int MostPerUserAndApp = 5;

    private readonly Dictionary<string, Grant> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byRefreshToken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AuthorizationCode> _codes = new(StringComparer.Ordinal);

    public IEnumerable<Grant> All => _grants.Values;

    private DateTimeOffset Now => store.Time.GetUtcNow();

    public string NewCode(string userId, string clientId, string redirectUri, string scope, string? challenge)
    {
        var code = "aPrx" + Secret(40);
        _codes[code] = new AuthorizationCode(code, userId, clientId, redirectUri, scope, challenge, Now);
        return code;
    }

    /// <summary>Takes the code out of circulation; null when it is unknown, used or too old.</summary>
    public AuthorizationCode? TakeCode(string code) =>
        _codes.Remove(code, out var found) && Now - found.IssuedAt <= AuthorizationCode.Lifetime ? found : null;

    public Grant Approve(string userId, string clientId, string scope)
    {
        var others = _grants.Values.Where(g => !g.Revoked && g.UserId == userId && g.ClientId == clientId).OrderBy(g => g.CreatedAt).ToList();
        foreach (var oldest in others.Take(Math.Max(0, others.Count - MostPerUserAndApp + 1)))
            Revoke(oldest);
        var wantsRefresh = scope.Split(' ').Any(s => s is "refresh_token" or "offline_access");
        var grant = new Grant(Guid.NewGuid().ToString("N"), userId, clientId, scope, Now) { RefreshToken = wantsRefresh ? NewRefreshToken() : null };
        Save(grant);
        return grant;
    }

    /// <summary>The live grant a refresh token belongs to. Re-using a rotated one revokes the grant, as Salesforce does.</summary>
    public Grant? ByRefreshToken(string token)
    {
        if (!_byRefreshToken.TryGetValue(token, out var id) || _grants[id] is not { Revoked: false } grant)
            return null;
        if (grant.RefreshToken == token)
            return grant;
        Revoke(grant);
        return null;
    }

    public Grant Rotate(Grant grant)
    {
        var rotated = grant with { RefreshToken = NewRefreshToken(), UsedUp = [.. grant.UsedUp, grant.RefreshToken!] };
        Save(rotated);
        return rotated;
    }

    public Session StartSession(Grant grant)
    {
        var org = SalesforceId.Short(store[store.Schema.Organization].Rows.First().Id);
        var session = new Session($"{org}!AQ{Secret(70)}", grant.Id, grant.UserId, Now);
        _sessions[session.Token] = session;
        journal.Entry("session", session);
        journal.Flush();
        return session;
    }

    /// <summary>The session of an access token, its life prolonged; null when it is unknown, expired or revoked, or the user is inactive.</summary>
    public Session? Use(string? token)
    {
        if (token is null || !_sessions.TryGetValue(token, out var session) || session.Ended || Now - session.LastUsedAt > options.AccessTokenLifetime
            || store.Find(session.UserId) is not { } user || !user.Is("IsActive"))
            return null;
        return _sessions[token] = session with { LastUsedAt = Now };
    }

    public Session? FindSession(string token) => _sessions.GetValueOrDefault(token);

    public Grant? FindGrant(string id) => _grants.GetValueOrDefault(id);

    /// <summary>Revokes by access or refresh token; false when the token is unknown or dead already.</summary>
    public bool Revoke(string token)
    {
        if (_sessions.TryGetValue(token, out var session) && !session.Ended)
        {
            End(session);
            return true;
        }
        if (!_byRefreshToken.TryGetValue(token, out var id) || _grants[id].Revoked)
            return false;
        Revoke(_grants[id]);
        return true;
    }

    public void Revoke(Grant grant)
    {
        Save(grant with { Revoked = true });
        foreach (var session in _sessions.Values.Where(s => s.GrantId == grant.Id && !s.Ended).ToList())
            End(session);
    }

    /// <summary>Ends access tokens as a session timeout would; refresh tokens stay good.</summary>
    public void EndSessions(string? userId)
    {
        foreach (var session in _sessions.Values.Where(s => !s.Ended && (userId is null || s.UserId == userId)).ToList())
            End(session);
    }

    public void Restore(Grant grant)
    {
        _grants[grant.Id] = grant;
        foreach (var token in grant.UsedUp)
            _byRefreshToken[token] = grant.Id;
        if (grant.RefreshToken is { } current)
            _byRefreshToken[current] = grant.Id;
    }

    public void Restore(Session session) => _sessions[session.Token] = session.Ended ? session : session with { LastUsedAt = Now };

    public void WriteAll(Journal to)
    {
        foreach (var grant in _grants.Values)
            to.Entry("grant", grant);
        foreach (var session in _sessions.Values.Where(s => !s.Ended))
            to.Entry("session", session);
    }

    private void End(Session session)
    {
        _sessions[session.Token] = session with { Ended = true };
        journal.Entry("session", _sessions[session.Token]);
        journal.Flush();
    }

    private void Save(Grant grant)
    {
        Restore(grant);
        journal.Entry("grant", grant);
        journal.Flush();
    }

    private static string NewRefreshToken() => "5Aep861" + Secret(79);

    private static string Secret(int length) => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._", length);
}
