using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>What one call needs to know of its connection. Holds a secret: its text shows none.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="OrganizationId">18 characters.</param>
/// <param name="UserId">18 characters.</param>
/// <param name="InstanceUrl">Checked when it was stored; without a slash at its end.</param>
/// <param name="AccessToken">In the clear.</param>
/// <param name="SealedToken">As stored: tells whether somebody has replaced it since.</param>
internal sealed record SalesforceSession(
    Guid ConnectionId, string OrganizationId, string UserId, string InstanceUrl, string AccessToken, string SealedToken)
{
    /// <inheritdoc/>
    public override string ToString() => $"SalesforceSession of {ConnectionId}";
}

/// <summary>The columns of a connection that sessions live on.</summary>
internal sealed record SessionRow(
    Guid Id, ConnectionKind Kind, string Username, Guid PersonId, string OrganizationId, string UserId, string InstanceUrl, string? AccessToken, string? RefreshToken, ConnectionState State, string? StateReason)
{
    /// <inheritdoc/>
    public override string ToString() => $"SessionRow of {Id}";
}
