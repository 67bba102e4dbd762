using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

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

    [Fact]
    public async Task What_a_row_that_is_set_aside_holds_is_not_logged_but_what_the_database_says_of_it_is()
    {
        await using var database = new TestDatabase(new TooLong());
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        var rep = await world.SyncedRepAsync();
        using var logs = new LogSink();
        world.Get<ILoggerFactory>().AddProvider(logs);
        var id = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = Secret }).Id;

        await rep.SyncAsync();

        Assert.Single(logs.Lines, line => line.Contains(id, StringComparison.Ordinal) && line.Contains("SqliteException 18", StringComparison.Ordinal));
        Assert.All(logs.Lines, line => Assert.DoesNotContain(Secret, line, StringComparison.Ordinal));
    }

    /// <summary>A database that quotes what it cannot hold, as SQL Server does.</summary>
    private sealed class TooLong : StatementInterceptor
    {
        protected override void Before(DbCommand command)
        {
            if (Sql(command).Contains("INSERT INTO \"Tasks\"", StringComparison.Ordinal))
            {
                throw new SqliteException($"String or binary data would be truncated. Truncated value: '{Secret}'.", 18);
            }
        }
    }
}
