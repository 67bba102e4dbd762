using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Crash;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Instances;

/// <summary>What one instance carries: figures for docs/operations.md, not asserted.</summary>
public sealed class CapacityTests
{
    private const int Reps = 300;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task How_much_reps_cost_an_instance_at_rest_and_at_work()
    {
        await using var fleet = await Fleet.StartAsync();
        await using var app = await fleet.StartInstanceAsync(null, ("Sync__PollInterval", "00:00:15"), ("Sync__IdlePollInterval", "00:02:00"), ("Logging__LogLevel__Default", "Warning"), ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "Information"));
        await fleet.StartPagesAsync();
        List<Guid> people = [];
        for (var i = 0; i < Reps; i++)
        {
            people.Add((await fleet.AddRepAsync($"Number{i}")).Person);
        }

        await Until.TrueAsync(() => fleet.ReadAsync(async db => await db.InitialSyncs.CountAsync(s => s.State == InitialSyncState.Done, Token) == Reps), TimeSpan.FromMinutes(10));
        await TellAsync("at rest", fleet, app, () => Task.CompletedTask);
        var next = 0;
        await TellAsync("at work, ten new tasks a second", fleet, app, () => fleet.Get<TaskService>().CreateAsync(people[next++ % Reps], new TaskDraft { Subject = $"task {next}" }, Token));
        Assert.Equal(0, await fleet.ReadAsync(db => db.Problems.CountAsync(Token)));
    }

    private static async Task TellAsync(string what, Fleet fleet, AppProcess app, Func<Task> work)
    {
        var (processor, statements, begun) = (app.ProcessorTime, fleet.Statements().Values.Sum(), WallClock.Time.GetTimestamp());
        var waiting = 0;
        for (var i = 0; WallClock.Time.GetElapsedTime(begun) < Window; i++)
        {
            await work();
            await Task.Delay(TimeSpan.FromMilliseconds(100), WallClock.Time, Token);
            waiting = Math.Max(waiting, i % 10 == 0 ? await fleet.ReadAsync(db => db.PendingWrites.CountAsync(Token)) : 0);
        }

        var seconds = WallClock.Time.GetElapsedTime(begun).TotalSeconds;
        TestContext.Current.SendDiagnosticMessage(
            $"{Reps} reps {what}: {(app.ProcessorTime - processor).TotalSeconds / seconds:P0} of a core, {app.Memory / 1_000_000} MB, {(fleet.Statements().Values.Sum() - statements) / seconds:F0} statements a second (pages included), {waiting} changes waiting at most.");
    }
}
