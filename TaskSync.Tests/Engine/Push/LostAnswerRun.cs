using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator.Faults;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Push;

/// <summary>The long run of S5: a thousand creates in a row whose answer is lost in one way or another, with the key field and without it.</summary>
public sealed class LostAnswerRun
{
    private const int Answers = 1000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_thousand_lost_answers_to_creates_leave_no_duplicate(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var random = new Random(5);
        var made = 0;
        for (var answers = 0; answers < Answers; answers++)
        {
            var kind = new[] { FaultKind.DropBeforeCommit, FaultKind.DropAfterCommit, FaultKind.DelayRequest, FaultKind.TruncatedJson, FaultKind.ServiceUnavailableHtml, FaultKind.HostileAnswer }[random.Next(6)];
            var rule = world.Org.Faults.Add(new FaultRule { Kind = kind, Status = 401, Body = "<html>Please log in</html>", Method = "POST", Resource = "/composite/sobjects" });
            var first = made;
            for (var rows = random.Next(1, 4); rows > 0; rows--)
            {
                await rep.CreateAsync($"task {made++:00000}");
            }

            var run = rep.RunAsync();
            await Until.TrueAsync(() => rule.Fired == 1);
            if (kind == FaultKind.DelayRequest)
            {
                world.Time.Advance(TimeSpan.FromSeconds(31));
            }

            await run;

            // A request that hangs is carried out before, between or after look-ups and retries.
            world.Time.Advance(TimeSpan.FromSeconds(random.Next(20, 90)));
            await rep.SyncAsync();
            rule.Release();
            if (kind == FaultKind.DelayRequest)
            {
                // It lands while the engine still reckons with it: what takes longer than Sync:UnknownOutcomeWait nobody can rule out.
                await Until.TrueAsync(() => world.Org.Tasks().Any(t => t.Subject == $"task {first:00000}"));
            }

            world.Time.Advance(TimeSpan.FromSeconds(random.Next(20, 700)));
            await rep.SyncAsync();
            world.Org.Faults.Remove(rule.Id);
        }

        for (var i = 0; i < 10; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await rep.SyncAsync();
        }

        var all = world.Org.Tasks(includeDeleted: true);
        Assert.Equal(made, all.Count);
        Assert.Equal(made, all.Select(t => t.Subject).Distinct().Count());
        Assert.Equal(made, await world.ReadAsync(db => db.Tasks.CountAsync(t => t.RemovedAt == null && t.Link!.SalesforceId != null, Token)));
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
        TestContext.Current.TestOutputHelper?.WriteLine($"{Answers} lost answers, {made} tasks, {all.Count - made} duplicates, {string.Join(", ", world.Org.Faults.Fired.Select(f => $"{f.Value} {f.Key}"))}");
    }
}
