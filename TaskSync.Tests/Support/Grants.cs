using TaskSync.Simulator;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Support;

/// <summary>The grant that the OAuth redirect ends with, without the browser.</summary>
public static class Grants
{
    public static TokenGrant GrantOf(this SimulatorHost simulator, SimulatedUser user)
    {
        var issued = simulator.Org.IssueToken(user.Id);
        var address = simulator.BaseAddress.ToString().TrimEnd('/');
        var organization = simulator.Org.OrganizationId;
        return new TokenGrant(issued.AccessToken, issued.RefreshToken, address, $"{address}/id/{organization}/{user.Id}", organization, user.Id);
    }
}
