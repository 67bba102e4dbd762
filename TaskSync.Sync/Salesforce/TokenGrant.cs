namespace TaskSync.Sync.Salesforce;

/// <summary>What the token endpoint granted. Holds secrets: its text shows none.</summary>
/// <param name="AccessToken">Bearer token for <paramref name="InstanceUrl"/>.</param>
/// <param name="RefreshToken">Null when the scope was not granted, or on a refresh without rotation.</param>
/// <param name="InstanceUrl">Where REST calls go; already checked to be a Salesforce host or the login host.</param>
/// <param name="IdentityUrl">…/id/{organization}/{user}; already checked in the same way.</param>
/// <param name="OrganizationId">18 characters, from the identity address.</param>
/// <param name="UserId">18 characters, from the identity address.</param>
public sealed record TokenGrant(
    string AccessToken, string? RefreshToken, string InstanceUrl, string IdentityUrl, string OrganizationId, string UserId)
{
    /// <inheritdoc/>
    public override string ToString() => $"TokenGrant of {UserId} in {OrganizationId}";
}

/// <summary>Who signed in (Salesforce help, "Identity URLs").</summary>
/// <param name="OrganizationId">18 characters.</param>
/// <param name="OrganizationName">The org's name, or its id where the user may not read it.</param>
/// <param name="IsSandbox">From the Organization record, else from the host's name.</param>
/// <param name="UserId">18 characters.</param>
/// <param name="Username">The sign-in name, an e-mail address in form.</param>
/// <param name="DisplayName">What people call the user.</param>
/// <param name="TimeZone">IANA zone, null when unknown.</param>
public sealed record SalesforceIdentity(
    string OrganizationId, string OrganizationName, bool IsSandbox, string UserId, string Username, string DisplayName, string? TimeZone);
