using System.Text.Json;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Answers of the OAuth endpoints, which have shapes of their own.</summary>
internal static class TokenBody
{
    /// <summary>Reads a grant; its addresses are checked here, so that no unchecked one ever gets further.</summary>
    public static TokenGrant Grant(HttpAnswer answer, string loginUrl)
    {
        var (access, refresh, instance, identity) = WireJson.Read(answer, json => (
            Access: json.Object().Text("access_token"),
            Refresh: json.OptionalText("refresh_token"),
            Instance: json.Text("instance_url"),
            Identity: json.Text("id")));
        var instanceUrl = SalesforceHosts.Check(instance, loginUrl);
        var identityUrl = SalesforceHosts.Check(identity, loginUrl);
        var parts = identityUrl.Split('/');
        if (parts is not [.., "id", var organization, var user]
            || !SalesforceId.TryNormalize(organization, out var organizationId) || !SalesforceId.HasPrefix(organizationId, "00D")
            || !SalesforceId.TryNormalize(user, out var userId) || !SalesforceId.HasPrefix(userId, "005"))
        {
            throw WireJson.Unreadable(answer);
        }

        if (!IsToken(access) || (refresh is not null && !IsToken(refresh)))
        {
            throw WireJson.Unreadable(answer);
        }

        return new TokenGrant(access, refresh, instanceUrl, identityUrl, organizationId, userId);
    }

    /// <summary>Printable ASCII (RFC 6749, appendix A.12): a token goes into a header of every call.</summary>
    private static bool IsToken(string token) => token.Length > 0 && token.All(c => c is > ' ' and <= '~');

    /// <summary>The failure that an unsuccessful answer of an OAuth endpoint stands for.</summary>
    public static CallFailure Failure(HttpAnswer answer)
    {
        if (!WireJson.TryRead(answer.Body, ReadError, out var error))
        {
            return ErrorBody.Of(answer);
        }

        var advice = SalesforceErrors.For(error.Code, error.Message);
        return new CallFailure(advice.Class, error.Code, error.Message, answer.Status, NotApplied: answer.Status is >= 400 and <= 499);
    }

    private static SalesforceError? ReadError(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.OptionalText("error") is { } code
            ? new SalesforceError(ErrorBody.Code(code), json.OptionalText("error_description") ?? code, [])
            : null;

    /// <summary>Who signed in, from the identity service or from userinfo, which name the same things differently.</summary>
    public static SalesforceIdentity Identity(HttpAnswer answer, TokenGrant grant) => WireJson.Read(answer, json =>
    {
        json.Object();
        if (json.Id("organization_id") != grant.OrganizationId || json.Id("user_id") != grant.UserId)
        {
            throw new FormatException("The identity is not the token's.");
        }

        var username = json.OptionalText("username") ?? json.Text("preferred_username");
        return new SalesforceIdentity(
            grant.OrganizationId,
            grant.OrganizationId,
            LooksLikeSandbox(grant.InstanceUrl),
            grant.UserId,
            username,
            json.OptionalText("display_name") ?? json.OptionalText("name") ?? username,
            json.OptionalText("timezone") ?? json.OptionalText("zoneinfo"));
    });

    /// <summary>Name and kind of the org from a query of Organization.</summary>
    public static SalesforceIdentity WithOrganization(HttpAnswer answer, SalesforceIdentity identity) => WireJson.Read(answer, json =>
    {
        var row = json.Object().Required("records").Items().First();
        return identity with { OrganizationName = row.OptionalText("Name") ?? identity.OrganizationName, IsSandbox = row.Flag("IsSandbox") };
    });

    private static bool LooksLikeSandbox(string instanceUrl) =>
        new Uri(instanceUrl).Host.Contains(".sandbox.", StringComparison.OrdinalIgnoreCase);
}
