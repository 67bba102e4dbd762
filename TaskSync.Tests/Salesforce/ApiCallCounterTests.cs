using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Salesforce;

public sealed class ApiCallCounterTests
{
    private const string Organization = "00DWs0000000001MAA";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_is_counted_by_purpose_and_agrees_with_what_the_org_counted()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        var written = (WriteOutcome.Written)(await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", TaskValues.Unknown.With(TaskField.Subject, "x"))], Token))[0];
        await rig.Api.DeleteAsync(Caller.Unasked(connection), [written.Id], Token);
        await rig.Api.UndeleteAsync(Caller.Unasked(connection), [written.Id], Token);
        await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.Person, "x", Token);
        await rig.Api.UpdatedAsync(Caller.Unasked(connection), SalesforceRig.Start.AddHours(-1), SalesforceRig.Start, Token);

        Assert.Equal(
            new Dictionary<ApiPurpose, int> { [ApiPurpose.Connect] = 3, [ApiPurpose.Poll] = 2, [ApiPurpose.Write] = 3, [ApiPurpose.Search] = 1, [ApiPurpose.Sweep] = 1 },
            rig.Counter.CallsToday().OrderBy(pair => pair.Key).ToDictionary());
        Assert.Equal((10, 2), (rig.Counter.CallsToday(connection), rig.Counter.CallsToday(connection, ApiPurpose.Poll)));
        Assert.Equal(10, rig.Org.Calls.Recent.Sum(call => call.Counted));
        Assert.Equal((10, 100_000), (rig.Counter.AllowanceOf(rig.Org.OrganizationId)!.Used, rig.Counter.AllowanceOf(rig.Org.OrganizationId)!.Limit));
    }

    [Fact]
    public async Task Failed_calls_count_too()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Faults.Add(FaultKind.ServerTooBusy, "/query");
        await Assert.ThrowsAsync<SalesforceCallException>(() => rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token));
        Assert.Equal(1, rig.Counter.CallsToday(connection, ApiPurpose.Poll));
    }

    [Fact]
    public async Task Polling_writes_nothing_to_the_database_but_counters_once_a_minute()
    {
        var writes = new WriteCounter();
        await using var database = new TestDatabase(writes);
        var time = new FakeTimeProvider(SalesforceRig.Start);
        var counter = new ApiCallCounter(time);
        using var flush = new ApiCallFlush(counter, database, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ApiCallFlush>.Instance);
        var connection = await ConnectionInAsync(database);
        writes.Reset();
        for (var i = 0; i < 100; i++)
        {
            counter.Count(connection, Organization, ApiPurpose.Poll);
            counter.Observe(Organization, i, 100_000);
        }

        Assert.Empty(writes.Statements);
        await flush.FlushAsync(Token);
        Assert.InRange(writes.Statements.Count, 1, 4);
        writes.Reset();
        await flush.FlushAsync(Token);
        Assert.Empty(writes.Statements);

        await using var db = database.CreateDbContext();
        Assert.Equal((connection, 100), await db.ApiUsage.Select(u => ValueTuple.Create(u.ConnectionId, u.Calls)).SingleAsync(Token));
        Assert.Equal((99, 100_000, SalesforceRig.Start), await db.Allowances.Select(a => ValueTuple.Create(a.Used, a.Limit, a.SeenAt)).SingleAsync(Token));
    }

    [Fact]
    public async Task Counts_are_stored_each_minute_and_when_the_app_stops()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var flush = rig.Services.GetServices<IHostedService>().OfType<ApiCallFlush>().Single();
        await flush.StartAsync(Token);
        await Until.TrueAsync(async () =>
        {
            rig.Time.Advance(ApiCallFlush.Interval);
            return await StoredAsync(rig) == 3;
        });

        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        await flush.StopAsync(Token);
        Assert.Equal(4, await StoredAsync(rig));
    }

    [Fact]
    public async Task Live_totals_include_what_other_servers_and_an_earlier_run_have_stored()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        await rig.Services.GetRequiredService<ApiCallFlush>().FlushAsync(Token);

        var other = rig.NewServer();
        await other.GetRequiredService<SalesforceApi>().CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        await other.GetRequiredService<ApiCallFlush>().FlushAsync(Token);
        Assert.Equal(4, other.GetRequiredService<ApiCallCounter>().CallsToday(connection));

        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        await rig.Services.GetRequiredService<ApiCallFlush>().FlushAsync(Token);
        Assert.Equal(5, rig.Counter.CallsToday(connection));
        Assert.Equal(5, rig.Counter.AllowanceOf(rig.Org.OrganizationId)!.Used);
    }

    [Fact]
    public async Task Counts_that_could_not_be_stored_are_kept_and_never_counted_twice()
    {
        var failing = new FailOnce();
        await using var database = new TestDatabase(failing);
        var time = new FakeTimeProvider(SalesforceRig.Start);
        var counter = new ApiCallCounter(time);
        using var flush = new ApiCallFlush(counter, database, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ApiCallFlush>.Instance);
        var connection = await ConnectionInAsync(database);
        counter.Count(connection, Organization, ApiPurpose.Poll);
        counter.Observe(Organization, 5, 10);
        failing.Armed = true;
        await Assert.ThrowsAsync<InvalidOperationException>(() => flush.FlushAsync(Token));
        Assert.Equal(1, counter.CallsToday(connection));
        counter.Count(connection, Organization, ApiPurpose.Poll);
        await flush.FlushAsync(Token);
        Assert.Equal(2, counter.CallsToday(connection));
        await using var db = database.CreateDbContext();
        Assert.Equal((2, 1), (await db.ApiUsage.SumAsync(u => u.Calls, Token), await db.Allowances.CountAsync(Token)));
    }

    [Fact]
    public async Task Calls_of_an_organization_are_those_of_all_its_connections_stored_or_not()
    {
        await using var database = new TestDatabase();
        var time = new FakeTimeProvider(SalesforceRig.Start);
        var (first, second) = (await ConnectionInAsync(database), Guid.CreateVersion7());
        await using (var db = database.CreateDbContext())
        {
            db.ApiUsage.Add(new ApiUsage { ConnectionId = first, Day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), Purpose = ApiPurpose.Poll, Calls = 7 });
            await db.SaveChangesAsync(Token);
        }

        var counter = new ApiCallCounter(time);
        using var flush = new ApiCallFlush(counter, database, time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ApiCallFlush>.Instance);
        counter.Count(first, Organization, ApiPurpose.Poll);
        await flush.FlushAsync(Token);
        counter.Count(first, Organization, ApiPurpose.Write);
        counter.Count(second, Organization, ApiPurpose.Poll);
        counter.Count(second, "00DWs0000000002MAA", ApiPurpose.Poll);
        Assert.Equal((10, 1), (counter.CallsToday(Organization), counter.CallsToday("00DWs0000000002MAA")));

        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, counter.CallsToday(Organization));
        await flush.FlushAsync(Token);
        counter.Count(first, Organization, ApiPurpose.Poll);
        Assert.Equal((1, 1), (counter.CallsToday(Organization), counter.CallsToday(first)));
    }

    [Fact]
    public void Each_day_begins_at_zero_in_UTC()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 5, 23, 59, 59, TimeSpan.Zero));
        var counter = new ApiCallCounter(time);
        var connection = Guid.CreateVersion7();
        counter.Count(connection, Organization, ApiPurpose.Poll);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, counter.CallsToday(connection));
        counter.Count(connection, Organization, ApiPurpose.Poll);
        Assert.Equal(1, counter.CallsToday(connection));
    }

    [Theory]
    [InlineData("api-usage=18/5000", 18, 5000)]
    [InlineData("api-usage=10018/100000; per-app-api-usage=17/250(appName=sample)", 10018, 100000)]
    [InlineData("api-bursts=1/750; api-usage=7/15000", 7, 15000)]
    [InlineData("per-app-api-usage=17/250(appName=sample); api-usage=18/5000", 18, 5000)]
    [InlineData("per-app-api-usage=17/250(appName=sample)", null, null)]
    [InlineData("api-usage=1/2/3", null, null)]
    [InlineData("api-usage=99999999999999/5000", null, null)]
    [InlineData("api-usage=/", null, null)]
    [InlineData("nonsense", null, null)]
    public async Task The_allowance_is_read_from_the_header_whatever_stands_around_it(string header, int? used, int? limit)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context =>
        {
            context.Response.Headers["Sforce-Limit-Info"] = header;
            return StubSalesforce.Json(context, 200, """{"totalSize":0,"done":true,"records":[]}""");
        };
        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        var reading = rig.Counter.AllowanceOf(StubSalesforce.OrganizationId);
        Assert.Equal((used, limit), (reading?.Used, reading?.Limit));
    }

    [Fact]
    public async Task S3_the_offset_to_Salesforces_clock_is_known_per_organization_after_the_first_answer()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var clock = rig.Services.GetRequiredService<ClockOffset>();
        stub.Answer = context =>
        {
            context.Response.Headers.Date = (SalesforceRig.Start + TimeSpan.FromSeconds(90)).ToString("R");
            return StubSalesforce.Json(context, 200, """{"totalSize":0,"done":true,"records":[]}""");
        };
        Assert.Null(clock.OffsetOf(StubSalesforce.OrganizationId));
        var page = await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null", null, includeDeleted: true), Token);
        Assert.Equal(TimeSpan.FromSeconds(90), clock.OffsetOf(StubSalesforce.OrganizationId));
        Assert.Equal(SalesforceRig.Start + TimeSpan.FromSeconds(90), page.ServerTime);
        Assert.Null(clock.OffsetOf("00DWs0000000002MAA"));
    }

    private static async Task<Guid> ConnectionInAsync(TestDatabase database)
    {
        await using var db = database.CreateDbContext();
        var person = new Person { SubjectId = "rita", Name = "Rita Rep" };
        var connection = new Connection { PersonId = person.Id, OrganizationId = Organization, UserId = "005Ws0000000001MAA", Username = "rita", DisplayName = "Rita Rep", OrganizationName = "Acme", InstanceUrl = "https://acme.my.salesforce.com" };
        db.AddRange(person, connection);
        await db.SaveChangesAsync(Token);
        return connection.Id;
    }

    private static async Task<int> StoredAsync(SalesforceRig rig)
    {
        await using var db = rig.Database.CreateDbContext();
        return await db.ApiUsage.SumAsync(u => u.Calls, Token);
    }

    /// <summary>Fails one commit after the rows were written.</summary>
    private sealed class FailOnce : DbTransactionInterceptor
    {
        public bool Armed { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            if (Armed)
            {
                Armed = false;
                throw new InvalidOperationException("The database went away.");
            }

            return base.TransactionCommittingAsync(transaction, eventData, result, cancellationToken);
        }
    }
}
