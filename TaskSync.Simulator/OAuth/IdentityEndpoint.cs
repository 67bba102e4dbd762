using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.OAuth;

/// <summary>Who the token's user is: <c>/id/{org}/{user}</c>, <c>/services/oauth2/userinfo</c> and <c>/services/oauth2/introspect</c>.</summary>
internal sealed class IdentityEndpoint(OrgStore store, Grants grants, SimulatorOptions options)
{
    private string OrganizationId => store[store.Schema.Organization].Rows.First().Id;

    private string Instance(WebRequest request) => request.InstanceUrl(store.Settings.InstanceName);

    /// <summary>The identity URL. Its refusals are plain text.</summary>
    public Reply Identity(WebRequest request, string organizationId, string userId)
    {
        if (request.AccessToken is null)
            return Reply.Plain(403, "Missing_OAuth_Token");
        if (grants.Use(request.AccessToken) is not { } session)
            return Reply.Plain(403, "Bad_OAuth_Token");
        if (!SalesforceId.TryNormalize(organizationId, out var organization) || organization != OrganizationId)
            return Reply.Plain(403, "Wrong_Org");
        if (!SalesforceId.TryNormalize(userId, out var id) || id != session.UserId)
            return Reply.Plain(403, "Bad_Id");
        var user = store.Find(session.UserId)!;
        return Reply.Object(200, json =>
        {
            json.WriteString("id", $"{request.BaseUrl}/id/{OrganizationId}/{user.Id}");
            json.WriteBoolean("asserted_user", true);
            json.WriteString("user_id", user.Id);
            json.WriteString("organization_id", OrganizationId);
            json.WriteString("username", user.Text("Username"));
            json.WriteString("nick_name", user.Text("CommunityNickname"));
            json.WriteString("display_name", user.Text("Name"));
            json.WriteString("email", user.Text("Email"));
            json.WriteBoolean("email_verified", true);
            json.WriteString("first_name", user.Text("FirstName"));
            json.WriteString("last_name", user.Text("LastName"));
            json.WriteString("timezone", user.Text("TimeZoneSidKey"));
            WritePhotos(json, request);
            json.WriteNull("mobile_phone");
            json.WriteBoolean("mobile_phone_verified", false);
            json.WriteStartObject("status");
            json.WriteNull("created_date");
            json.WriteNull("body");
            json.WriteEndObject();
            WriteUrls(json, request);
            json.WriteBoolean("active", true);
            WriteUser(json, user);
            json.WriteString("last_modified_date", SalesforceTime.Text(user.SystemModstamp));
            json.WriteBoolean("is_app_installed", true);
        });
    }

    public Reply UserInfo(WebRequest request)
    {
        if (grants.Use(request.AccessToken) is not { } session)
            return Reply.Plain(403, request.AccessToken is null ? "Missing_OAuth_Token" : "Bad_OAuth_Token");
        var user = store.Find(session.UserId)!;
        return Reply.Object(200, json =>
        {
            json.WriteString("sub", $"{request.BaseUrl}/id/{OrganizationId}/{user.Id}");
            json.WriteString("user_id", user.Id);
            json.WriteString("organization_id", OrganizationId);
            json.WriteString("preferred_username", user.Text("Username"));
            json.WriteString("nickname", user.Text("CommunityNickname"));
            json.WriteString("name", user.Text("Name"));
            json.WriteString("email", user.Text("Email"));
            json.WriteBoolean("email_verified", true);
            json.WriteString("given_name", user.Text("FirstName"));
            json.WriteString("family_name", user.Text("LastName"));
            json.WriteString("zoneinfo", user.Text("TimeZoneSidKey"));
            WritePhotos(json, request);
            json.WriteString("profile", $"{Instance(request)}/{user.Id}");
            json.WriteBoolean("is_salesforce_integration_user", false);
            WriteUrls(json, request);
            json.WriteBoolean("active", true);
            WriteUser(json, user);
            json.WriteString("updated_at", SalesforceTime.Text(user.SystemModstamp));
        });
    }

    public Reply Introspect(WebRequest request)
    {
        var token = request.Form.GetValueOrDefault("token") ?? "";
        var session = grants.FindSession(token);
        var active = session is { Ended: false } && store.Time.GetUtcNow() - session.LastUsedAt <= options.AccessTokenLifetime;
        return Reply.Object(200, json =>
        {
            json.WriteBoolean("active", active);
            if (!active)
                return;
            var grant = grants.FindGrant(session!.GrantId)!;
            json.WriteString("scope", grant.Scope);
            json.WriteString("client_id", grant.ClientId);
            json.WriteString("username", store.Find(session.UserId)!.Text("Username"));
            json.WriteString("sub", $"{request.BaseUrl}/id/{OrganizationId}/{session.UserId}");
            json.WriteString("token_type", "access_token");
            json.WriteNumber("exp", (session.LastUsedAt + options.AccessTokenLifetime).ToUnixTimeSeconds());
            json.WriteNumber("iat", session.IssuedAt.ToUnixTimeSeconds());
        });
    }

    private void WritePhotos(Utf8JsonWriter json, WebRequest request)
    {
        json.WriteStartObject("photos");
        json.WriteString("picture", $"{Instance(request)}/profilephoto/005/F");
        json.WriteString("thumbnail", $"{Instance(request)}/profilephoto/005/T");
        json.WriteEndObject();
    }

    private void WriteUrls(Utf8JsonWriter json, WebRequest request)
    {
        json.WriteStartObject("urls");
        json.WriteString("enterprise", $"{Instance(request)}/services/Soap/c/{{version}}/{SalesforceId.Short(OrganizationId)}");
        json.WriteString("partner", $"{Instance(request)}/services/Soap/u/{{version}}/{SalesforceId.Short(OrganizationId)}");
        json.WriteString("rest", $"{Instance(request)}/services/data/v{{version}}/");
        json.WriteString("sobjects", $"{Instance(request)}/services/data/v{{version}}/sobjects/");
        json.WriteString("query", $"{Instance(request)}/services/data/v{{version}}/query/");
        json.WriteString("custom_domain", Instance(request));
        json.WriteEndObject();
    }

    private void WriteUser(Utf8JsonWriter json, Row user)
    {
        json.WriteString("user_type", "STANDARD");
        json.WriteString("language", user.Text("LanguageLocaleKey"));
        json.WriteString("locale", user.Text("LocaleSidKey"));
        json.WriteNumber("utcOffset", (long)Viewer.ZoneOf(user).GetUtcOffset(store.Time.GetUtcNow()).TotalMilliseconds);
    }
}
