using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Status;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>What is stored of an outage of Salesforce, from its first failed call to the first one that works.</summary>
public sealed class OutageStateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.ServiceUnavailableHtml)]
    [InlineData(FaultKind.Error)]
    public async Task Section6_an_outage_is_known_since_its_first_call_with_nothing_waiting(FaultKind outage)
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.SyncedRepAsync();
        Assert.Null(await SinceAsync(world));
        world.Org.Faults.Add(new FaultRule { Kind = outage, PathContains = "/query", Code = "INSUFFICIENT_ACCESS", Message = "No.", Times = 0 });

        var before = world.Time.GetUtcNow();
        await rep.SyncAsync();
        var (_, since) = await PillAsync(world, rep.Id);
        Assert.InRange(since!.Value, before, world.Time.GetUtcNow());

        // Whatever comes up meanwhile, only an answer ends it.
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(10); passed += TimeSpan.FromSeconds(10))
        {
            await rep.RunAsync();
            Assert.Equal((SyncPillState.Away, since), await PillAsync(world, rep.Id));
            world.Time.Advance(TimeSpan.FromSeconds(10));
        }

        world.Org.Faults.Clear();
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await rep.SyncAsync();
        Assert.Null(await SinceAsync(world));
        Assert.Equal((SyncPillState.InStep, (DateTimeOffset?)null), await PillAsync(world, rep.Id));
    }

    private static Task<DateTimeOffset?> SinceAsync(SyncWorld world) => world.ReadAsync(db => db.Connections.Select(c => c.FailingSince).SingleAsync(Token));

    private static async Task<(SyncPillState, DateTimeOffset?)> PillAsync(SyncWorld world, Guid personId) =>
        await new SyncPillQuery(world.Database, world.Time).LoadAsync(personId, Token) is var pill ? (pill.State, pill.Since) : default;
}
