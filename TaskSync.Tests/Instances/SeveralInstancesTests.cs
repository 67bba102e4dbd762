using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Instances;

/// <summary>Several processes of the app on one PostgreSQL.</summary>
public sealed class SeveralInstancesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_that_start_together_on_an_empty_database_share_the_shards_and_one_takes_them_all_over()
    {
        await using var fleet = await Fleet.StartAsync();
        var both = await Task.WhenAll(fleet.StartInstanceAsync(), fleet.StartInstanceAsync());
        await using var first = both[0];
        await using var second = both[1];
        await fleet.StartPagesAsync();
        for (var i = 0; i < 24; i++)
        {
            await fleet.AddRepAsync($"Number{i}");
        }

        // Half each; a shard without connections has no holder.
        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 2 } holders && holders.Values.All(shards => shards is 3 or 4) && holders.Values.Sum() >= 7, Fleet.Patience);
        await Until.TrueAsync(() => fleet.ReadAsync(async db => await db.InitialSyncs.CountAsync(s => s.State == InitialSyncState.Done, Token) == 24), Fleet.Patience);

        first.Kill();

        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 1 } holders && holders.Values.Sum() >= 7, Fleet.Patience);
    }
}
