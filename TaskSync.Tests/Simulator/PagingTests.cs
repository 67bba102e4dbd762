using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class PagingTests : SimulatorTest
{
    private void Fill(int count)
    {
        for (var i = 0; i < count; i++)
            Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = $"t{i:0000}" });
    }

    [Fact]
    public async Task A_page_ends_with_the_address_of_the_next_and_the_last_says_done()
    {
        Fill(450);
        var first = await Rita.Get($"query?q={Uri.EscapeDataString("SELECT Subject FROM Task ORDER BY Subject")}", ("Sforce-Query-Options", "batchSize=200"));
        Assert.Equal(("450", "False"), (first["totalSize"], first["done"]));
        var seen = first.Json.GetProperty("records").GetArrayLength();
        var next = first["nextRecordsUrl"];
        Assert.Matches("^/services/data/v66.0/query/01g[0-9A-Za-z]{15}-200$", next);
        var page = first;
        while (page.Json.TryGetProperty("nextRecordsUrl", out var url))
        {
            page = await Rita.Get(url.GetString()!, ("Sforce-Query-Options", "batchSize=200"));
            seen += page.Json.GetProperty("records").GetArrayLength();
        }
        Assert.Equal((450, "True", "450"), (seen, page["done"], page["totalSize"]));
    }

    [Fact]
    public async Task A_cursor_is_a_snapshot_of_ids_but_its_rows_are_read_later()
    {
        Fill(300);
        var first = await Rita.Get("query?q=SELECT+Subject+FROM+Task+ORDER+BY+Subject", ("Sforce-Query-Options", "batchSize=200"));
        var last = Org.Tasks()[^1];
        Org.UpdateTask(last.Id, new FieldValues { ["Subject"] = "changed" });
        Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "t9999" });
        var subjects = (await Rita.Get(first["nextRecordsUrl"]!)).Json.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("Subject").GetString()).ToList();
        Assert.Equal((100, "changed"), (subjects.Count, subjects[^1]));
    }

    [Fact]
    public async Task A_locator_is_refused_after_two_days_for_others_and_when_it_is_nonsense()
    {
        Fill(201);
        var first = await Rita.Get("queryAll?q=SELECT+Id+FROM+Task", ("Sforce-Query-Options", "batchSize=200"));
        (await CallerOf(Org.Sam.Id).Get(first["nextRecordsUrl"]!)).IsRefusedWith(400, "INVALID_QUERY_LOCATOR");
        (await Rita.Get("query/01gnonsense-200")).IsRefusedWith(400, "INVALID_QUERY_LOCATOR");
        Assert.Equal(200, (await Rita.Get(first["nextRecordsUrl"]!)).Status);
        Clock.Advance(TimeSpan.FromHours(48) + TimeSpan.FromSeconds(1));
        (await CallerOf(Org.Rita.Id).Get(first["nextRecordsUrl"]!)).IsRefusedWith(400, "INVALID_QUERY_LOCATOR");
    }

    [Fact]
    public async Task Pages_can_be_shorter_than_asked_for()
    {
        Org.Options.MaxPageSize = 2;
        Fill(5);
        var first = await Rita.Get("query?q=SELECT+Id+FROM+Task", ("Sforce-Query-Options", "batchSize=2000"));
        Assert.Equal((2, "5"), (first.Json.GetProperty("records").GetArrayLength(), first["totalSize"]));
    }
}
