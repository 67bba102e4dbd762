using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class TaskRuleTests : SimulatorTest
{
    private string NewContact(string? account = null) => Org.CreateRecord("Contact", new FieldValues { ["FirstName"] = "Ana", ["LastName"] = "Trujillo", ["AccountId"] = account });

    private string NewLead() => Org.CreateRecord("Lead", new FieldValues { ["LastName"] = "Costa", ["Company"] = "Costa & Co" });

    private string NewAccount() => Org.CreateRecord("Account", new FieldValues { ["Name"] = "Contoso" });

    [Fact]
    public async Task Completing_closes_and_stamps_and_reopening_takes_both_back()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await Rita.Patch($"sobjects/Task/{id}", new { Status = "Completed" });
        Assert.Equal((true, Clock.GetUtcNow()), (Org.FindTask(id)!.IsClosed, Org.FindTask(id)!.CompletedDateTime));
        await Rita.Patch($"sobjects/Task/{id}", new { Status = "In Progress" });
        Assert.Equal((false, null), (Org.FindTask(id)!.IsClosed, Org.FindTask(id)!.CompletedDateTime));
    }

    [Fact]
    public async Task Several_statuses_can_be_closed_and_the_word_Completed_means_nothing()
    {
        Org.SetStatuses(new("Open", IsDefault: true), new("Won", IsFlagged: true), new("Lost", IsFlagged: true), new("Completed"));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        Assert.Equal("Open", Org.FindTask(id)!.Status);
        foreach (var (status, closed) in new[] { ("Won", true), ("Completed", false), ("Lost", true) })
        {
            await Rita.Patch($"sobjects/Task/{id}", new { Status = status });
            Assert.Equal(closed, Org.FindTask(id)!.IsClosed);
        }
    }

    [Fact]
    public async Task A_status_made_closed_closes_its_tasks_and_moves_only_SystemModstamp()
    {
        var deferred = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Status"] = "Deferred" });
        var other = Org.CreateTask(Org.Rita.Id);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, Org.SetStatusClosed("Deferred"));
        var closed = Org.FindTask(deferred.Id)!;
        Assert.Equal((true, "Deferred", Start, Start.AddHours(1)), (closed.IsClosed, closed.Status, closed.LastModifiedDate, closed.SystemModstamp));
        Assert.Equal((false, Start), (Org.FindTask(other.Id)!.IsClosed, Org.FindTask(other.Id)!.SystemModstamp));
        Assert.Equal(["Completed", "Deferred"], await Query("SELECT ApiName FROM TaskStatus WHERE IsClosed = true ORDER BY ApiName", "ApiName"));
        Assert.Equal("1", (await Rita.Post("/simulator-control/org/status-closed?name=Deferred&closed=false")).Text);
        Assert.False(Org.FindTask(deferred.Id)!.IsClosed);
        Assert.Throws<ArgumentException>(() => Org.SetStatusClosed("Nonsense"));
    }

    [Theory]
    [InlineData("Contact", "LastName")]
    [InlineData("Lead", "LastName")]
    [InlineData("Account", "Name")]
    public async Task A_renamed_person_or_account_leaves_its_tasks_stamps_alone(string type, string field)
    {
        var record = Org.CreateRecord(type, new FieldValues { [field] = "Before", [type == "Lead" ? "Company" : field] = "Before" });
        var relation = type == "Account" ? "What" : "Who";
        var task = Org.CreateTask(Org.Rita.Id, new FieldValues { [relation + "Id"] = record });
        Clock.Advance(TimeSpan.FromHours(1));
        Org.UpdateRecord(record, new FieldValues { [field] = "After" });
        Assert.Equal((Start, Start), (Org.FindTask(task.Id)!.SystemModstamp, Org.FindTask(task.Id)!.LastModifiedDate));
        var row = (await Ask($"SELECT {relation}.Name FROM Task")).Json.GetProperty("records")[0];
        Assert.Equal("After", row.GetProperty(relation).GetProperty("Name").GetString());
    }

    [Fact]
    public async Task High_priority_follows_the_orgs_list_of_priorities()
    {
        Org.SetPriorities(new("Urgent", IsFlagged: true), new("Calm", IsDefault: true));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call", Priority = "Urgent" }));
        Assert.Equal(true, Org.FindTask(id)!["IsHighPriority"]);
        Assert.Equal("Calm", Org.FindTask(Id(await Rita.Post("sobjects/Task", new { Subject = "x" })))!.Priority);
    }

    [Fact]
    public async Task An_unknown_status_is_stored_unless_the_picklist_is_restricted()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Status = "Pondering" }));
        Assert.Equal(("Pondering", false), (Org.FindTask(id)!.Status, Org.FindTask(id)!.IsClosed));
        Org.RestrictPicklist("Status");
        (await Rita.Post("sobjects/Task", new { Status = "Brooding" })).IsRefusedWith(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    }

    [Fact]
    public async Task Status_and_priority_cannot_be_emptied()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        (await Rita.Patch($"sobjects/Task/{id}", """{"Status":null}""")).IsRefusedWith(400, "REQUIRED_FIELD_MISSING");
        (await Rita.Patch($"sobjects/Task/{id}", """{"Priority":null}""")).IsRefusedWith(400, "REQUIRED_FIELD_MISSING");
    }

    [Fact]
    public async Task A_lead_with_related_to_is_refused()
    {
        (await Rita.Post("sobjects/Task", new { WhoId = NewLead(), WhatId = NewAccount() })).IsRefusedWith(400, "FIELD_INTEGRITY_EXCEPTION");
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { WhoId = NewContact(), WhatId = NewAccount() })).Status);
    }

    [Fact]
    public async Task A_converted_lead_is_refused()
    {
        var lead = NewLead();
        Org.UpdateRecord(lead, new FieldValues { ["IsConverted"] = true });
        (await Rita.Post("sobjects/Task", new { WhoId = lead })).IsRefusedWith(400, "CANNOT_UPDATE_CONVERTED_LEAD");
    }

    [Fact]
    public async Task The_account_is_that_of_related_to_or_else_of_the_contact()
    {
        var (contoso, fabrikam) = (NewAccount(), NewAccount());
        var deal = Org.CreateRecord("Opportunity", new FieldValues { ["Name"] = "Deal", ["AccountId"] = contoso });
        var contact = NewContact(fabrikam);
        Assert.Equal(contoso, Org.CreateTask(Org.Rita.Id, new FieldValues { ["WhatId"] = contoso })["AccountId"]);
        Assert.Equal(contoso, Org.CreateTask(Org.Rita.Id, new FieldValues { ["WhatId"] = deal, ["WhoId"] = contact })["AccountId"]);
        Assert.Equal(fabrikam, Org.CreateTask(Org.Rita.Id, new FieldValues { ["WhoId"] = contact })["AccountId"]);
        Assert.Null((await Rita.Get($"sobjects/Task/{Org.CreateTask(Org.Rita.Id).Id}"))["AccountId"]);
    }

    [Fact]
    public async Task An_inactive_owner_is_refused()
    {
        Org.UpdateUser(Org.Sam.Id, new FieldValues { ["IsActive"] = false });
        var answer = await Rita.Post("sobjects/Task", new { OwnerId = Org.Sam.Id });
        answer.IsRefusedWith(400, "INACTIVE_OWNER_OR_USER");
        Assert.Equal($"operation performed with inactive user [{Org.Sam.Id[..15]}] as owner of task", answer.Message);
    }

    [Fact]
    public async Task A_queue_owns_tasks_only_if_it_is_set_up_for_them()
    {
        var (with, without) = (Org.AddQueue("Inbound"), Org.AddQueue("Cases only", ownsTasks: false));
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { OwnerId = with })).Status);
        (await Rita.Post("sobjects/Task", new { OwnerId = without })).IsRefusedWith(400, "INVALID_CROSS_REFERENCE_KEY");
    }

    [Fact]
    public async Task A_required_field_is_asked_for_on_every_save()
    {
        var id = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "Call" }).Id;
        Org.RequireField("CallDisposition");
        var answer = await Rita.Patch($"sobjects/Task/{id}", new { Subject = "Untouched field blocks this" });
        answer.IsRefusedWith(400, "REQUIRED_FIELD_MISSING");
        Assert.Equal("Required fields are missing: [CallDisposition]", answer.Message);
    }

    [Fact]
    public async Task A_series_has_no_due_date_and_makes_its_occurrences()
    {
        (await Rita.Post("sobjects/Task", new { Subject = "Weekly", IsRecurrence = true, ActivityDate = "2026-03-05" })).IsRefusedWith(400, "FIELD_INTEGRITY_EXCEPTION");
        var id = Id(await Rita.Post("sobjects/Task", new
        {
            Subject = "Weekly",
            IsRecurrence = true,
            RecurrenceType = "RecursWeekly",
            RecurrenceInterval = 1,
            RecurrenceDayOfWeekMask = 1 << (int)DayOfWeek.Monday,
            RecurrenceStartDateOnly = "2026-03-05",
            RecurrenceEndDateOnly = "2026-03-31",
        }));
        var dates = await Query($"SELECT ActivityDate FROM Task WHERE RecurrenceActivityId = '{id}' AND IsRecurrence = false ORDER BY ActivityDate", "ActivityDate");
        Assert.Equal(["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"], dates);
    }

    [Fact]
    public async Task Deleting_a_series_deletes_its_open_occurrences()
    {
        var id = Id(await Rita.Post("sobjects/Task", new
        {
            Subject = "Daily",
            IsRecurrence = true,
            RecurrenceType = "RecursDaily",
            RecurrenceInterval = 1,
            RecurrenceStartDateOnly = "2026-03-05",
            RecurrenceEndDateOnly = "2026-03-07",
        }));
        var first = Org.Tasks(Org.Rita.Id)[1].Id;
        await Rita.Patch($"sobjects/Task/{first}", new { Status = "Completed" });
        await Rita.Delete($"sobjects/Task/{id}");
        Assert.Equal([first], Org.Tasks(Org.Rita.Id).Select(t => t.Id));
    }

    [Fact]
    public async Task Completing_a_repeating_task_makes_the_next_one_once()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Water the plants", ActivityDate = "2026-03-05", RecurrenceRegeneratedType = "RecurrenceRegenerateAfterDueDate", RecurrenceInterval = 7 }));
        await Rita.Patch($"sobjects/Task/{id}", new { Status = "Completed" });
        var next = Assert.Single(Org.Tasks(Org.Rita.Id), t => t.Id != id);
        Assert.Equal(("Water the plants", new DateOnly(2026, 3, 12), false), (next.Subject, next.ActivityDate, next.IsClosed));
        await Rita.Patch($"sobjects/Task/{id}", new { Status = "Not Started" });
        await Rita.Patch($"sobjects/Task/{id}", new { Status = "Completed" });
        Assert.Equal(2, Org.Tasks(Org.Rita.Id).Count);
    }

    [Fact]
    public void Deleting_a_contact_takes_its_tasks_along_and_undeleting_brings_them_back()
    {
        var contact = NewContact();
        var task = Org.CreateTask(Org.Rita.Id, new FieldValues { ["WhoId"] = contact });
        var deletedBefore = Org.CreateTask(Org.Rita.Id, new FieldValues { ["WhoId"] = contact });
        Org.DeleteTask(deletedBefore.Id);
        Org.DeleteRecord(contact);
        Assert.True(Org.FindTask(task.Id)!.IsDeleted);
        Org.UndeleteRecord(contact);
        Assert.Equal((false, true), (Org.FindTask(task.Id)!.IsDeleted, Org.FindTask(deletedBefore.Id)!.IsDeleted));
    }

    [Fact]
    public void The_archiver_takes_closed_tasks_a_year_old_and_moves_only_SystemModstamp()
    {
        var old = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Status"] = "Completed", ["ActivityDate"] = new DateOnly(2025, 3, 1) }, new AuditStamps(Start.AddDays(-400), Start.AddDays(-369)));
        var open = Org.CreateTask(Org.Rita.Id, new FieldValues { ["ActivityDate"] = new DateOnly(2020, 1, 1) });
        Assert.Equal(1, Org.RunArchiver());
        var archived = Org.FindTask(old.Id)!;
        Assert.Equal((true, Start.AddDays(-369), Start), (archived.IsArchived, archived.LastModifiedDate, archived.SystemModstamp));
        Assert.False(Org.FindTask(open.Id)!.IsArchived);
    }
}
