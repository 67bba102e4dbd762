using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Schema;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceWriteTests
{
    private static readonly TaskValues Full = TaskValues.Unknown
        .With(TaskField.Subject, "Call \"Ana\" & <b> 𝄞").With(TaskField.DueDate, "2026-03-06").With(TaskField.Status, "In Progress").With(TaskField.Priority, "High")
        .With(TaskField.Details, "one\ntwo\ttab \\ '").With(TaskField.Type, "Call").With(TaskField.Reminder, "2026-03-06T08:30:00Z")
        .With(TaskField.Person, null).With(TaskField.RelatedTo, null).With(TaskField.CallResult, "Left a message");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S5_a_create_is_a_plain_insert_with_the_key_owned_by_the_rep()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var outcome = Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-1", Full)], Token));
        var written = Assert.IsType<WriteOutcome.Written>(outcome);
        Assert.Equal(TaskFields.All, written.Sent);

        var task = rig.Org.FindTask(written.Id)!;
        Assert.Equal(("TSK-1", rig.Org.Rita.Id, rig.Org.Rita.Id), (task.Key, task.OwnerId, task.CreatedById));
        var back = Assert.Single(await rig.Api.TasksByKeyAsync(Caller.Unasked(connection), ApiPurpose.Read, KeyPlace.KeyField, ["TSK-1"], Token));
        Assert.Equal(Full, back.Values);
        Assert.Equal("POST", Assert.Single(rig.Org.Calls.Recent, call => call.Resource == "/composite/sobjects").Method);
    }

    [Fact]
    public async Task An_update_writes_the_changed_fields_only_and_null_clears()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var id = rig.Org.CreateTask(rig.Org.Rita.Id, new()
        {
            ["Subject"] = "keep",
            ["ActivityDate"] = new DateOnly(2026, 3, 5),
            ["Description"] = "old",
            ["IsReminderSet"] = true,
            ["ReminderDateTime"] = SalesforceRig.Start,
        }).Id;
        var changes = TaskValues.Unknown.With(TaskField.DueDate, null).With(TaskField.Details, "new").With(TaskField.Reminder, null);
        var written = Assert.IsType<WriteOutcome.Written>(Assert.Single(await rig.Api.UpdateAsync(Caller.Unasked(connection), [new TaskChange(id[..15], changes)], Token)));
        Assert.Equal((id, changes.Known), (written.Id, written.Sent));

        var task = rig.Org.FindTask(id)!;
        Assert.Equal(("keep", null, "new"), (task.Subject, task.ActivityDate, task.Description));
        Assert.Equal((false, null), (task["IsReminderSet"], task["ReminderDateTime"]));
    }

    [Fact]
    public async Task Reminder_flag_and_time_are_written_together()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var id = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        await rig.Api.UpdateAsync(Caller.Unasked(connection), [new TaskChange(id, TaskValues.Unknown.With(TaskField.Reminder, "2026-03-07T07:00:00Z"))], Token);
        var back = Assert.Single(await rig.Api.TasksByIdAsync(Caller.Unasked(connection), ApiPurpose.Read, [id], Token));
        Assert.Equal("2026-03-07T07:00:00Z", back.Values[TaskField.Reminder]);
    }

    [Fact]
    public async Task S9_one_bad_task_does_not_hold_up_the_others_and_outcomes_keep_their_order()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.RestrictPicklist("Priority");
        var outcomes = await rig.Api.CreateAsync(
            Caller.Unasked(connection),
            [
                new NewTask("TSK-1", Full),
                new NewTask("TSK-2", Full.With(TaskField.Priority, "Ultra")),
                new NewTask("TSK-3", Full.With(TaskField.Subject, "third")),
                new NewTask("TSK-4", Full.With(TaskField.Person, "003Ws0000000ZZZIAA")),
            ],
            Token);
        Assert.IsType<WriteOutcome.Written>(outcomes[0]);
        Assert.Equal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Assert.IsType<WriteOutcome.Rejected>(outcomes[1]).Error.Code);
        Assert.Equal("third", rig.Org.FindTask(Assert.IsType<WriteOutcome.Written>(outcomes[2]).Id)!.Subject);
        Assert.IsType<WriteOutcome.Rejected>(outcomes[3]);
        Assert.Equal(2, rig.Org.Calls.RowsCreated);
    }

    [Fact]
    public async Task S5_a_second_insert_with_the_same_key_tells_the_id_of_the_first()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var first = Assert.IsType<WriteOutcome.Written>(Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-1", Full)], Token)));
        var outcomes = await rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-0", Full), new NewTask("TSK-1", Full)], Token);
        Assert.IsType<WriteOutcome.Written>(outcomes[0]);
        Assert.Equal(first.Id, Assert.IsType<WriteOutcome.Duplicate>(outcomes[1]).ExistingId);
        Assert.Equal(2, rig.Org.Tasks().Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_that_is_gone_is_told_apart_from_one_that_is_refused(bool itemErrorsUseStatusCode)
    {
        await using var rig = await SalesforceRig.StartAsync(options => options.Readings.ItemErrorsUseStatusCode = itemErrorsUseStatusCode);
        var connection = await rig.ConnectAsync();
        var deleted = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(deleted);
        var purged = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(purged);
        rig.Org.PurgeRecycleBin(purged);
        var live = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        var change = TaskValues.Unknown.With(TaskField.Subject, "new");

        var updates = await rig.Api.UpdateAsync(Caller.Unasked(connection), [new(deleted, change), new(purged, change), new(live, change)], Token);
        Assert.Equal([typeof(WriteOutcome.Gone), typeof(WriteOutcome.Gone), typeof(WriteOutcome.Written)], updates.Select(o => o.GetType()));
        var deletes = await rig.Api.DeleteAsync(Caller.Unasked(connection), [deleted, live, purged], Token);
        Assert.Equal([typeof(WriteOutcome.Gone), typeof(WriteOutcome.Written), typeof(WriteOutcome.Gone)], deletes.Select(o => o.GetType()));
        Assert.True(rig.Org.FindTask(live)!.IsDeleted);
    }

    [Fact]
    public async Task A_locked_row_is_deferred_and_the_others_are_written()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.RowLock, Item = 1 });
        var outcomes = await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", Full), new("TSK-2", Full), new("TSK-3", Full)], Token);
        Assert.Equal([typeof(WriteOutcome.Written), typeof(WriteOutcome.Deferred), typeof(WriteOutcome.Written)], outcomes.Select(o => o.GetType()));
        Assert.Equal("UNABLE_TO_LOCK_ROW", ((WriteOutcome.Deferred)outcomes[1]).Error.Code);
    }

    [Fact]
    public async Task A_field_that_may_not_be_written_is_left_out_and_the_outcome_says_what_went_out()
    {
        await using var rig = await SalesforceRig.StartAsync();
        rig.Org.SetFieldAccess("Type", FieldAccess.ReadOnly);
        var connection = await rig.ConnectAsync();
        var written = Assert.IsType<WriteOutcome.Written>(Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [new NewTask("TSK-1", Full)], Token)));
        Assert.Equal(TaskFields.All & ~TaskFields.Type, written.Sent);

        // Nothing is left to send of the first change: it is not sent as an empty update, which would run triggers.
        var outcomes = await rig.Api.UpdateAsync(
            Caller.Unasked(connection),
            [new(written.Id, TaskValues.Unknown.With(TaskField.Type, "Email")), new(written.Id, TaskValues.Unknown.With(TaskField.Subject, "s").With(TaskField.Type, "Email"))],
            Token);
        Assert.Equal("FIELD_NOT_UPDATABLE", Assert.IsType<WriteOutcome.Rejected>(outcomes[0]).Error.Code);
        Assert.Equal(TaskFields.Subject, Assert.IsType<WriteOutcome.Written>(outcomes[1]).Sent);
        Assert.Equal(1, rig.Org.Calls.RowsUpdated);
    }

    [Fact]
    public async Task A_field_that_became_read_only_is_noticed_and_the_rest_written()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.SetFieldAccess("Type", FieldAccess.ReadOnly);
        var outcomes = await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", Full), new("TSK-2", Full.Without(TaskFields.Type))], Token);
        Assert.Equal(
            [TaskFields.All & ~TaskFields.Type, TaskFields.All & ~TaskFields.Type],
            outcomes.Select(outcome => Assert.IsType<WriteOutcome.Written>(outcome).Sent));
        Assert.Equal(2, rig.Org.Tasks().Count);
        Assert.False((await rig.ConnectionAsync(connection)).Schema.Createable.Holds(TaskField.Type));
    }

    [Fact]
    public async Task A_field_that_was_hidden_since_is_noticed_by_a_write_too()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.HideField("Type");
        var outcome = Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", Full)], Token));
        Assert.Equal(TaskFields.All & ~TaskFields.Type, Assert.IsType<WriteOutcome.Written>(outcome).Sent);
        Assert.Single(rig.Org.Tasks());
    }

    [Fact]
    public async Task A_validation_rule_comes_back_in_the_orgs_own_words()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Item = 0, Status = 400, Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message = "Bitte erst anrufen." });
        var rejected = Assert.IsType<WriteOutcome.Rejected>(Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", Full)], Token)));
        Assert.Equal(("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Bitte erst anrufen."), (rejected.Error.Code, rejected.Error.Message));
    }

    [Fact]
    public async Task An_expired_token_in_a_write_is_renewed_and_the_write_done_once()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.ExpireAccessTokens();
        Assert.IsType<WriteOutcome.Written>(Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", Full)], Token)));
        Assert.Single(rig.Org.Tasks());
    }

    [Fact]
    public async Task Only_the_rows_that_are_sent_again_are_of_unknown_outcome_when_that_call_has_no_answer()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var (one, two) = (rig.Org.CreateTask(rig.Org.Rita.Id).Id, rig.Org.CreateTask(rig.Org.Rita.Id).Id);
        await rig.Api.ReadSchemaAsync(Caller.Unasked(connection), Token);
        rig.Org.SetFieldAccess("Description", FieldAccess.ReadOnly);
        rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "PATCH", Skip = 1 });

        var outcomes = await rig.Api.UpdateAsync(
            Caller.Unasked(connection),
            [
                new TaskChange(one, TaskValues.Unknown.With(TaskField.Subject, "one")),
                new TaskChange(two, TaskValues.Unknown.With(TaskField.Subject, "two").With(TaskField.Details, "refused")),
            ],
            Token);

        Assert.IsType<WriteOutcome.Written>(outcomes[0]);
        Assert.IsType<WriteOutcome.Unanswered>(outcomes[1]);
    }

    [Theory]
    [InlineData("UNDELETE_FAILED", typeof(UndeleteOutcome.Gone))]
    [InlineData("INVALID_CROSS_REFERENCE_KEY", typeof(UndeleteOutcome.Gone))]
    [InlineData("DUPLICATE_VALUE", typeof(UndeleteOutcome.Gone))]
    [InlineData("UNABLE_TO_LOCK_ROW", typeof(UndeleteOutcome.Deferred))]
    [InlineData("INSUFFICIENT_ACCESS_OR_READONLY", typeof(UndeleteOutcome.Refused))]
    [InlineData("BRAND_NEW_CODE", typeof(UndeleteOutcome.Refused))]
    public async Task Only_some_refusals_of_an_undelete_mean_that_the_bin_does_not_have_the_row(string code, Type outcome)
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.HostileAnswer, Resource = "/Soap", Status = 200, Body = Undeleted(code) });

        Assert.IsType(outcome, Assert.Single(await rig.Api.UndeleteAsync(Caller.Unasked(connection), ["00TWs00000A1b2cMAB"], Token)));
    }

    /// <summary>The answer to the undelete of one row that was refused (SOAP guide, "undelete()").</summary>
    internal static string Undeleted(string code) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">
          <soapenv:Body><undeleteResponse><result>
            <errors><message>As Salesforce says it.</message><statusCode>{code}</statusCode></errors><id/><success>false</success>
          </result></undeleteResponse></soapenv:Body>
        </soapenv:Envelope>
        """;

    [Fact]
    public async Task Undelete_brings_a_task_back_with_its_id_and_says_when_the_bin_was_emptied()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var deleted = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        var purged = rig.Org.CreateTask(rig.Org.Rita.Id).Id;
        rig.Org.DeleteTask(deleted);
        rig.Org.DeleteTask(purged);
        rig.Org.PurgeRecycleBin(purged);
        rig.Org.ExpireAccessTokens();
        var outcomes = await rig.Api.UndeleteAsync(Caller.Unasked(connection), [purged, deleted], Token);
        Assert.IsType<UndeleteOutcome.Gone>(outcomes[0]);
        Assert.Equal(new UndeleteOutcome.Restored(deleted), outcomes[1]);
        Assert.False(rig.Org.FindTask(deleted)!.IsDeleted);
    }

    [Fact]
    public async Task Two_hundred_rows_go_in_one_call_more_are_a_mistake_and_none_is_no_call()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Calls.Reset();
        Assert.Empty(await rig.Api.CreateAsync(Caller.Unasked(connection), [], Token));
        Assert.Empty(await rig.Api.DeleteAsync(Caller.Unasked(connection), [], Token));
        Assert.Equal(0, rig.Org.Calls.Total);
        List<NewTask> tasks = [.. Enumerable.Range(0, 200).Select(i => new NewTask($"TSK-{i}", Full))];
        var ids = (await rig.Api.CreateAsync(Caller.Unasked(connection), tasks, Token)).Select(outcome => ((WriteOutcome.Written)outcome).Id).ToList();
        Assert.All(await rig.Api.DeleteAsync(Caller.Unasked(connection), ids, Token), outcome => Assert.IsType<WriteOutcome.Written>(outcome));
        Assert.Equal(2, rig.Org.Calls.Total);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Api.CreateAsync(Caller.Unasked(connection), [.. tasks, new("TSK-x", Full)], Token));
    }

    [Fact]
    public async Task A_broken_surrogate_in_a_subject_does_not_break_the_batch()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        var outcomes = await rig.Api.CreateAsync(Caller.Unasked(connection), [new("TSK-1", Full.With(TaskField.Subject, "half \ud83d")), new("TSK-2", Full)], Token);
        Assert.All(outcomes, outcome => Assert.IsType<WriteOutcome.Written>(outcome));
    }
}
