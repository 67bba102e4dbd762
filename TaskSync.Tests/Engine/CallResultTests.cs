using TaskSync.Simulator;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Engine;

/// <summary>A field that not every org has, both ways.</summary>
public sealed class CallResultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S1_a_call_result_travels_both_ways_and_the_history_names_it()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana", more: draft => Result(draft, "Left a message"));
        await rep.SyncAsync();
        var remote = Assert.Single(rep.Remote()).Id;
        Assert.Equal("Left a message", world.Org.FindTask(remote)!["CallDisposition"]);

        await rep.EditAsync(id, draft => Result(draft, "Call back later"));
        await rep.SyncAsync();
        Assert.Equal("Call back later", world.Org.FindTask(remote)!["CallDisposition"]);

        world.Org.UpdateTask(remote, new FieldValues { ["CallDisposition"] = "Spoke to Ana" });
        await rep.SyncAsync();
        Assert.Equal("Spoke to Ana", (await rep.TaskAsync(id)).CallResult);

        world.Org.UpdateTask(remote, new FieldValues { ["CallDisposition"] = null });
        await rep.SyncAsync();
        Assert.Null((await rep.TaskAsync(id)).CallResult);
        var history = (await world.Get<TaskDetailsQuery>().LoadAsync(rep.Id, id, Token))!.History;
        Assert.Contains(history, line => line.Changes.Contains(new ChangeLine(TaskField.CallResult, "Call result", "Call back later", "Spoke to Ana"))
            && line.Sentence.EndsWith("changed Call result in Salesforce.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S3_of_two_call_results_the_newer_counts_and_both_are_kept(bool oursIsNewer)
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        Func<Task>[] edits = [() => rep.EditAsync(id, draft => Result(draft, "Ours")), () => Task.FromResult(world.Org.UpdateTask(remote, new FieldValues { ["CallDisposition"] = "Theirs" }))];
        foreach (var edit in oursIsNewer ? edits.Reverse() : edits)
        {
            await edit();
            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await rep.SyncAsync();

        var expected = oursIsNewer ? "Ours" : "Theirs";
        Assert.Equal((expected, expected), ((await rep.TaskAsync(id)).CallResult, world.Org.FindTask(remote)!["CallDisposition"]));
        var conflict = Assert.Single(await world.ReadAsync(db => Task.FromResult(db.Conflicts.ToList())));
        Assert.Equal((TaskField.CallResult, "Ours", "Theirs"), (conflict.Field, conflict.OurValue, conflict.TheirValue));
    }

    [Fact]
    public async Task S3_a_call_result_that_is_hidden_is_unknown_until_it_is_shown_and_then_comes_in()
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.HideField("CallDisposition");
        var (rep, id, remote) = await world.PairAsync();
        world.Org.UpdateTask(remote, new FieldValues { ["CallDisposition"] = "Spoke to Ana" }, world.Org.Adam.Id);
        await rep.EditAsync(id, draft => draft with { Subject = "Call Ana again" });
        await rep.SyncAsync();
        var task = await rep.TaskAsync(id);
        Assert.Equal((null, false, "Spoke to Ana"), (task.CallResult, task.Link!.Base.Known.Holds(TaskField.CallResult), world.Org.FindTask(remote)!["CallDisposition"]));
        Assert.Empty((await world.Get<TaskDetailsQuery>().FormAsync(rep.Id, Token)).More);

        // Nobody edits the task from now on: that the field is shown is noticed within a day.
        world.Org.ShowField("CallDisposition");
        world.Time.Advance(TimeSpan.FromDays(1));
        await rep.SyncAsync();
        await rep.SyncAsync();

        Assert.Equal("Spoke to Ana", (await rep.TaskAsync(id)).CallResult);
        Assert.Equal(TaskField.CallResult, Assert.Single((await world.Get<TaskDetailsQuery>().FormAsync(rep.Id, Token)).More).Field);
        Assert.Empty(await world.ReadAsync(db => Task.FromResult(db.Conflicts.ToList())));
    }

    [Fact]
    public async Task F8_the_preview_says_that_a_call_result_will_change()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, _, remote) = await world.PairAsync();
        await rep.SaveAsync(on: false);
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.Org.UpdateTask(remote, new FieldValues { ["CallDisposition"] = "Spoke to Ana" });

        var preview = Assert.IsType<PreviewAnswer.Ready>(await world.Get<SyncPreview>().LookAsync(rep.Id, ImportWindow.Last24Hours, Token)).Preview;

        Assert.Equal("Changed in Salesforce: Call result.", Assert.Single(preview.Rows, row => row.Fate == PreviewFate.Changes).Reason);
    }

    private static TaskDraft Result(TaskDraft draft, string result) => draft with { Values = draft.Values.With(TaskField.CallResult, result) };
}
