using System.Text.Json;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class QueryTests : SimulatorTest
{
    private string New(string subject, FieldValues? values = null, AuditStamps? audit = null) =>
        Org.CreateTask(Org.Rita.Id, new FieldValues(values ?? []) { ["Subject"] = subject }, audit).Id;

    [Theory]
    [InlineData("Subject = 'ALPHA'", "alpha")]
    [InlineData("Subject != 'alpha'", "Beta, gamma, (none)")]
    [InlineData("Subject IN ('ALPHA', 'beta')", "alpha, Beta")]
    [InlineData("Subject NOT IN ('alpha', 'beta')", "gamma, (none)")]
    [InlineData("Subject = null", "(none)")]
    [InlineData("Subject != null", "alpha, Beta, gamma")]
    [InlineData("Subject LIKE '%A'", "alpha, Beta, gamma")]
    [InlineData("Subject LIKE '_e%'", "Beta")]
    [InlineData("Subject LIKE '\\_e%'", "")]
    [InlineData("Subject > 'b'", "Beta, gamma")]
    [InlineData("NOT Subject = 'alpha'", "Beta, gamma, (none)")]
    [InlineData("NOT (Subject = 'alpha' OR Subject = 'beta')", "gamma, (none)")]
    [InlineData("ActivityDate = 2026-03-05", "alpha")]
    [InlineData("ActivityDate = TODAY", "alpha")]
    [InlineData("ActivityDate = TOMORROW", "Beta")]
    [InlineData("ActivityDate > TODAY", "Beta")]
    [InlineData("ActivityDate < TODAY", "gamma")]
    [InlineData("ActivityDate <= TODAY", "alpha, gamma")]
    [InlineData("ActivityDate = LAST_N_DAYS:3", "alpha, gamma")]
    [InlineData("ActivityDate = NEXT_N_DAYS:3", "Beta")]
    [InlineData("ActivityDate = null", "(none)")]
    [InlineData("CreatedDate = TODAY", "alpha, Beta, gamma, (none)")]
    [InlineData("CreatedDate >= 2026-03-05T10:00:00Z AND CreatedDate < 2026-03-05T11:00:00.000+01:00", "")]
    [InlineData("IsClosed = true", "gamma")]
    [InlineData("IsClosed = FALSE AND (Priority = 'high' OR ActivityDate = null)", "Beta, (none)")]
    [InlineData("CallDurationInSeconds >= 30", "Beta")]
    [InlineData("Owner.Name = 'rita rep' AND Owner.Type = 'User'", "alpha, Beta, gamma, (none)")]
    [InlineData("Who.Type = 'Contact'", "alpha")]
    [InlineData("Who.Name LIKE 'ana%'", "alpha")]
    [InlineData("CreatedBy.Username = 'RITA.REP@acme.example'", "alpha, Beta, gamma, (none)")]
    public async Task Where_finds(string where, string expected)
    {
        var contact = Org.CreateRecord("Contact", new FieldValues { ["FirstName"] = "Ana", ["LastName"] = "Trujillo" });
        New("alpha", new FieldValues { ["ActivityDate"] = new DateOnly(2026, 3, 5), ["WhoId"] = contact });
        New("Beta", new FieldValues { ["ActivityDate"] = new DateOnly(2026, 3, 6), ["Priority"] = "High", ["CallDurationInSeconds"] = 30 });
        New("gamma", new FieldValues { ["ActivityDate"] = new DateOnly(2026, 3, 3), ["Status"] = "Completed" });
        New("");
        var found = await Query($"SELECT Subject FROM Task WHERE {where} ORDER BY Subject NULLS LAST");
        Assert.Equal(expected, string.Join(", ", found.Select(subject => string.IsNullOrEmpty(subject) ? "(none)" : subject)));
    }

    [Theory]
    [InlineData("Subject", ",a,B")]
    [InlineData("Subject ASC NULLS LAST", "a,B,")]
    [InlineData("Subject DESC", "B,a,")]
    [InlineData("Subject DESC NULLS FIRST", ",B,a")]
    [InlineData("Priority DESC, Subject", ",a,B")]
    public async Task Order_by_sorts_text_without_case_and_nulls_first_when_ascending(string order, string expected)
    {
        New("B");
        New("");
        New("a");
        Assert.Equal(expected, string.Join(",", await Query($"SELECT Subject FROM Task ORDER BY {order}")));
    }

    [Fact]
    public async Task Limit_and_offset_cut_the_result()
    {
        foreach (var subject in new[] { "a", "b", "c", "d" })
            New(subject);
        Assert.Equal(["b", "c"], await Query("SELECT Subject FROM Task ORDER BY Subject LIMIT 2 OFFSET 1"));
        (await Ask("SELECT Id FROM Task LIMIT 1 OFFSET 2001")).IsRefusedWith(400, "NUMBER_OUTSIDE_VALID_RANGE");
    }

    [Fact]
    public async Task Count_gives_a_size_and_no_records()
    {
        New("a");
        New("b");
        Assert.Equal("""{"totalSize":2,"done":true,"records":[]}""", (await Ask("SELECT COUNT() FROM Task")).Text);
    }

    [Fact]
    public async Task Parents_are_nested_and_missing_ones_null()
    {
        var lead = Org.CreateRecord("Lead", new FieldValues { ["LastName"] = "Costa", ["Company"] = "C" });
        New("a", new FieldValues { ["WhoId"] = lead });
        var row = (await Ask("SELECT Subject, Who.Name, Who.Type, What.Name, Owner.Email, LastModifiedBy.Name FROM Task")).Json.GetProperty("records")[0];
        Assert.Equal($$"""{"attributes":{"type":"Name","url":"/services/data/v66.0/sobjects/Lead/{{lead}}"},"Name":"Costa","Type":"Lead"}""", row.GetProperty("Who").GetRawText());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("What").ValueKind);
        Assert.Equal("rita.rep@acme.example", row.GetProperty("Owner").GetProperty("Email").GetString());
        Assert.Equal("User", row.GetProperty("LastModifiedBy").GetProperty("attributes").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Ids_and_case_sensitive_keys_are_compared_exactly()
    {
        New("a", new FieldValues { ["TaskSync_Key__c"] = "abc" });
        Assert.Single(await Query("SELECT Subject FROM Task WHERE TaskSync_Key__c = 'abc'"));
        Assert.Empty(await Query("SELECT Subject FROM Task WHERE TaskSync_Key__c IN ('ABC', 'x')"));
    }

    [Fact]
    public async Task Quotes_backslashes_and_line_breaks_are_escaped()
    {
        New("It's a \\ test\nok");
        Assert.Single(await Query(@"SELECT Subject FROM Task WHERE Subject = 'It\'s a \\ test\nok'"));
        Assert.Single(await Query(@"SELECT Subject FROM Task WHERE Subject LIKE '%\\\\%'".Replace(@"\\\\", @"\\", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Keyset_paging_survives_equal_stamps()
    {
        var ids = Enumerable.Range(0, 5).Select(i => New($"t{i}")).ToList();
        var rest = await Query($"SELECT Id FROM Task WHERE (SystemModstamp = 2026-03-05T10:00:00Z AND Id > '{ids[2]}') OR SystemModstamp > 2026-03-05T10:00:00Z ORDER BY SystemModstamp, Id", "Id");
        Assert.Equal(ids[3..], rest);
    }

    [Theory]
    [InlineData("SELECT Nonsense FROM Task", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task WHERE Nonsense = 1", "INVALID_FIELD")]
    [InlineData("SELECT Nobody.Name FROM Task", "INVALID_FIELD")]
    [InlineData("SELECT Who.Company FROM Task", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task WHERE Description = 'x'", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task ORDER BY Description", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Task WHERE SystemModstamp >= 2026-03-05", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task WHERE ActivityDate = 2026-03-05T10:00:00Z", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task WHERE ActivityDate = '2026-03-05'", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task WHERE IsClosed = 'true'", "INVALID_FIELD")]
    [InlineData("SELECT Id FROM Task WHERE OwnerId = 'me'", "INVALID_QUERY_FILTER_OPERATOR")]
    [InlineData("SELECT Id FROM Nonsense", "INVALID_TYPE")]
    [InlineData("SELECT Id, Id FROM Task", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Task WHERE IsClosed = true AND Subject = 'a' OR Subject = 'b'", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Task WHERE Subject = 'a", "MALFORMED_QUERY")]
    [InlineData("SELECT Id FROM Task WHERE", "MALFORMED_QUERY")]
    [InlineData("SELECT FROM Task", "MALFORMED_QUERY")]
    [InlineData("UPDATE Task", "MALFORMED_QUERY")]
    [InlineData("SELECT FIELDS(ALL) FROM Task", "MALFORMED_QUERY")]
    [InlineData("SELECT FIELDS(ALL) FROM Task LIMIT 201", "MALFORMED_QUERY")]
    public async Task A_bad_query_is_refused(string soql, string code) => (await Ask(soql)).IsRefusedWith(400, code);

    [Fact]
    public async Task The_refusal_of_an_unknown_column_points_at_it()
    {
        var answer = await Ask("SELECT Id, Foo FROM Task");
        Assert.Equal("\nSELECT Id, Foo FROM Task\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Task'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", answer.Message);
    }

    [Fact]
    public async Task Fields_all_standard_and_custom_expand()
    {
        New("a", new FieldValues { ["TaskSync_Key__c"] = "k" });
        var custom = (await Ask("SELECT FIELDS(CUSTOM) FROM Task LIMIT 1")).Json.GetProperty("records")[0];
        Assert.Equal(["attributes", "TaskSync_Key__c"], custom.EnumerateObject().Select(p => p.Name));
        Assert.False((await Ask("SELECT FIELDS(STANDARD) FROM Task")).Json.GetProperty("records")[0].TryGetProperty("TaskSync_Key__c", out _));
        Assert.Equal("k", (await Ask("SELECT FIELDS(ALL) FROM Task LIMIT 200")).Json.GetProperty("records")[0].GetProperty("TaskSync_Key__c").GetString());
    }

    [Fact]
    public async Task Query_hides_deleted_and_archived_rows_and_queryAll_shows_them()
    {
        Org.DeleteTask(New("deleted"));
        Org.Archive(New("archived", new FieldValues { ["Status"] = "Completed" }));
        New("live");
        Assert.Equal(["live"], await Query("SELECT Subject FROM Task"));
        Assert.Equal(["archived", "deleted", "live"], await Query("SELECT Subject FROM Task ORDER BY Subject", all: true));
        Assert.Equal(["deleted"], await Query("SELECT Subject FROM Task WHERE IsDeleted = true", all: true));
        Org.PurgeRecycleBin();
        Assert.Equal(["archived", "live"], await Query("SELECT Subject FROM Task ORDER BY Subject", all: true));
    }

    [Fact]
    public async Task Date_literals_follow_the_users_time_zone()
    {
        Org.UpdateUser(Org.Rita.Id, new FieldValues { ["TimeZoneSidKey"] = "Pacific/Auckland" });
        Clock.Advance(TimeSpan.FromHours(2));
        New("due on the sixth", new FieldValues { ["ActivityDate"] = new DateOnly(2026, 3, 6) });
        Assert.Single(await Query("SELECT Subject FROM Task WHERE ActivityDate = TODAY"));
    }

    [Fact]
    public async Task Statuses_and_priorities_can_be_queried()
    {
        Assert.Equal(["Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"], await Query("SELECT ApiName, MasterLabel, IsClosed, IsDefault, SortOrder FROM TaskStatus ORDER BY SortOrder", "ApiName"));
        Assert.Equal(["Completed"], await Query("SELECT ApiName FROM TaskStatus WHERE IsClosed = true", "ApiName"));
        Assert.Equal(["High"], await Query("SELECT ApiName FROM TaskPriority WHERE IsHighPriority = true", "ApiName"));
        Assert.Equal(["Acme Demo"], await Query("SELECT Name, IsSandbox FROM Organization", "Name"));
    }
}
