using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Problems;

public sealed class DeleteBrakeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S10_a_mass_deletion_waits_and_the_rep_is_asked_once_while_other_changes_go_on()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 40);
        var tasks = await rep.ListAsync();
        await DeleteAsync(world, rep, tasks.Take(12));
        await rep.EditAsync(tasks[20].Id, draft => draft with { Subject = "edited meanwhile" });
        await rep.SyncAsync();

        Assert.Equal(40, rep.Remote().Count);
        Assert.Contains(rep.Remote(), t => t.Subject == "edited meanwhile");
        var question = Assert.Single(await rep.ProblemsAsync());
        Assert.Equal((ProblemCodes.ManyDeleted, "12 tasks were deleted here within an hour and are still in Salesforce."), (question.Code, question.Message));

        // Another deletion joins the same question.
        await rep.DeleteAsync(tasks[30].Id);
        await rep.SyncAsync();
        Assert.Equal(40, rep.Remote().Count);
        Assert.StartsWith("13 tasks", Assert.Single(await rep.ProblemsAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S10_the_rep_says_delete_them_and_is_not_asked_about_them_again()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 40);
        var tasks = await rep.ListAsync();
        await DeleteAsync(world, rep, tasks.Take(30));
        await rep.SyncAsync();

        Assert.True(await world.Get<MySyncQuery>().RetryAsync(rep.Id, Assert.Single(await rep.ProblemsAsync()).Id, Token));
        await rep.SyncAsync();

        Assert.Equal(10, rep.Remote().Count);
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());

        // One more within the hour is one deletion, not the thirty-first.
        await rep.DeleteAsync(tasks[39].Id);
        await rep.SyncAsync();
        Assert.Equal(9, rep.Remote().Count);
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S10_the_rep_says_restore_them_and_nothing_was_ever_written()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 20);
        await DeleteAsync(world, rep, await rep.ListAsync());
        await rep.SyncAsync();
        world.Org.Calls.Reset();

        // Even weeks later: what Salesforce still has can always be restored.
        world.Time.Advance(TimeSpan.FromDays(40));
        var result = await world.Tasks.RestoreHeldAsync(rep.Id, Assert.Single(await rep.ProblemsAsync()).Id, Token);
        await rep.SyncAsync();

        Assert.Equal(20, result.Done.Count);
        Assert.Equal(20, (await rep.ListAsync()).Count);
        Assert.Equal(20, rep.Remote().Count);
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal((0, 0), (await rep.WaitingAsync(), world.Org.Calls.RowsWritten));
    }

    [Fact]
    public async Task S10_what_was_deleted_one_by_one_and_sent_within_the_hour_counts_too()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 30);
        var tasks = await rep.ListAsync();
        foreach (var task in tasks.Take(14))
        {
            await rep.DeleteAsync(task.Id);
            await rep.SyncAsync();
        }

        Assert.Equal(20, rep.Remote().Count);
        Assert.StartsWith("4 tasks", Assert.Single(await rep.ProblemsAsync()).Message, StringComparison.Ordinal);

        // An hour later those are past, and a few more go out at once.
        world.Time.Advance(TimeSpan.FromMinutes(61));
        await rep.DeleteAsync(tasks[20].Id);
        await rep.SyncAsync();
        Assert.Equal(19, rep.Remote().Count);
    }

    [Fact]
    public async Task S10_a_mass_deletion_made_while_sync_was_off_is_asked_about_at_the_catch_up()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 20);
        await rep.SaveAsync(false);
        await DeleteAsync(world, rep, await rep.ListAsync());
        world.Time.Advance(TimeSpan.FromDays(2));

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(20, rep.Remote().Count);
        Assert.StartsWith("20 tasks", Assert.Single(await rep.ProblemsAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S10_what_Salesforce_confirms_is_not_braked_and_settles_the_question()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 20);
        await DeleteAsync(world, rep, (await rep.ListAsync()).Take(15));
        await rep.SyncAsync();
        Assert.Single(await rep.ProblemsAsync());

        foreach (var task in rep.Remote())
        {
            world.Org.DeleteTask(task.Id);
        }

        await rep.SyncAsync();

        Assert.Empty(await rep.ListAsync());
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S10_more_than_one_batch_is_held_and_sent_as_a_whole()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 450);
        await DeleteAsync(world, rep, (await rep.ListAsync()).Take(430));
        await rep.SyncAsync();

        var question = Assert.Single(await rep.ProblemsAsync());
        Assert.StartsWith("430 tasks", question.Message, StringComparison.Ordinal);
        Assert.Equal(450, rep.Remote().Count);

        await world.Get<MySyncQuery>().RetryAsync(rep.Id, question.Id, Token);
        await rep.SyncAsync();
        Assert.Equal(20, rep.Remote().Count);
    }

    [Fact]
    public async Task S10_an_admins_Retry_all_does_not_answer_for_the_rep()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 20);
        await DeleteAsync(world, rep, await rep.ListAsync());
        await rep.SyncAsync();

        Assert.Equal(0, await world.Get<AdminActions>().RetryAllAsync(Admins.Adam, null, Token));
        await rep.SyncAsync();

        Assert.Equal(20, rep.Remote().Count);
    }

    [Fact]
    public async Task S4_a_deletion_unconfirmed_for_30_days_is_kept_can_be_restored_and_still_travels()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 2);
        var (one, two) = ((await rep.ListAsync())[0].Id, (await rep.ListAsync())[1].Id);
        await rep.SaveAsync(false);
        await rep.DeleteAsync(one);
        await rep.DeleteAsync(two);
        world.Time.Advance(TimeSpan.FromDays(30));

        var shown = (await world.Get<MySyncQuery>().LoadAsync(rep.Id, Token))!.RecentlyDeleted;
        Assert.Equal([(true, null), (true, null)], shown.Select(row => (row.CanRestore, row.DaysLeft)));
        await rep.RestoreAsync(one);
        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal((await rep.TaskAsync(one)).Subject, Assert.Single(rep.Remote()).Subject);
        Assert.True((await rep.TaskAsync(two)).Link!.AgreedGone);

        // From Salesforce's word on it is kept for 15 days more.
        world.Time.Advance(TimeSpan.FromDays(14));
        Assert.Equal(1, Assert.Single((await world.Get<MySyncQuery>().LoadAsync(rep.Id, Token))!.RecentlyDeleted).DaysLeft);
        world.Time.Advance(TimeSpan.FromDays(1));
        Assert.Empty((await world.Get<MySyncQuery>().LoadAsync(rep.Id, Token))!.RecentlyDeleted);
    }

    private static async Task<SyncWorld.Rep> WithTasksAsync(SyncWorld world, int count)
    {
        for (var i = 0; i < count; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:000}" });
        }

        return await world.SyncedRepAsync();
    }

    /// <summary>Bulk delete in the Command Center.</summary>
    private static Task<BulkResult> DeleteAsync(SyncWorld world, SyncWorld.Rep rep, IEnumerable<TaskItem> tasks) =>
        world.Tasks.DeleteAsync(rep.Id, [.. tasks.Select(t => t.Id)], Token);
}
