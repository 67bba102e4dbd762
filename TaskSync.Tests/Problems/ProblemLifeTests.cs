using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;

namespace TaskSync.Tests.Problems;

/// <summary>A problem is over when it holds nothing any more, and not before.</summary>
public sealed class ProblemLifeTests
{
    private const string Refused = "FIELD_CUSTOM_VALIDATION_EXCEPTION";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S6_a_blocked_field_keeps_its_problem_when_another_one_ends()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await BlockedAndRefusedAsync(world);

        // Somebody settles the refused field in Salesforce.
        world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" }, world.Org.Adam.Id);
        await rep.SyncAsync();
        Assert.Equal([ProblemCodes.KeepsChangingBack], await CodesAsync(rep));
        Assert.Equal((TaskFields.Priority, 0), ((await rep.TaskAsync(id)).Link!.BlockedFields, await rep.WaitingAsync()));

        await RetryAsync(world, rep, ProblemCodes.KeepsChangingBack);
        await rep.EditAsync(id, draft => draft with { Priority = "High" });
        await rep.SyncAsync();
        Assert.Equal(("Theirs", "High"), (world.Org.FindTask(remote)!.Subject, world.Org.FindTask(remote)!.Priority));
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S6_a_retry_of_a_blocked_field_sends_it_and_ends_the_problem()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await BlockAsync(world, rep, id, remote);
        await rep.EditAsync(id, draft => draft with { Priority = "High" });
        await rep.SyncAsync();
        Assert.Equal("Normal", world.Org.FindTask(remote)!.Priority);

        await RetryAsync(world, rep, ProblemCodes.KeepsChangingBack);
        await rep.SyncAsync();

        Assert.Equal("High", world.Org.FindTask(remote)!.Priority);
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(TaskFields.None, (await rep.TaskAsync(id)).Link!.BlockedFields);
    }

    [Fact]
    public async Task S9_a_retry_frees_only_what_that_problem_holds()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await BlockedAndRefusedAsync(world);
        await rep.EditAsync(id, draft => draft with { Priority = "High" });
        await rep.SyncAsync();
        world.Org.Calls.Reset();

        await RetryAsync(world, rep, ProblemCodes.KeepsChangingBack);
        await rep.SyncAsync();
        Assert.Equal([Refused], await CodesAsync(rep));
        Assert.Equal(0, world.Org.Calls.RowsWritten);

        world.Org.RemoveAutomation();
        await RetryAsync(world, rep, Refused);
        await rep.SyncAsync();
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(("Bad", "High"), (world.Org.FindTask(remote)!.Subject, world.Org.FindTask(remote)!.Priority));
    }

    [Fact]
    public async Task S9_a_retry_of_a_refused_write_leaves_the_blocked_field_blocked()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await BlockedAndRefusedAsync(world);

        world.Org.RemoveAutomation();
        await RetryAsync(world, rep, Refused);
        await rep.SyncAsync();

        Assert.Equal("Bad", world.Org.FindTask(remote)!.Subject);
        Assert.Equal([ProblemCodes.KeepsChangingBack], await CodesAsync(rep));
        Assert.Equal(TaskFields.Priority, (await rep.TaskAsync(id)).Link!.BlockedFields);
    }

    [Fact]
    public async Task S6_a_second_blocked_field_joins_the_problem_of_the_first()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await BlockAsync(world, rep, id, remote);
        await ChangedBackAsync(world, rep, remote, () => rep.EditAsync(id, draft => draft with { Details = "ours" }), "Description", null);

        var problem = Assert.Single(await rep.ProblemsAsync());
        Assert.Equal((ProblemCodes.KeepsChangingBack, 2), (problem.Code, problem.Times));
        Assert.StartsWith("Salesforce changed Priority, Details back", problem.Message, StringComparison.Ordinal);

        await RetryAsync(world, rep, ProblemCodes.KeepsChangingBack);
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(TaskFields.None, (await rep.TaskAsync(id)).Link!.BlockedFields);
    }

    [Theory]
    [InlineData("reassigned")]
    [InlineData("hidden")]
    [InlineData("deleted there")]
    [InlineData("deleted here")]
    [InlineData("deleted on both sides")]
    public async Task S9_no_problem_outlives_what_its_task_was_in_Salesforce(string end)
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await BlockedAndRefusedAsync(world);
        switch (end)
        {
            case "reassigned":
                var sam = await world.SyncedRepAsync(world.Org.Sam, "Sam Seller");
                world.Org.Reassign(remote, sam.User.Id, world.Org.Adam.Id);
                await sam.SyncAsync();
                break;
            case "hidden":
                world.Org.SetVisible(remote, rep.User.Id, false);
                await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
                break;
            case "deleted there":
                await RetryAsync(world, rep, Refused);
                world.Org.DeleteTask(remote);
                break;
            case "deleted on both sides":
                world.Org.DeleteTask(remote);
                await rep.DeleteAsync(id);
                break;
            default:
                await rep.DeleteAsync(id);
                break;
        }

        await rep.SettleAsync();

        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal((TaskFields.None, 0), ((await rep.TaskAsync(id)).Link!.BlockedFields, await rep.WaitingAsync()));
    }

    [Fact]
    public async Task S7_a_task_that_is_shown_again_is_written_in_every_field()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await BlockAsync(world, rep, id, remote);
        world.Org.SetVisible(remote, rep.User.Id, false);
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        await rep.SettleAsync();
        Assert.Equal(LinkState.Lost, (await rep.TaskAsync(id)).Link!.State);

        world.Org.SetVisible(remote, rep.User.Id, true);
        world.Org.UpdateTask(remote, new FieldValues { ["Description"] = "touched" }, world.Org.Adam.Id);
        await rep.SettleAsync();
        await rep.EditAsync(id, draft => draft with { Priority = "High" });
        await rep.SyncAsync();

        Assert.Equal(("Ours", "High"), (world.Org.FindTask(remote)!.Subject, world.Org.FindTask(remote)!.Priority));
    }

    [Fact]
    public async Task S10_the_question_ends_with_its_last_deletion_whoever_settles_it()
    {
        await using var world = await SyncWorld.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:000}" });
        }

        var rep = await world.SyncedRepAsync();
        var deleted = (await rep.ListAsync()).Take(15).ToList();
        await world.Tasks.DeleteAsync(rep.Id, [.. deleted.Select(t => t.Id)], Token);
        await rep.SyncAsync();

        // Somebody deletes all but two of them there, and one is no longer shown.
        foreach (var task in deleted.Skip(2))
        {
            world.Org.DeleteTask(task.Link!.SalesforceId!);
        }

        await rep.SyncAsync();
        Assert.Single(await rep.ProblemsAsync());
        var context = (await world.Get<SyncContexts>().OpenAsync(rep.ConnectionId, Token))!;
        await world.Get<ObservationApplier>().LoseAsync(context, [deleted[1].Link!.SalesforceId!], "No longer shown.", Token);
        Assert.Single(await rep.ProblemsAsync());

        await rep.RestoreAsync(deleted[0].Id);
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await world.ReadAsync(db => db.PendingWrites.CountAsync(w => w.ProblemId != null, Token)));
    }

    /// <summary>Salesforce keeps changing Priority back, and refuses the Subject of the same task.</summary>
    private static async Task<(SyncWorld.Rep Rep, Guid Id, string Remote)> BlockedAndRefusedAsync(SyncWorld world)
    {
        var (rep, id, remote) = await world.PairAsync();
        await BlockAsync(world, rep, id, remote);
        world.Org.AddValidationRule(new ValidationRule("Kind words", "Subject = 'Bad'", "Say it otherwise.", "Subject"));
        await rep.EditAsync(id, draft => draft with { Subject = "Bad" });
        await rep.SyncAsync();
        Assert.Equal([Refused, ProblemCodes.KeepsChangingBack], await CodesAsync(rep));
        return (rep, id, remote);
    }

    private static Task BlockAsync(SyncWorld world, SyncWorld.Rep rep, Guid id, string remote) =>
        ChangedBackAsync(world, rep, remote, () => rep.EditAsync(id, draft => draft with { Priority = "High" }), "Priority", "Normal");

    private static async Task ChangedBackAsync(SyncWorld world, SyncWorld.Rep rep, string remote, Func<Task> edit, string field, string? back)
    {
        for (var i = 0; i < 3; i++)
        {
            await edit();
            await rep.SyncAsync();
            world.Org.UpdateTask(remote, new FieldValues { [field] = back }, world.Org.Adam.Id);
            await rep.SyncAsync();
        }
    }

    private static async Task RetryAsync(SyncWorld world, SyncWorld.Rep rep, string code) =>
        Assert.True(await world.Get<MySyncQuery>().RetryAsync(rep.Id, (await rep.ProblemsAsync()).Single(p => p.Code == code).Id, Token));

    private static async Task<IEnumerable<string>> CodesAsync(SyncWorld.Rep rep) => (await rep.ProblemsAsync()).Select(p => p.Code).Order(StringComparer.Ordinal);
}
