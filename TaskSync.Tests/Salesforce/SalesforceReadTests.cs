using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceReadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_is_read_with_every_field_in_canonical_form()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var contact = rig.Org.CreateRecord("Contact", new() { ["FirstName"] = "Ana", ["LastName"] = "Adler" });
        var account = rig.Org.CreateRecord("Account", new() { ["Name"] = "Adler & Söhne" });
        var created = rig.Org.CreateTask(rig.Org.Rita.Id, new()
        {
            ["Subject"] = "Call Ana",
            ["ActivityDate"] = new DateOnly(2026, 3, 6),
            ["Status"] = "In Progress",
            ["Priority"] = "High",
            ["Description"] = "first\nsecond <b>",
            ["Type"] = "Call",
            ["IsReminderSet"] = true,
            ["ReminderDateTime"] = new DateTimeOffset(2026, 3, 6, 9, 30, 0, TimeSpan.FromHours(1)),
            ["WhoId"] = contact,
            ["WhatId"] = account,
            ["CallDisposition"] = "Left a message",
        });

        var page = await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new($"OwnerId = {Soql.Id(rig.Org.Rita.Id)}", "Id", includeDeleted: true), Token);
        Assert.Equal((1, null, SalesforceRig.Start), (page.TotalSize, page.NextPage, page.ServerTime));
        var task = Assert.Single(page.Tasks);
        Assert.Equal(created.Id, task.Id);
        Assert.Equal(
            TaskValues.Unknown.With(TaskField.Subject, "Call Ana").With(TaskField.DueDate, "2026-03-06").With(TaskField.Status, "In Progress").With(TaskField.Priority, "High")
                .With(TaskField.Details, "first\nsecond <b>").With(TaskField.Type, "Call").With(TaskField.Reminder, "2026-03-06T08:30:00Z")
                .With(TaskField.Person, contact).With(TaskField.RelatedTo, account).With(TaskField.CallResult, "Left a message"),
            task.Values);
        Assert.Equal(("Ana Adler", "Adler & Söhne", rig.Org.Rita.Id, rig.Org.Rita.Id), (task.WhoName, task.WhatName, task.OwnerId, task.CreatedById));
        Assert.Equal((false, false, false, false, null, null), (task.IsClosed, task.IsDeleted, task.IsArchived, task.IsRecurrence, task.CompletedAt, task.Key));
        Assert.Equal((created.CreatedDate, created.LastModifiedDate, created.SystemModstamp), (task.CreatedDate, task.LastModifiedDate, task.SystemModstamp));
        Assert.NotNull(task.LastModifiedByName);
    }

    [Fact]
    public async Task S3_empty_fields_are_known_to_be_empty_and_hidden_ones_are_unknown()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.HiddenFields.Add("Type"));
        var connection = await rig.ConnectAsync();
        rig.Org.CreateTask(rig.Org.Rita.Id, new() { ["Subject"] = "x" });
        var task = Assert.Single((await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token)).Tasks);
        Assert.Equal(TaskFields.All & ~TaskFields.Type, task.Values.Known);
        Assert.Null(task.Values[TaskField.Reminder]);
        Assert.Equal(TaskFields.All & ~TaskFields.Type, (await rig.ConnectionAsync(connection)).Schema.Readable);
    }

    [Fact]
    public async Task A_field_that_is_hidden_later_is_noticed_and_the_read_goes_on_without_it()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.CreateTask(rig.Org.Rita.Id, new() { ["Subject"] = "x", ["Type"] = "Call" });
        rig.Org.HideField("Type");
        rig.Org.HideField("WhoId");
        var task = Assert.Single((await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token)).Tasks);
        Assert.Equal(TaskFields.All & ~TaskFields.Type & ~TaskFields.Person, task.Values.Known);
        Assert.False((await rig.ConnectionAsync(connection)).Schema.Readable.Holds(TaskField.Type));
    }

    [Fact]
    public async Task A_question_that_stays_wrong_is_not_asked_for_ever()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var before = rig.Org.Calls.Count("/sobjects/Task/describe");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("INVALID_FIELD", (await FailsAsync(rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Nonsense__c = 1"), Token))).Code);
        }

        Assert.Equal(before + 1, rig.Org.Calls.Count("/sobjects/Task/describe"));
    }

    [Fact]
    public async Task Long_lists_come_page_by_page_in_the_order_asked_for()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.MaxPageSize = 7);
        var connection = await rig.ConnectAsync();
        for (var i = 0; i < 20; i++)
        {
            rig.Org.CreateTask(rig.Org.Rita.Id, new() { ["Subject"] = $"{i:00}" });
        }

        var subjects = new List<string?>();
        var page = await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Import, new("Id != null", "Subject DESC"), Token);
        subjects.AddRange(page.Tasks.Select(t => t.Values[TaskField.Subject]));
        while (page.NextPage is { } next)
        {
            Assert.Equal(20, page.TotalSize);
            page = await rig.Api.NextTasksAsync(Caller.Unasked(connection), ApiPurpose.Import, next, Token);
            subjects.AddRange(page.Tasks.Select(t => t.Values[TaskField.Subject]));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{19 - i:00}"), subjects);
    }

    [Fact]
    public async Task A_forgotten_list_says_so()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.MaxPageSize = 1);
        var connection = await rig.ConnectAsync();
        rig.Org.CreateTask(rig.Org.Rita.Id);
        rig.Org.CreateTask(rig.Org.Rita.Id);
        var page = await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Import, new("Id != null"), Token);
        rig.Org.ExpireQueryLocators();
        Assert.Equal("INVALID_QUERY_LOCATOR", (await FailsAsync(rig.Api.NextTasksAsync(Caller.Unasked(connection), ApiPurpose.Import, page.NextPage!, Token))).Code);
    }

    [Theory]
    [InlineData("https://evil.example/services/data/v66.0/query/01g-2000")]
    [InlineData("//evil.example/services/data/v66.0/query/01g-2000")]
    [InlineData("@evil.example/services/data/v66.0/query/01g-2000")]
    [InlineData("/services/data/v66.0/query/../../../secur/logout")]
    [InlineData("/services/data/v66.0/sobjects/Task")]
    [InlineData("/services/data/v66.0/query?q=SELECT")]
    [InlineData(".evil.example/")]
    [InlineData("")]
    public async Task A_next_page_that_leads_elsewhere_is_not_asked_for(string path)
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var before = rig.Org.Calls.Total;
        Assert.Equal("INVALID_QUERY_LOCATOR", (await FailsAsync(rig.Api.NextTasksAsync(Caller.Unasked(connection), ApiPurpose.Import, path, Token))).Code);
        Assert.Equal(before, rig.Org.Calls.Total);
    }

    [Fact]
    public async Task S7_by_id_shows_deleted_and_archived_tasks_and_leaves_out_what_is_purged_or_hidden()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var live = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        var deleted = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(deleted);
        var archived = rig.Org.Archive(rig.Org.CreateTask(rig.Org.Rita.Id).Id).Id;
        var purged = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(purged);
        rig.Org.PurgeRecycleBin(purged);
        var foreign = rig.Org.CreateTask(rig.Org.Sam.Id).Id;
        rig.Org.SetVisible(foreign, rig.Org.Rita.Id, false);

        var found = (await rig.Api.TasksByIdAsync(Caller.Unasked(connection), ApiPurpose.Read, [live, deleted, archived, purged, foreign, live[..15]], Token)).ToDictionary(t => t.Id);
        Assert.Equal(new[] { live, deleted, archived }.Order(), found.Keys.Order());
        Assert.True(found[deleted].IsDeleted);
        Assert.True(found[archived].IsArchived);
        Assert.Empty(await rig.Api.TasksByIdAsync(Caller.Unasked(connection), ApiPurpose.Read, [], Token));
    }

    [Fact]
    public async Task Many_ids_are_asked_for_in_parts_that_fit_into_an_address()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var ids = Enumerable.Range(0, 450).Select(_ => rig.Org.CreateTask(rig.Org.Rita.Id).Id).ToList();
        Assert.Equal(450, (await rig.Api.TasksByIdAsync(Caller.Unasked(connection), ApiPurpose.Read, ids, Token)).Count);
        Assert.Equal(3, rig.Org.Calls.Count("/queryAll"));
        Assert.Equal(450, (await rig.Api.RetrieveAsync(Caller.Unasked(connection), ApiPurpose.Read, ids, Token)).Values.Count(task => task is not null));
        Assert.Equal(1, rig.Org.Calls.Count("/composite/sobjects/Task"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_tasks_are_found_by_their_key_even_deleted_ones(bool hasKeyField)
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.HasKeyField = hasKeyField);
        var connection = await rig.ConnectAsync();
        var keyField = hasKeyField ? "TaskSync_Key__c" : "CallObject";
        Assert.Equal(hasKeyField ? KeyPlace.KeyField : KeyPlace.CallObject, (await rig.ConnectionAsync(connection)).Schema.Key);
        var live = rig.Org.CreateTask(rig.Org.Rita.Id, new() { [keyField] = "TSK-1" }).Id;
        var deleted = rig.Org.CreateTask(rig.Org.Rita.Id, new() { [keyField] = "TSK-2" }).Id;
        rig.Org.DeleteTask(deleted);
        rig.Org.CreateTask(rig.Org.Rita.Id, new() { [keyField] = "TSK-3" });

        var found = await rig.Api.TasksByKeyAsync(Caller.Unasked(connection), ApiPurpose.Write, hasKeyField ? KeyPlace.KeyField : KeyPlace.CallObject, ["TSK-1", "TSK-2", "TSK-9"], Token);
        Assert.Equal([("TSK-1", live, false), ("TSK-2", deleted, true)], found.Select(t => (t.Key!, t.Id, t.IsDeleted)).Order());
    }

    [Fact]
    public async Task S5_without_a_place_for_keys_a_lookup_fails_and_never_says_that_there_is_nothing()
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.HasKeyField = false);
        rig.Org.HideField("CallObject");
        var connection = await rig.ConnectAsync();
        Assert.Equal(KeyPlace.None, (await rig.ConnectionAsync(connection)).Schema.Key);
        Assert.Equal(FailureCodes.NoKeyField, (await FailsAsync(rig.Api.TasksByKeyAsync(Caller.Unasked(connection), ApiPurpose.Write, KeyPlace.KeyField, ["TSK-1"], Token))).Code);
    }

    [Fact]
    public async Task Retrieve_says_null_for_what_is_deleted_or_not_readable()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var live = rig.Org.CreateTask(rig.Org.Rita.Id, new() { ["Subject"] = "live" }).Id;
        var deleted = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(deleted);
        var found = await rig.Api.RetrieveAsync(Caller.Unasked(connection), ApiPurpose.Read, [deleted, live[..15]], Token);
        Assert.Equal("live", found[live]!.Values[TaskField.Subject]);
        Assert.Null(found[deleted]);
        Assert.Equal(2, found.Count);
    }

    [Fact]
    public async Task S8_getUpdated_and_getDeleted_tell_what_changed_and_how_far_they_reach()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var changed = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        var deleted = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(deleted);
        rig.Time.Advance(TimeSpan.FromMinutes(10));

        var updated = await rig.Api.UpdatedAsync(Caller.Unasked(connection), SalesforceRig.Start.AddMinutes(-5), rig.Time.GetUtcNow(), Token);
        Assert.Equal([changed], updated.Ids);
        Assert.InRange(updated.LatestDateCovered, SalesforceRig.Start, rig.Time.GetUtcNow());
        var answer = await rig.Api.DeletedAsync(Caller.Unasked(connection), SalesforceRig.Start.AddMinutes(-5), rig.Time.GetUtcNow(), Token);
        Assert.Equal([new DeletedRecord(deleted, SalesforceRig.Start)], answer.Records);
        Assert.Equal(rig.Time.GetUtcNow(), answer.ServerTime);
    }

    [Fact]
    public async Task A_replication_window_that_is_too_long_is_told_apart()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        Assert.Equal("INVALID_REPLICATION_DATE", (await FailsAsync(rig.Api.DeletedAsync(Caller.Unasked(connection), SalesforceRig.Start.AddDays(-40), SalesforceRig.Start, Token))).Code);
    }

    [Fact]
    public async Task Counting_reads_no_rows()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.CreateTask(rig.Org.Rita.Id);
        rig.Org.CreateTask(rig.Org.Rita.Id);
        rig.Org.DeleteTask(rig.Org.CreateTask(rig.Org.Rita.Id).Id);
        Assert.Equal(2, await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Import, new($"OwnerId = {Soql.Id(rig.Org.Rita.Id)}"), Token));
    }

    [Fact]
    public async Task The_schema_is_what_the_org_says_custom_closed_status_included_in_two_calls()
    {
        await using var rig = await SalesforceRig.StartAsync();
        rig.Org.SetStatuses(new("Open", IsDefault: true), new("Won", IsFlagged: true), new("Dropped", IsFlagged: true));
        rig.Org.SetPriorities(new("Hot", IsFlagged: true), new("Cold", IsDefault: true));
        rig.Org.RestrictPicklist("Type");
        rig.Org.SetFieldAccess("Description", FieldAccess.ReadOnly);
        var connection = await rig.ConnectAsync();
        rig.Org.Calls.Reset();

        var schema = await rig.Api.ReadSchemaAsync(Caller.Unasked(connection), Token);
        Assert.Equal(2, rig.Org.Calls.Total);
        Assert.Equal(("Won", "Open", "Cold"), (schema.ClosedStatus, schema.OpenStatus, schema.NormalPriority));
        Assert.Equal(["Open", "Won", "Dropped"], schema.Statuses.Select(s => s.Value));
        Assert.True(schema.IsClosed("Dropped"));
        Assert.True(schema.IsRestricted(TaskField.Type));
        Assert.Contains("Call", schema.ValuesOf(TaskField.Type));
        Assert.Equal(TaskFields.All, schema.Readable);
        Assert.Equal(TaskFields.All & ~TaskFields.Details, schema.Updateable);
        Assert.Equal(TaskFields.All & ~TaskFields.Details, schema.Createable);
        Assert.Equal(schema.ToJson(), (await rig.ConnectionAsync(connection)).SchemaJson);
    }

    [Fact]
    public async Task A_new_status_of_the_org_is_known_a_day_later_at_the_latest()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.AddStatus("Shelved", isClosed: true);
        rig.Time.Advance(TimeSpan.FromHours(23));
        await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        Assert.False((await rig.ConnectionAsync(connection)).Schema.IsClosed("Shelved"));
        rig.Time.Advance(TimeSpan.FromHours(2));
        await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        Assert.True((await rig.ConnectionAsync(connection)).Schema.IsClosed("Shelved"));
    }

    [Fact]
    public async Task An_org_below_a_path_of_its_server_is_spoken_to_like_any_other()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddSalesforceSimulator(options => (options.TimeProvider, options.DataDirectory, options.Seed, options.MaxPageSize) = (new TestClock(SalesforceRig.Start), null, false, 1));
        await using var app = builder.Build();
        app.MapSalesforceSimulator("/simulator");
        await app.StartAsync(Token);
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/simulator";
        var org = app.Services.GetRequiredService<SimulatedOrg>();
        org.CreateTask(org.Rita.Id);
        org.CreateTask(org.Rita.Id);

        await using var rig = SalesforceRig.Over(url);
        var tokens = org.IssueToken(org.Rita.Id);
        var grant = await rig.OAuth.RefreshAsync(tokens.RefreshToken!, Token) with { RefreshToken = tokens.RefreshToken };
        Assert.Equal(url, grant.InstanceUrl);
        var connected = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), grant, Token));
        var page = await rig.Api.QueryTasksAsync(Caller.Unasked(connected.ConnectionId), ApiPurpose.Import, new("Id != null", "Id"), Token);
        Assert.Single((await rig.Api.NextTasksAsync(Caller.Unasked(connected.ConnectionId), ApiPurpose.Import, page.NextPage!, Token)).Tasks);
        Assert.Empty(await rig.Api.SearchAsync(Caller.Unasked(connected.ConnectionId), RecordKind.Person, "nobody", Token));
        org.DeleteTask(page.Tasks[0].Id);
        Assert.IsType<UndeleteOutcome.Restored>(Assert.Single(await rig.Api.UndeleteAsync(Caller.Unasked(connected.ConnectionId), [page.Tasks[0].Id], Token)));
    }

    [Theory]
    [InlineData("\"unique\":true", "\"unique\":false", "not unique")]
    [InlineData("\"externalId\":true", "\"externalId\":false", "no external id")]
    [InlineData("\"TaskSync_Key__c\"", "\"Another__c\"", "does not exist")]
    public async Task S5_the_key_field_is_used_by_its_name_only_and_only_if_it_is_unique_and_an_external_id(string described, string instead, string trouble)
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        Assert.Equal((KeyPlace.KeyField, null), ((await rig.ConnectionAsync(connection)).Schema.Key, (await rig.ConnectionAsync(connection)).Schema.KeyTrouble));
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", rig.Org.IssueToken(rig.Org.Rita.Id).AccessToken);
        var body = await client.GetStringAsync(new Uri(rig.Simulator!.BaseAddress, "services/data/v66.0/sobjects/Task/describe"), Token);
        var at = body.IndexOf("TaskSync_Key__c", StringComparison.Ordinal);
        var (from, to) = (body.LastIndexOf('{', at), body.IndexOf('}', at));
        rig.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.HostileAnswer,
            Resource = "/sobjects/Task/describe",
            Status = 200,
            Body = body[..from] + body[from..to].Replace(described, instead, StringComparison.Ordinal) + body[to..],
        });

        var schema = await rig.Api.ReadSchemaAsync(Caller.Unasked(connection), Token);

        Assert.Equal(KeyPlace.CallObject, schema.Key);
        Assert.Contains(trouble, schema.KeyTrouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pickers_find_people_and_records_by_part_of_the_name_in_one_call()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var account = rig.Org.CreateRecord("Account", new() { ["Name"] = "O'Neil 100% Ltd" });
        rig.Org.CreateRecord("Account", new() { ["Name"] = "O'Neil 1000 Ltd" });
        var contact = rig.Org.CreateRecord("Contact", new() { ["FirstName"] = "Ana", ["LastName"] = "O'Neil", ["AccountId"] = account });
        var lead = rig.Org.CreateRecord("Lead", new() { ["FirstName"] = "Leo", ["LastName"] = "O'Neil", ["Company"] = "Leo's" });
        rig.Org.Calls.Reset();

        var people = await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.Person, " o'neil ", Token);
        Assert.Equal(1, rig.Org.Calls.Total);
        Assert.Equal([new RecordHit(contact, "Ana O'Neil", "Contact", "O'Neil 100% Ltd"), new RecordHit(lead, "Leo O'Neil", "Lead", "Leo's")], people);
        Assert.Equal([new RecordHit(account, "O'Neil 100% Ltd", "Account", null)], await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.RelatedTo, "100%", Token));
        var opportunity = rig.Org.CreateRecord("Opportunity", new() { ["Name"] = "Big renewal", ["AccountId"] = account });
        var @case = rig.Org.CreateRecord("Case", new() { ["Subject"] = "Renewal went wrong" });
        var records = await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.RelatedTo, "renewal", Token);
        Assert.Equal([(opportunity, "Opportunity", "O'Neil 100% Ltd"), (@case, "Case", "Renewal went wrong")], records.Select(r => (r.Id, r.Type, r.Detail!)));
        Assert.Empty(await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.Person, "  ", Token));
        Assert.Empty(await rig.Api.SearchAsync(Caller.Unasked(connection), RecordKind.Person, "' OR Name LIKE '", Token));
    }

    [Fact]
    public async Task The_servers_clock_is_read_without_counting_against_the_allowance()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var before = rig.Counter.CallsToday(connection);
        rig.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(SalesforceRig.Start.AddSeconds(7), await rig.Api.ServerTimeAsync(Caller.Unasked(connection), Token));
        Assert.Equal(before, rig.Counter.CallsToday(connection));
    }

    private static async Task<CallFailure> FailsAsync(Task call) => (await Assert.ThrowsAsync<SalesforceCallException>(() => call)).Failure;
}
