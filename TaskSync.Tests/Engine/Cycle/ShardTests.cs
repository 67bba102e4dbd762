using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>No rep of a shard waits for another one.</summary>
public sealed class ShardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_many_hung_calls_as_a_shard_has_places_hold_up_nobody()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        List<FaultRule> hangs = [];
        for (var i = 0; i < 8; i++)
        {
            var hung = await world.SyncedRepAsync(world.Org.AddUser("Rep", $"Number{i}"), $"Rep {i}");
            hangs.Add(world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, UserId = hung.User.Id, Times = 0 }));
        }

        var rep = await world.RepAsync();
        var number = Shards.Of(rep.ConnectionId, Shards.Usual);
        await world.ReadAsync(db => db.Connections.ExecuteUpdateAsync(set => set.SetProperty(c => c.Shard, number), Token));
        world.Time.Advance(TimeSpan.FromMinutes(2));
        var shard = world.Get<SyncEngine>().RunShardAsync(number, Token);
        await Until.TrueAsync(() => hangs.TrueForAll(hang => hang.Fired == 1));

        await rep.SaveAsync(true);

        // Not so long that our side gives the calls up.
        var latest = world.Time.GetUtcNow() + TimeSpan.FromSeconds(25);
        await Until.TrueAsync(async () =>
        {
            world.Time.Advance(world.Time.GetUtcNow() < latest ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
            return await world.ReadAsync(db => db.InitialSyncs.AnyAsync(i => i.ConnectionId == rep.ConnectionId && i.State == InitialSyncState.Done, Token));
        });
        Assert.All(hangs, hang => Assert.Equal(1, hang.Fired));
        Assert.False(shard.IsCompleted);
        hangs.ForEach(hang => hang.Release());
        await shard;
    }

    [Fact]
    public async Task An_import_gives_its_place_away_after_each_page()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 2, withReader: false);
        Dictionary<Guid, FaultRule> pages = [];
        for (var i = 0; i < 9; i++)
        {
            var rep = await world.RepAsync(world.Org.AddUser("Rep", $"Number{i}"), $"Rep {i}");
            for (var task = 0; task < 6; task++)
            {
                world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"task {task}", ["ActivityDate"] = world.Today });
            }

            await rep.SaveAsync(true);
            pages.Add(rep.ConnectionId, world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, UserId = rep.User.Id, PathContains = "ActivityDate >=" }));
        }

        // Too old for a poll: the imports bring them.
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.ReadAsync(db => db.Connections.ExecuteUpdateAsync(set => set.SetProperty(c => c.Shard, 0), Token));
        var shard = world.Get<SyncEngine>().RunShardAsync(0, Token);
        await Until.TrueAsync(() => pages.Values.Count(page => page.Fired == 1) == 8);
        var (first, last) = (pages.First(page => page.Value.Fired == 1), pages.Single(page => page.Value.Fired == 0));

        first.Value.Release();

        await Until.TrueAsync(() => last.Value.Fired == 1);
        Assert.Equal(2, await DoneAsync(first.Key));
        foreach (var page in pages.Values)
        {
            page.Release();
        }

        await shard;
        await Assert.AllAsync(pages.Keys, async id => Assert.Equal(6, await DoneAsync(id)));

        Task<int> DoneAsync(Guid connectionId) => world.ReadAsync(db => db.InitialSyncs.Where(i => i.ConnectionId == connectionId).Select(i => i.Done).SingleAsync(Token));
    }
}
