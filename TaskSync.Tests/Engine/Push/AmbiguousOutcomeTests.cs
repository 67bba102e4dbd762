using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Push;

/// <summary>
/// S5: every kind of write × every way not to know what became of it × where the key is kept; and in each batch one task for everything that people may
/// do meanwhile. 42 batches of 14 cases (588).
/// </summary>
public sealed class AmbiguousOutcomeTests
{
    private const string LoginPage = "<html><body>Please log in</body></html>";
    private const string SessionExpired = """[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<WriteKind, Trouble, bool> Cases
    {
        get
        {
            var cases = new TheoryData<WriteKind, Trouble, bool>();
            foreach (var kind in Enum.GetValues<WriteKind>())
            {
                // Tasks are taken out of the recycle bin by a protocol of its own, in which an answer tells of itself as a whole.
                foreach (var trouble in Enum.GetValues<Trouble>().Where(trouble => kind != WriteKind.Undelete || trouble <= Trouble.AppliedLate))
                {
                    cases.Add(kind, trouble, true);
                    cases.Add(kind, trouble, false);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task S5_whatever_became_of_a_write_both_sides_agree_in_the_end_and_nothing_is_doubled(WriteKind kind, Trouble trouble, bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var tasks = new List<(Guid Id, Meanwhile What, string Subject)>();
        foreach (var what in Enum.GetValues<Meanwhile>())
        {
            tasks.Add((await rep.CreateAsync(what.ToString()), what, what.ToString()));
        }

        for (var i = tasks.Count; trouble == Trouble.OneOf200Failed && i < 200; i++)
        {
            tasks.Add((await rep.CreateAsync($"task {i:000}"), Meanwhile.Nothing, $"task {i:000}"));
        }

        if (kind != WriteKind.Create)
        {
            await rep.SyncAsync();
            Assert.Equal(tasks.Count, rep.Remote().Count);
            world.Time.Advance(TimeSpan.FromMinutes(1));
            foreach (var (id, _, _) in tasks)
            {
                await (kind == WriteKind.Update ? rep.EditAsync(id, draft => draft with { Details = "sent" }) : rep.DeleteAsync(id));
            }
        }

        if (kind is WriteKind.Delete or WriteKind.Undelete)
        {
            await rep.ConfirmDeletionsAsync();
        }

        if (kind == WriteKind.Undelete)
        {
            await rep.SyncAsync();
            Assert.Empty(rep.Remote());
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await world.Tasks.RestoreAsync(rep.Id, [.. tasks.Select(t => t.Id)], Token);
        }

        var rule = world.Org.Faults.Add(RuleOf(kind, trouble, hasKeyField, tasks.Count));
        world.Time.Advance(TimeSpan.FromSeconds(6));
        var run = rep.RunAsync();
        await Until.TrueAsync(() => rule.Fired > 0);
        if (trouble == Trouble.AppliedLate)
        {
            world.Time.Advance(TimeSpan.FromSeconds(31));
        }

        await run;
        world.Time.Advance(TimeSpan.FromSeconds(10));
        foreach (var (id, what, subject) in tasks)
        {
            await ActAsync(world, rep, id, what, subject);
        }

        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        rule.Release();
        for (var i = 0; i < 7; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await rep.SyncAsync();
        }

        await CheckAsync(world, rep, kind, tasks);
    }

    private static FaultRule RuleOf(WriteKind kind, Trouble trouble, bool hasKeyField, int rows)
    {
        var method = kind switch { WriteKind.Update => "PATCH", WriteKind.Delete => "DELETE", _ => "POST" };
        var resource = kind == WriteKind.Undelete ? "/Soap" : "/composite/sobjects";
        var twice = string.Join(',', Enumerable.Repeat("""{"id":"00TWs0000000042AAA","success":true,"errors":[]}""", rows * 2));
        return trouble switch
        {
            Trouble.RequestLost => new FaultRule { Kind = FaultKind.DropBeforeCommit, Method = method, Resource = resource },
            Trouble.AnswerLost => new FaultRule { Kind = FaultKind.DropAfterCommit, Method = method, Resource = resource },
            Trouble.AppliedLate => new FaultRule { Kind = FaultKind.DelayRequest, Method = method, Resource = resource },
            Trouble.OneOf200Failed => new FaultRule { Kind = FaultKind.RowLock, Item = 136, Method = method, Resource = resource },
            Trouble.AnsweredTwice => new FaultRule { Kind = FaultKind.HostileAnswer, Status = 200, Body = $"[{twice}]", Method = method, Resource = resource },

            // Salesforce's own error array says "not applied" (S5). Where that is a lie only the unique key protects a create, so without it the page of a proxy says it.
            _ => new FaultRule { Kind = FaultKind.HostileAnswer, Status = 401, Body = kind == WriteKind.Create && !hasKeyField ? LoginPage : SessionExpired, Method = method, Resource = resource },
        };
    }

    private static async Task ActAsync(SyncWorld world, SyncWorld.Rep rep, Guid id, Meanwhile what, string subject)
    {
        var there = world.Org.Tasks().FirstOrDefault(t => t.Subject == subject)?.Id;
        var isHere = (await rep.TaskAsync(id)).RemovedAt is null;
        switch (what)
        {
            case Meanwhile.EditedHere when isHere:
                await rep.EditAsync(id, draft => draft with { Details = "here" });
                break;
            case Meanwhile.EditedTwiceHere when isHere:
                await rep.EditAsync(id, draft => draft with { Details = "here" });
                await rep.EditAsync(id, draft => draft with { Details = "here again", Priority = "High" });
                break;
            case Meanwhile.CompletedHere when isHere:
                await rep.CompleteAsync(id);
                break;
            case Meanwhile.DeletedHere or Meanwhile.DeletedHereThenEditedThere when isHere:
                await rep.DeleteAsync(id);
                break;
            case Meanwhile.DeletedAndRestoredHere:
                await rep.DeleteAsync(id);
                await rep.RestoreAsync(id);
                break;
            case Meanwhile.EditedHereThenThere when isHere:
                await rep.EditAsync(id, draft => draft with { Details = "here first" });
                world.Time.Advance(TimeSpan.FromSeconds(5));
                break;
        }

        if (there is not null)
        {
            ActThere(world, there, what);
        }

        if (what == Meanwhile.EditedThereThenHere && isHere)
        {
            world.Time.Advance(TimeSpan.FromSeconds(5));
            await rep.EditAsync(id, draft => draft with { Details = "here later" });
        }
    }

    private static void ActThere(SyncWorld world, string there, Meanwhile what)
    {
        switch (what)
        {
            case Meanwhile.OtherFieldEditedThere:
                world.Org.UpdateTask(there, new FieldValues { ["Priority"] = "High" }, world.Org.Adam.Id);
                break;
            case Meanwhile.EditedThere or Meanwhile.EditedHereThenThere or Meanwhile.EditedThereThenHere or Meanwhile.DeletedHereThenEditedThere:
                world.Org.UpdateTask(there, new FieldValues { ["Description"] = "there" }, world.Org.Adam.Id);
                break;
            case Meanwhile.CompletedThere:
                world.Org.CompleteTask(there, world.Org.Adam.Id);
                break;
            case Meanwhile.DeletedThere:
                world.Org.DeleteTask(there, world.Org.Adam.Id);
                break;
            case Meanwhile.DeletedAndUndeletedThere:
                world.Org.DeleteTask(there, world.Org.Adam.Id);
                world.Org.UndeleteTask(there, world.Org.Adam.Id);
                break;
        }
    }

    private static async Task CheckAsync(SyncWorld world, SyncWorld.Rep rep, WriteKind kind, List<(Guid Id, Meanwhile What, string Subject)> tasks)
    {
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
        var all = world.Org.Tasks(includeDeleted: true);
        foreach (var (id, what, subject) in tasks)
        {
            var here = await rep.TaskAsync(id);
            var rows = all.Where(t => t.Subject == subject).ToList();
            Assert.True(rows.Count <= 1, $"{what}: {rows.Count} rows in Salesforce.");
            var there = rows.SingleOrDefault(t => !t.IsDeleted);
            Assert.True(here.RemovedAt is null == there is not null, $"{what}: removed here {here.RemovedAt}, in Salesforce {there?.Id}.");
            if (there is not null)
            {
                Assert.Equal((there.Id, there.Status, there.Priority, there.Description), (here.Link!.SalesforceId, here.Status, here.Priority, here.Details));
            }

            Assert.True(what switch
            {
                Meanwhile.DeletedHere => there is null,
                Meanwhile.DeletedThere when kind != WriteKind.Delete => rows.Count == 1 && (there is null || kind is WriteKind.Create or WriteKind.Undelete),
                Meanwhile.DeletedHereThenEditedThere => true, // the newer action wins; that both sides agree was checked above
                Meanwhile.DeletedAndRestoredHere => there is not null,
                _ when kind == WriteKind.Delete => there is null || what is not Meanwhile.Nothing,
                _ => there is not null,
            }, $"{what} after {kind}: {(there is null ? "gone" : "live")}.");
        }

        Assert.Equal(tasks.Count, await world.ReadAsync(db => db.Tasks.CountAsync(Token)));
    }

    /// <summary>Why the outcome is not known, or not what was expected.</summary>
    public enum Trouble
    {
        RequestLost,
        AnswerLost,
        AppliedLate,
        OneOf200Failed,
        AnsweredTwice,
        UnauthorizedAfterApplying,
    }

    /// <summary>What people do before it is known.</summary>
    public enum Meanwhile
    {
        Nothing,
        EditedHere,
        EditedTwiceHere,
        CompletedHere,
        DeletedHere,
        DeletedAndRestoredHere,
        OtherFieldEditedThere,
        EditedThere,
        CompletedThere,
        DeletedThere,
        DeletedAndUndeletedThere,
        EditedHereThenThere,
        EditedThereThenHere,
        DeletedHereThenEditedThere,
    }
}
