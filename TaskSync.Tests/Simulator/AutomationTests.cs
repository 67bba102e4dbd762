using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class AutomationTests : SimulatorTest
{
    [Fact]
    public async Task A_validation_rule_refuses_with_the_customers_own_words()
    {
        Org.AddValidationRule(new("Say how it went", "IsClosed = true AND CallDisposition = null", "Bitte das Gesprächsergebnis angeben.", "CallDisposition"));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        var answer = await Rita.Patch($"sobjects/Task/{id}", new { Status = "Completed" });
        answer.IsRefusedWith(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
        Assert.Equal(("Bitte das Gesprächsergebnis angeben.", "CallDisposition"), (answer.Message, answer.Json[0].GetProperty("fields")[0].GetString()));
        Assert.Equal(204, (await Rita.Patch($"sobjects/Task/{id}", new { Status = "Completed", CallDisposition = "sold" })).Status);
        Org.RemoveAutomation("Say how it went");
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Status = "Completed" })).Status);
    }

    [Fact]
    public async Task A_trigger_changes_another_field_in_the_same_write()
    {
        Org.AddTrigger(new("Escalate", "IsHighPriority = true", "Description", "{Subject}: urgent"));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call", Priority = "High" }));
        Assert.Equal(("Call: urgent", Org.Rita.Id), (Org.FindTask(id)!.Description, Org.FindTask(id)!.LastModifiedById));
        Assert.Null(Org.FindTask(Id(await Rita.Post("sobjects/Task", new { Subject = "Call" })))!.Description);
    }

    [Fact]
    public async Task A_trigger_can_change_the_field_just_written()
    {
        Org.AddTrigger(new("Prefix", "NOT Subject LIKE '[x] %'", "Subject", "[x] {Subject}"));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        await Rita.Patch($"sobjects/Task/{id}", new { Subject = "Write" });
        Assert.Equal("[x] Write", Org.FindTask(id)!.Subject);
    }

    [Fact]
    public async Task A_trigger_can_complete_a_task()
    {
        Org.AddTrigger(new("Done", "Subject LIKE 'done%'", "Status", "Completed"));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "done already" }));
        Assert.Equal((true, Start), (Org.FindTask(id)!.IsClosed, Org.FindTask(id)!.CompletedDateTime));
    }

    [Fact]
    public void A_rule_with_a_bad_condition_is_noticed_at_once()
    {
        Assert.StartsWith("INVALID_FIELD", Assert.Throws<InvalidOperationException>(() => Org.AddValidationRule(new("x", "Nonsense = 1", "m"))).Message, StringComparison.Ordinal);
        Assert.StartsWith("MALFORMED_QUERY", Assert.Throws<InvalidOperationException>(() => Org.AddTrigger(new("x", "Subject =", "Subject", "m"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picklist_has_the_customers_values_and_refuses_others_when_restricted()
    {
        Org.SetPicklistValues("Type", "Visit", "Fax");
        Assert.Contains("\"value\":\"Fax\"", (await Rita.Get("sobjects/Task/describe")).Text, StringComparison.Ordinal);
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Type = "Pigeon" })).Status);
        Org.RestrictPicklist("Type");
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Type = "Fax" })).Status);
        (await Rita.Post("sobjects/Task", new { Type = "Pigeon" })).IsRefusedWith(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    }

    [Fact]
    public async Task Rules_and_triggers_can_be_set_by_control()
    {
        Assert.Equal(204, (await Rita.Post("/simulator-control/org/validation-rule", """{"name":"r","when":"Subject = null","message":"A subject, please."}""")).Status);
        Assert.Equal(204, (await Rita.Post("/simulator-control/org/trigger", """{"name":"t","when":"Type = null","field":"Type","value":"Other"}""")).Status);
        (await Rita.Post("sobjects/Task", new { Priority = "High" })).IsRefusedWith(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION");
        Assert.Equal("Other", Org.FindTask(Id(await Rita.Post("sobjects/Task", new { Subject = "x" })))!.Type);
        await Rita.Post("/simulator-control/org/remove-automation");
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Priority = "High" })).Status);
    }
}
