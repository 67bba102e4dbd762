using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Reconciliation;

namespace TaskSync.Tests.BadInput;

/// <summary>Salesforce answers nonsense, to whatever is asked, while people work on both sides.</summary>
public sealed class NonsenseTests
{
    /// <summary>Answers in a usual run; TASKSYNC_ITERATIONS says another number.</summary>
    private const int Usual = 500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Section6_of_nonsense_nothing_is_lost_doubled_or_taken_in()
    {
        Spoiler? spoiler = null;
        await using var world = SyncWorld.StartInProcess(wire: org => spoiler = new Spoiler(org, seed: 1));
        var rep = await world.SyncedRepAsync();
        var (dice, all) = (new Dice(2), Sides.Times(Usual));
        Assert.NotNull(spoiler);
        for (var round = 0; spoiler.Spoiled < all; round++)
        {
            spoiler.IsOn = true;
            for (var i = 0; i < 25; i++)
            {
                await ActHereAsync(world, rep, dice.Next(4), round);
                ActThere(world, rep, dice.Next(4), round);
                world.Time.Advance(TimeSpan.FromSeconds(dice.Next(120)));
                await rep.SyncAsync();
            }

            spoiler.IsOn = false;
            await rep.SettleAsync();
            await rep.ConfirmDeletionsAsync();
            await rep.SyncAsync();
            Assert.Empty((await rep.ProblemsAsync()).Select(problem => $"{problem.Code}: {problem.Message}"));
            Assert.Equal(0, await rep.WaitingAsync());
            Assert.Equal(rep.Remote().Select(Text).Order(), (await rep.ListAsync()).Select(task => $"{task.Link?.SalesforceId}: {task.Subject} {task.IsCompleted}").Order());
        }
    }

    [Fact]
    public async Task Section6_while_every_answer_is_nonsense_no_cursor_moves()
    {
        Spoiler? spoiler = null;
        await using var world = SyncWorld.StartInProcess(wire: org => spoiler = new Spoiler(org, seed: 3));
        var rep = await world.SyncedRepAsync();
        await rep.CreateAsync("Here", world.Today);
        var before = await CursorsAsync(world);
        (spoiler!.IsOn, spoiler.IsWhole) = (true, true);
        for (var i = 0; i < 100; i++)
        {
            world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"There {i}" });
            world.Time.Advance(TimeSpan.FromMinutes(2));
            await rep.SyncAsync();
        }

        Assert.InRange(spoiler.Spoiled, 50, int.MaxValue);
        Assert.Equal(before, await CursorsAsync(world));
    }

    private static Task<string> CursorsAsync(SyncWorld world) => world.ReadAsync(async db => JsonSerializer.Serialize(await db.Cursors.AsNoTracking().ToListAsync(Token)));

    private static string Text(SimulatedTask task) => $"{task.Id}: {task.Subject} {task.IsClosed}";

    private static async Task ActHereAsync(SyncWorld world, SyncWorld.Rep rep, int what, int round)
    {
        var tasks = await rep.ListAsync();
        if (what == 0 || tasks.Count < 5)
        {
            await rep.CreateAsync($"Here {round}", world.Today);
            return;
        }

        var task = tasks[round % tasks.Count];
        await (what switch
        {
            1 => rep.EditAsync(task.Id, draft => draft with { Subject = $"Here {round}, again" }),
            2 => rep.CompleteAsync(task.Id),
            _ => rep.DeleteAsync(task.Id),
        });
    }

    private static void ActThere(SyncWorld world, SyncWorld.Rep rep, int what, int round)
    {
        var tasks = rep.Remote();
        if (what == 0 || tasks.Count < 5)
        {
            world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"There {round}" });
            return;
        }

        var id = tasks[round % tasks.Count].Id;
        switch (what)
        {
            case 1:
                world.Org.UpdateTask(id, new FieldValues { ["Subject"] = $"There {round}, again" });
                break;
            case 2:
                world.Org.CompleteTask(id);
                break;
            default:
                world.Org.DeleteTask(id);
                break;
        }
    }
}
