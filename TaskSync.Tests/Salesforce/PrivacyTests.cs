using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

/// <summary>Section 7: tokens, subjects, details and names are never logged, at any level.</summary>
public sealed class PrivacyTests
{
    private const string Secret = "Zephyrine";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Neither_secrets_nor_personal_text_reach_the_logs_whatever_goes_wrong()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.RefreshTokenRotation = true);
        var person = await rig.AddPersonAsync($"{Secret} Rep");
        var grant = rig.GrantOf(rig.Org.Rita);
        var connection = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(person, grant, Token)).ConnectionId;
        var values = TaskValues.Unknown.With(TaskField.Subject, $"Call {Secret}").With(TaskField.Details, Secret);
        await rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-1", values)], Token);
        await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.Person, Secret, Token);
        await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new(Soql.Contains("Subject", Secret), null, includeDeleted: true), Token);
        rig.Org.ExpireAccessTokens();
        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        var stored = await rig.ConnectionAsync(connection);

        foreach (var kind in new[] { FaultKind.DropBeforeCommit, FaultKind.DropAfterCommit, FaultKind.TruncatedJson, FaultKind.ServiceUnavailableHtml, FaultKind.UnknownException })
        {
            rig.Org.Faults.Add(kind, "/composite/sobjects");
            await Record.ExceptionAsync(() => rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-2", values)], Token));
        }

        rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Resource = "/query*", Status = 400, Code = "MALFORMED_QUERY", Message = $"unexpected token: {Secret}" });
        var thrown = await Assert.ThrowsAsync<SalesforceCallException>(
            () => rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new(Soql.Contains("Subject", Secret)), Token));
        Assert.Contains(Secret, thrown.Failure.Message);
        rig.Org.RevokeGrants();
        await Record.ExceptionAsync(() => rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(rig.Org.Rita), Token);

        string[] forbidden = [Secret, grant.AccessToken, grant.RefreshToken!, rig.Open(stored.AccessToken)!, rig.Open(stored.RefreshToken)!, rig.Org.Rita.Username, "SELECT", "Bearer"];
        Assert.NotEmpty(rig.Logs.Lines);
        Assert.All(rig.Logs.Lines, line => Assert.All(forbidden, word => Assert.DoesNotContain(word, line)));

        // The exception and the records may be logged by others.
        Assert.All(forbidden, word => Assert.DoesNotContain(word, $"{thrown} {grant} {grant with { RefreshToken = null }}"));
    }
}
