using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class TaskRulesTests
{
    private const string Contact = "003000000000001AAA";
    private const string Lead = "00Q000000000001EAA";
    private const string Account = "001000000000001AAA";

    public static TheoryData<string, TaskDraft, TaskField?, string?> Table => new()
    {
        // what, draft, field refused, a part of the message
        { "a plain subject", Draft(), null, null },
        { "255 characters", Draft() with { Subject = new string('x', 255) }, null, null },
        { "255 characters and blanks around", Draft() with { Subject = $"  {new string('x', 255)} \n" }, null, null },
        { "256 characters", Draft() with { Subject = new string('x', 256) }, TaskField.Subject, "Subject can be at most 255 characters; this one has 256." },
        { "no subject", Draft() with { Subject = "" }, TaskField.Subject, "Say in a few words" },
        { "a subject of blanks", Draft() with { Subject = " \t\r\n " }, TaskField.Subject, "Say in a few words" },
        { "script tags are just text", Draft() with { Subject = "<script>alert(1)</script>" }, null, null },
        { "an emoji", Draft() with { Subject = "Call Ana 📞" }, null, null },
        { "half an emoji", Draft() with { Subject = "Call Ana \ud83d" }, TaskField.Subject, "half of a character" },
        { "the other half", Draft() with { Details = "\udcdeCall" }, TaskField.Details, "half of a character" },
        { "halves in the wrong order", Draft() with { Subject = "\udcde\ud83d" }, TaskField.Subject, "half of a character" },
        { "32,000 characters of details", Draft() with { Details = new string('x', 32_000) }, null, null },
        { "32,001 characters of details", Draft() with { Details = new string('x', 32_001) }, TaskField.Details, "Details can be at most 32,000 characters; this one has 32,001." },
        { "details that are short once trailing blanks are gone", Draft() with { Details = new string('x', 32_000) + new string(' ', 50) }, null, null },
        { "the first date", Draft() with { DueDate = new(1700, 1, 1) }, null, null },
        { "a day earlier", Draft() with { DueDate = new(1699, 12, 31) }, TaskField.DueDate, "between 1700-01-01 and 4000-12-31" },
        { "the last date", Draft() with { DueDate = new(4000, 12, 31) }, null, null },
        { "a day later", Draft() with { DueDate = new(4001, 1, 1) }, TaskField.DueDate, "between 1700-01-01 and 4000-12-31" },
        { "a leap day", Draft() with { DueDate = new(2028, 2, 29) }, null, null },
        { "a reminder too early", Draft() with { ReminderAt = DateTimeOffset.MinValue }, TaskField.Reminder, "between" },
        { "a reminder too late", Draft() with { ReminderAt = DateTimeOffset.MaxValue }, TaskField.Reminder, "between" },
        { "a status of the org", Draft() with { Status = "Deferred" }, null, null },
        { "another status", Draft() with { Status = "Nearly" }, TaskField.Status, "Not Started, In Progress, Completed" },
        { "a priority of the org", Draft() with { Priority = "Low" }, null, null },
        { "another priority", Draft() with { Priority = "Urgent" }, TaskField.Priority, "High, Normal, Low" },
        { "any type up to 40 characters", Draft() with { Type = "InMail" }, null, null },
        { "a type that is too long", Draft() with { Type = new string('x', 41) }, TaskField.Type, "at most 40" },
        { "a contact", Draft() with { WhoId = Contact }, null, null },
        { "a contact of 15 characters", Draft() with { WhoId = Contact[..15] }, null, null },
        { "an account as person", Draft() with { WhoId = Account }, TaskField.Person, "contact or a lead" },
        { "no id as person", Draft() with { WhoId = "Ana" }, TaskField.Person, "contact or a lead" },
        { "an account", Draft() with { WhatId = Account }, null, null },
        { "a contact as related record", Draft() with { WhatId = Contact }, TaskField.RelatedTo, "Choose the contact or lead as Person" },
        { "no id as related record", Draft() with { WhatId = "Acme'" }, TaskField.RelatedTo, "record of Salesforce" },
        { "a contact and an account", Draft() with { WhoId = Contact, WhatId = Account }, null, null },
        { "a lead", Draft() with { WhoId = Lead }, null, null },
        { "a lead and an account", Draft() with { WhoId = Lead, WhatId = Account }, TaskField.RelatedTo, "Clear Related to, or choose a contact" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_value_that_a_field_cannot_hold_is_refused_and_the_message_says_what_to_do(string what, TaskDraft draft, TaskField? field, string? message)
    {
        var errors = TaskRules.Check(draft, OrgSchema.Default);
        Assert.True((field is null) == (errors.Count == 0), $"{what}: {string.Join(" ", errors.Select(e => e.Message))}");
        if (field is not null)
        {
            var error = Assert.Single(errors);
            Assert.Equal(field, error.Field);
            Assert.Contains(message!, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_wrong_field_is_named_at_once() =>
        Assert.Equal([TaskField.Subject, TaskField.DueDate, TaskField.Type],
            TaskRules.Check(new TaskDraft { DueDate = DateOnly.MinValue, Type = new string('x', 50) }, OrgSchema.Default).Select(e => e.Field));

    [Fact]
    public void Fields_that_were_not_touched_are_not_checked() =>
        Assert.Empty(TaskRules.Check(new TaskDraft { Subject = "", Status = "A status of another org" }, OrgSchema.Default, TaskFields.DueDate));

    [Theory]
    [InlineData("  Call\r\nAna\tnow  ", "Call Ana now")]
    [InlineData("Call\u2028Ana", "Call Ana")]
    [InlineData("Call\0Ana\u0007", "Call Ana")]
    [InlineData("Call  Ana", "Call  Ana")]
    public void A_subject_is_one_line_without_blanks_around(string typed, string stored) => Assert.Equal(stored, TaskRules.Clean(Draft() with { Subject = typed }).Subject);

    [Theory]
    [InlineData("line 1\r\n\tline 2  \r\n \r\n", "line 1\r\n\tline 2")]
    [InlineData("   - first\n   - second", "- first\n   - second")]
    [InlineData("\n \t", null)]
    [InlineData("nul\0here", "nul here")]
    public void Details_keep_their_lines_and_lose_the_blanks_at_both_ends(string typed, string? stored) => Assert.Equal(stored, TaskRules.Clean(Draft() with { Details = typed }).Details);

    [Fact]
    public void Cleaning_twice_changes_nothing()
    {
        var draft = new TaskDraft { Subject = " a\nb ", Details = "x \n", Type = " ", WhoId = " " + Contact[..15], WhoName = "Ana\n", ReminderAt = new(2026, 3, 1, 9, 0, 0, 999, TimeSpan.FromHours(2)) };
        var clean = TaskRules.Clean(draft);
        Assert.Equal(clean, TaskRules.Clean(clean));
        Assert.Equal(Contact, clean.WhoId);
        Assert.Equal("Ana", clean.WhoName);
        Assert.Null(clean.Type);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero), clean.ReminderAt);
    }

    [Fact]
    public void A_long_name_of_a_record_is_never_cut_within_a_character() =>
        Assert.Equal(new string('x', 254), TaskRules.Clean(Draft() with { WhoId = Contact, WhoName = new string('x', 254) + "😀" }).WhoName);

    [Fact]
    public void A_name_without_a_record_is_dropped() => Assert.Null(TaskRules.Clean(Draft() with { WhoName = "Ana" }).WhoName);

    private static TaskDraft Draft() => new() { Subject = "Call Ana" };
}
