using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceSessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_expired_token_is_renewed_and_the_call_made_again()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.ExpireAccessTokens();
        Assert.Equal(0, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(1, rig.Org.Calls.Count("/oauth2/token"));
        Assert.Equal(ConnectionState.Active, (await rig.ConnectionAsync(connection)).State);
    }

    [Fact]
    public async Task A_thousand_threads_with_one_expired_token_cause_one_refresh()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.RefreshTokenRotation = true);
        var connection = await rig.ConnectAsync();
        rig.Org.ExpireAccessTokens();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token), Token)));
        Assert.Equal(1, rig.Org.Calls.Count("/oauth2/token"));
    }

    [Fact]
    public async Task A_thousand_threads_of_four_servers_on_one_database_cause_one_refresh()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        stub.Answer = async context =>
        {
            if (context.Request.Path.StartsWithSegments("/services/oauth2/token"))
            {
                asked.TrySetResult();
                await answer.Task;
                await StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2"));
            }
            else
            {
                await (context.Request.Headers.Authorization == "Bearer access-2"
                    ? StubSalesforce.Json(context, 200, """{"totalSize":3,"done":true,"records":[]}""")
                    : StubSalesforce.Error(context, 401, "INVALID_SESSION_ID"));
            }
        };
        var first = rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        await asked.Task;
        var servers = Enumerable.Range(0, 3).Select(_ => rig.NewServer().GetRequiredService<SalesforceApi>()).ToList();
        var others = servers.SelectMany(server => Enumerable.Range(0, 333).Select(_ => server.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).ToList();

        // One of each server waits for the first server's refresh, the others for that one.
        await rig.Time.SleepersAsync(servers.Count);
        answer.SetResult();
        await first;
        rig.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.All(await Task.WhenAll(others), found => Assert.Equal(3, found));
        Assert.Equal(1, stub.Count("/services/oauth2/token"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_rotated_refresh_token_is_stored_even_if_the_database_fails_meanwhile(int failures)
    {
        await using var stub = await StubSalesforce.StartAsync();
        var busy = new BusySessions();
        await using var rig = SalesforceRig.OverIntercepted(stub.Url, busy);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = async context =>
        {
            if (context.Request.Path.StartsWithSegments("/services/oauth2/token"))
            {
                busy.Failures = failures;
                await StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2"));
            }
            else if (context.Request.Headers.Authorization == "Bearer access-2")
            {
                await StubSalesforce.Json(context, 200, """{"totalSize":3,"done":true,"records":[]}""");
            }
            else
            {
                await StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
            }
        };

        Assert.Equal(3, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(0, busy.Failures);
        Assert.Equal("refresh-2", rig.Open((await rig.ConnectionAsync(connection)).RefreshToken));
    }

    /// <summary>A database that is busy for so many statements that store a session.</summary>
    private sealed class BusySessions : StatementInterceptor
    {
        public int Failures { get; set; }

        protected override void Before(DbCommand command)
        {
            if (Failures > 0 && Sql(command).StartsWith("UPDATE", StringComparison.Ordinal) && Sql(command).Contains("\"Connections\"", StringComparison.Ordinal))
            {
                Failures--;
                throw new SqliteException("database is locked", 5);
            }
        }
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_stored_before_the_new_access_token_is_used()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var storedAtUse = new ConcurrentQueue<string?>();
        stub.Answer = async context =>
        {
            if (context.Request.Path.StartsWithSegments("/services/oauth2/token"))
            {
                await StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2"));
            }
            else if (context.Request.Headers.Authorization == "Bearer access-2")
            {
                storedAtUse.Enqueue(rig.Open((await rig.ConnectionAsync(connection)).RefreshToken));
                await StubSalesforce.Json(context, 200, """{"totalSize":3,"done":true,"records":[]}""");
            }
            else
            {
                await StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
            }
        };
        Assert.Equal(3, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(["refresh-2"], storedAtUse);
    }

    [Fact]
    public async Task Leaving_the_page_during_a_refresh_does_not_lose_the_rotated_token()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        using var page = new CancellationTokenSource();
        stub.Answer = async context =>
        {
            if (context.Request.Path.StartsWithSegments("/services/oauth2/token"))
            {
                await page.CancelAsync();
                await StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2"));
                return;
            }

            await StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), page.Token));
        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal(("access-2", "refresh-2", ConnectionState.Active), (rig.Open(stored.AccessToken), rig.Open(stored.RefreshToken), stored.State));
    }

    [Fact]
    public async Task A_revoked_grant_asks_to_reconnect_in_plain_words_and_tells_the_pages()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.RevokeGrants();
        var told = 0;
        using var subscription = rig.Services.GetRequiredService<ChangeFeed>().Subscribe((await rig.ConnectionAsync(connection)).PersonId, () => told++);
        var failure = await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal((FailureClass.Auth, true), (failure.Class, failure.NotApplied));

        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal(ConnectionState.NeedsReconnect, stored.State);
        Assert.Contains("Reconnect on Settings", stored.StateReason);
        Assert.Equal(1, told);

        // From now on nothing is sent at all.
        var before = rig.Org.Calls.Total;
        Assert.Equal(FailureCodes.NotConnected, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Code);
        Assert.Equal(before, rig.Org.Calls.Total);
    }

    [Fact]
    public async Task An_inactive_user_is_told_whom_to_ask()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.UpdateUser(rig.Org.Rita.Id, new() { ["IsActive"] = false });
        rig.Org.ExpireAccessTokens();
        await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Contains("Ask your Salesforce admin to activate your user", (await rig.ConnectionAsync(connection)).StateReason);
    }

    [Fact]
    public async Task A_refresh_that_is_already_being_processed_waits_and_asks_nobody()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.ExpireAccessTokens();
        rig.Org.Faults.Add(FaultKind.TokenRequestBusy, "/oauth2/token");
        var failure = await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal((FailureClass.Intermittent, true), (failure.Class, failure.NotApplied));
        Assert.Equal(ConnectionState.Active, (await rig.ConnectionAsync(connection)).State);
        Assert.Equal(0, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
    }

    [Theory]
    [InlineData("Connected app is not attached to Agent")]
    [InlineData("This session is not valid for use with the REST API")]
    public async Task A_refusal_of_the_app_is_no_reason_to_refresh(string message)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Error(context, 401, "INVALID_SESSION_ID", message);
        await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(0, stub.Count("/services/oauth2/token"));
        Assert.Single(stub.Requests);
        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal(ConnectionState.NeedsReconnect, stored.State);
        Assert.Contains("Ask your Salesforce admin", stored.StateReason);
    }

    [Fact]
    public async Task A_fresh_token_that_is_refused_too_does_not_loop()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => context.Request.Path.StartsWithSegments("/services/oauth2/token")
            ? StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2"))
            : StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
        var failure = await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(("INVALID_SESSION_ID", FailureClass.Intermittent, true), (failure.Code, failure.Class, failure.NotApplied));
        Assert.Equal((1, 2), (stub.Count("/services/oauth2/token"), stub.Count("/query")));
        Assert.Equal(ConnectionState.Active, (await rig.ConnectionAsync(connection)).State);
    }

    [Fact]
    public async Task When_fresh_tokens_are_refused_five_times_in_a_row_the_rep_is_asked_to_reconnect()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var accepts = false;
        stub.Answer = context => context.Request.Path.StartsWithSegments("/services/oauth2/token") ? StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2"))
            : accepts ? StubSalesforce.Json(context, 200, """{"totalSize":1,"done":true,"records":[]}""")
            : StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
        var classes = new List<FailureClass>();
        for (var i = 0; i < 9; i++)
        {
            // A success in between starts the count anew.
            accepts = i == 4;
            var failure = await Record.ExceptionAsync(() => rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
            classes.AddRange(failure is SalesforceCallException { Failure.Class: var kind } ? [kind] : []);
        }

        Assert.Equal(Enumerable.Repeat(FailureClass.Intermittent, 8), classes);
        Assert.Equal(FailureClass.Auth, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Class);
        Assert.Equal(ConnectionState.NeedsReconnect, (await rig.ConnectionAsync(connection)).State);
    }

    [Theory]
    [InlineData("API_CURRENTLY_DISABLED", "API Enabled")]
    [InlineData("API_DISABLED_FOR_ORG", "API access")]
    public async Task A_user_without_API_permission_is_told_what_to_ask_for(string code, string words)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Error(context, 403, code);
        await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal(ConnectionState.NeedsReconnect, stored.State);
        Assert.Contains(words, stored.StateReason);
    }

    [Fact]
    public async Task A_401_page_of_something_on_the_way_does_not_end_the_sign_in()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => context.Request.Path.StartsWithSegments("/services/oauth2/token")
            ? StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2"))
            : StubSalesforce.Json(context, 401, "<html>proxy</html>", "text/html");
        Assert.Equal("HTTP_401", (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Code);
        Assert.Equal(ConnectionState.Active, (await rig.ConnectionAsync(connection)).State);
    }

    [Fact]
    public async Task A_changed_instance_address_is_stored_and_used()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync($"{stub.Url}/old");
        stub.Answer = context => context.Request.Path.Value!.Split('/')[1] switch
        {
            "old" => StubSalesforce.Error(context, 401, "INVALID_SESSION_ID"),
            "new" => StubSalesforce.Json(context, 200, """{"totalSize":1,"done":true,"records":[]}"""),
            _ => StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", instanceUrl: $"{stub.Url}/new/")),
        };
        Assert.Equal(1, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal($"{stub.Url}/new", (await rig.ConnectionAsync(connection)).InstanceUrl);
    }

    [Theory]
    [InlineData("not reset")]
    [InlineData("redirect")]
    [InlineData("no page")]
    [InlineData("reset")]
    public async Task An_address_that_answers_no_more_is_asked_for_once_and_the_call_goes_on(string how)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync($"{stub.Url}/old");
        stub.Answer = context => context.Request.Path.Value!.Split('/')[1] switch
        {
            "old" => Gone(context, how),
            "new" => StubSalesforce.Json(context, 200, """{"totalSize":1,"done":true,"records":[]}"""),
            _ => StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2", $"{stub.Url}/new")),
        };
        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token)));
        Assert.All(counts, count => Assert.Equal(1, count));
        Assert.Equal(1, stub.Count("/oauth2/token"));
        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal(($"{stub.Url}/new", ConnectionState.Active), (stored.InstanceUrl, stored.State));
    }

    [Theory]
    [InlineData("not reset", "URL_NOT_RESET")]
    [InlineData("redirect", FailureCodes.UnexpectedRedirect)]
    [InlineData("no page", FailureCodes.PageNotFound)]
    [InlineData("reset", FailureCodes.ConnectionBroken)]
    public async Task An_address_that_stays_the_same_is_asked_for_once_a_minute(string how, string code)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync($"{stub.Url}/old");
        stub.Answer = context => context.Request.Path.StartsWithSegments("/old")
            ? Gone(context, how)
            : StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", instanceUrl: $"{stub.Url}/old"));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(code, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Code);
        }

        Assert.Equal((1, 4), (stub.Count("/oauth2/token"), stub.Count("/query")));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(2, stub.Count("/oauth2/token"));
        Assert.Equal(ConnectionState.Active, (await rig.ConnectionAsync(connection)).State);
    }

    [Fact]
    public async Task S5_a_write_that_broke_at_the_old_address_stays_unknown_and_is_not_repeated()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync($"{stub.Url}/old");
        stub.Answer = context => context.Request.Path.StartsWithSegments("/old")
            ? Gone(context, "reset")
            : StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", instanceUrl: $"{stub.Url}/new"));
        var failure = await FailsAsync(rig.Api.DeleteAsync(Caller.Unasked(connection), ["00TWs00000A1b2cMAB"], Token));
        Assert.Equal((FailureCodes.ConnectionBroken, false), (failure.Code, failure.NotApplied));
        Assert.Equal(0, stub.Count("/new"));
        Assert.Equal($"{stub.Url}/new", (await rig.ConnectionAsync(connection)).InstanceUrl);
    }

    [Fact]
    public async Task The_clock_of_an_org_that_moved_is_read_at_its_new_address()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync($"{stub.Url}/old");
        stub.Answer = context => context.Request.Path.Value!.Split('/')[1] switch
        {
            "old" => Gone(context, "not reset"),
            "new" => StubSalesforce.Json(context, 200, "[]"),
            _ => StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", instanceUrl: $"{stub.Url}/new")),
        };
        await rig.Api.ServerTimeAsync(Caller.Unasked(connection), Token);
        Assert.Equal(1, stub.Count("/new/services/data/"));
        Assert.Equal(0, rig.Counter.CallsToday(connection));
    }

    [Fact]
    public async Task A_stored_address_that_may_not_be_used_any_more_gets_no_token_but_a_refresh()
    {
        await using var elsewhere = await StubSalesforce.StartAsync();
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(elsewhere.Url);
        stub.Answer = context => context.Request.Path.StartsWithSegments("/services/oauth2/token")
            ? StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2"))
            : StubSalesforce.Json(context, 200, """{"totalSize":1,"done":true,"records":[]}""");
        Assert.Equal(1, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Empty(elsewhere.Requests);
        Assert.Equal(stub.Url, (await rig.ConnectionAsync(connection)).InstanceUrl);
    }

    [Fact]
    public async Task A_foreign_instance_address_in_a_refresh_is_neither_stored_nor_used()
    {
        await using var evil = await StubSalesforce.StartAsync();
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => context.Request.Path.StartsWithSegments("/services/oauth2/token")
            ? StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2", evil.Url))
            : StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
        var failure = await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal((FailureCodes.UnsafeAddress, true), (failure.Code, failure.NotApplied));
        Assert.Empty(evil.Requests);
        Assert.Equal(stub.Url, (await rig.ConnectionAsync(connection)).InstanceUrl);
    }

    [Theory]
    [InlineData("005Ws0000000002IAA", StubSalesforce.OrganizationId)]
    [InlineData(StubSalesforce.UserId, "00DWs0000000002MAA")]
    public async Task F9_a_refresh_that_belongs_to_another_user_or_organization_is_not_used(string userId, string organizationId)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => context.Request.Path.StartsWithSegments("/services/oauth2/token")
            ? StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2", userId: userId, organizationId: organizationId))
            : StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
        Assert.Equal(FailureCodes.WrongSalesforceUser, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Code);
        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal(ConnectionState.NeedsReconnect, stored.State);
        Assert.Equal("refresh-1", rig.Open(stored.RefreshToken));
        Assert.Equal(1, stub.Count("/query"));
    }

    [Fact]
    public async Task A_server_that_died_during_a_refresh_holds_up_the_others_for_a_minute_only()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var dead = $"refreshing:{(rig.Time.GetUtcNow() + TimeSpan.FromSeconds(60)).UtcTicks}:0123";
        await rig.SetAsync(connection, c => c.AccessToken = dead);
        var call = rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        await rig.Time.SleepersAsync(1);
        rig.Time.Advance(TimeSpan.FromSeconds(59.5));
        await rig.Time.SleepersAsync(1);
        Assert.Equal(0, rig.Org.Calls.Count("/oauth2/token"));
        rig.Time.Advance(TimeSpan.FromSeconds(0.5));
        await call;
        Assert.Equal(1, rig.Org.Calls.Count("/oauth2/token"));
    }

    [Fact]
    public async Task A_sign_in_that_cannot_be_decrypted_any_more_asks_to_reconnect()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        await rig.SetAsync(connection, c => (c.AccessToken, c.RefreshToken) = ("garbage", "garbage"));
        Assert.Equal(FailureCodes.TokenUnreadable, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Code);
        Assert.Equal(ConnectionState.NeedsReconnect, (await rig.ConnectionAsync(connection)).State);
    }

    [Fact]
    public async Task Disconnecting_during_a_refresh_wins_and_the_rotated_token_is_revoked()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var revoked = new ConcurrentQueue<string>();
        stub.Answer = async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/services/oauth2/token":
                    await rig.Connections.DisconnectAsync((await rig.ConnectionAsync(connection)).PersonId, Token);
                    await StubSalesforce.Json(context, 200, stub.TokenAnswer("access-2", "refresh-2"));
                    break;
                case "/services/oauth2/revoke":
                    revoked.Enqueue((await context.Request.ReadFormAsync())["token"]!);
                    break;
                default:
                    await StubSalesforce.Error(context, 401, "INVALID_SESSION_ID");
                    break;
            }
        };
        Assert.Equal(FailureCodes.NotConnected, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token))).Code);
        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal((ConnectionState.Disconnected, null, null), (stored.State, stored.AccessToken, stored.RefreshToken));
        Assert.Equal(["refresh-1", "refresh-2"], revoked);
    }

    private static Task Gone(HttpContext context, string how)
    {
        context.Response.Headers.Location = "/elsewhere";
        switch (how)
        {
            case "redirect":
                return StubSalesforce.Json(context, 302, "");
            case "no page":
                return StubSalesforce.Json(context, 404, "<html>URL no longer exists</html>", "text/html");
            case "reset":
                context.Abort();
                return Task.CompletedTask;
            default:
                return StubSalesforce.Error(context, 404, "URL_NOT_RESET");
        }
    }

    private static async Task<CallFailure> FailsAsync(Task call) => (await Assert.ThrowsAsync<SalesforceCallException>(() => call)).Failure;
}
