using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Reader;

/// <summary>A rep whom the org's reader reads for: what the pages say of them is what the reader knows, and nothing is done for them but what waits.</summary>
public sealed class FollowerTests
{
    private static readonly TimeSpan Hours = TimeSpan.FromHours(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SE6_a_follower_is_in_step_as_of_what_its_reader_says_and_nothing_is_written_for_it()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        var joined = await OwnSuccessAsync(world, rep);

        await PassAsync(world, Hours);
        await rep.RunAsync();

        var read = await ReaderSuccessAsync(world);
        Assert.InRange(world.Time.GetUtcNow() - read, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Equal((SyncPillState.InStep, read), await PillAsync(world, rep));
        Assert.Equal(read, (await world.Get<SettingsService>().LoadAsync(rep.Id, Token))!.Sync.LastSuccessAt);
        var row = (await world.Get<SyncStatusQuery>().PeopleAsync(Admins.Adam, null, 0, 50, Token)).Rows.Single(r => r.PersonId == rep.Id);
        Assert.Equal((read, world.Time.GetUtcNow() - read), (row.LastSuccessAt, row.Lag));
        Assert.Equal(joined, await OwnSuccessAsync(world, rep));
    }

    [Fact]
    public async Task SE6_a_follower_is_not_in_step_when_its_reader_has_read_nothing_for_minutes()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        await PassAsync(world, Hours);
        var last = await ReaderSuccessAsync(world);

        world.Time.Advance(TimeSpan.FromMinutes(6));
        await rep.RunAsync();

        Assert.Equal((SyncPillState.Away, last), await PillAsync(world, rep));
    }

    [Fact]
    public async Task SE6_what_a_follower_could_have_sent_and_did_not_is_not_in_step_whatever_its_reader_says()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        await PassAsync(world, Hours);
        var edited = world.Time.GetUtcNow();
        await rep.CreateAsync("Waits");

        await PassAsync(world, TimeSpan.FromMinutes(4));
        Assert.Equal((SyncPillState.Waiting, edited), await PillAsync(world, rep));
        await PassAsync(world, TimeSpan.FromMinutes(2));
        Assert.Equal((SyncPillState.Away, edited), await PillAsync(world, rep));

        await rep.RunAsync();
        Assert.Equal((SyncPillState.InStep, await ReaderSuccessAsync(world)), await PillAsync(world, rep));
    }

    [Fact]
    public async Task SE6_a_follower_whose_own_calls_fail_was_in_step_until_then_and_is_again_afterwards()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        await PassAsync(world, Hours);
        var last = await ReaderSuccessAsync(world);
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, UserId = rep.User.Id, Times = 1 });
        await rep.CreateAsync("Waits");

        await rep.RunAsync();
        await PassAsync(world, TimeSpan.FromMinutes(2));
        Assert.Equal((SyncPillState.Away, last), await PillAsync(world, rep));

        await rep.RunAsync();
        Assert.Equal((SyncPillState.InStep, await ReaderSuccessAsync(world)), await PillAsync(world, rep));
    }

    [Fact]
    public async Task SE6_who_leaves_the_reader_takes_along_as_of_when_they_were_in_step()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var (rita, sam) = (await world.SyncedRepAsync(), await world.SyncedRepAsync(world.Org.Sam, "Sam Seller"));
        await PassAsync(world, Hours);
        var last = await ReaderSuccessAsync(world);

        await world.Get<AdminActions>().PauseAsync(Admins.Adam, rita.Id, null, Token);
        Assert.Equal((SyncPillState.Paused, last), await PillAsync(world, rita));
        await world.Get<AdminActions>().ResumeAsync(Admins.Adam, rita.Id, Token);
        Assert.Equal((SyncPillState.InStep, last), await PillAsync(world, rita));

        await world.Get<ReaderService>().RemoveAsync(Admins.Adam, world.ReaderId!.Value, Token);
        Assert.Equal((SyncPillState.InStep, last), await PillAsync(world, sam));
    }

    [Fact]
    public async Task F7_a_rep_whose_sign_in_ended_misses_nothing_of_what_the_reader_read_meanwhile()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        await PassAsync(world, Hours);
        var last = await ReaderSuccessAsync(world);
        world.Org.RevokeGrants(rep.User.Id);
        await rep.CreateAsync("Made here");
        await rep.RunAsync();
        Assert.Equal((SyncPillState.Reconnect, last), await PillAsync(world, rep));
        Assert.False(await world.ReadAsync(db => db.Cursors.AnyAsync(c => c.ConnectionId == rep.ConnectionId && c.FollowsReader, Token)));
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Made there" });
        await PassAsync(world, TimeSpan.FromMinutes(10));
        Assert.Equal(["Made here"], await rep.SubjectsAsync());

        await rep.ConnectAsync(rep.User);
        await rep.SyncAsync();

        Assert.Equal(["Made here", "Made there"], await rep.SubjectsAsync());
        Assert.Equal(["Made here", "Made there"], rep.Remote().Select(t => t.Subject!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task After_a_start_only_followers_with_something_of_their_own_are_rung_for_when_the_reader_has_read()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rita = await world.SyncedRepAsync();
        await world.SyncedRepAsync(world.Org.Sam, "Sam Seller");
        await PassAsync(world, TimeSpan.FromMinutes(20));
        await rita.CreateAsync("Made here");
        await world.RestartAsync();
        var rung = new List<Guid>();
        world.Get<SyncDoorbell>().Rung += (id, _) => rung.Add(id);

        for (var minute = 0; minute < 3; minute++)
        {
            for (var shard = 0; shard < Shards.Usual; shard++)
            {
                await world.Get<SyncEngine>().RunShardAsync(shard, Token);
            }

            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([rita.ConnectionId], rung);
        Assert.Equal(["Made here"], rita.Remote().Select(t => t.Subject));
    }

    [Fact]
    public async Task A_follower_to_whom_a_field_is_shown_again_is_rung_for_whoever_asked()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        world.Org.HideField("Description", world.Org.Rita.Id);
        var rep = await world.SyncedRepAsync();
        Assert.True(await world.ReadAsync(db => db.Cursors.AnyAsync(c => c.ConnectionId == rep.ConnectionId && c.FollowsReader, Token)));
        world.Org.ShowField("Description", world.Org.Rita.Id);
        world.Time.Advance(TimeSpan.FromHours(25));
        var rung = new List<Guid>();
        world.Get<SyncDoorbell>().Rung += (id, _) => rung.Add(id);

        await rep.ReadAsync("Id != null");

        Assert.Equal([rep.ConnectionId], rung);
        Assert.False(await world.ReadAsync(db => db.Cursors.AnyAsync(c => c.ConnectionId == rep.ConnectionId && c.FollowsReader, Token)));
    }

    [Fact]
    public async Task Section6_a_follower_is_rung_for_when_its_reader_sees_writes_that_a_restored_backup_does_not_know()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        await using var backup = world.Database.Copy();
        await using var restored = SyncWorld.Restarted(world, backup);
        await restored.Get<SyncEngine>().RunReaderAsync(world.ReaderId!.Value, Token);

        // Its first read rings for whoever has something to do; this is seen by a later one.
        await rep.CreateAsync("Made after the backup");
        await rep.RunAsync();
        var rung = new List<Guid>();
        restored.Get<SyncDoorbell>().Rung += (id, _) => rung.Add(id);
        world.Time.Advance(TimeSpan.FromSeconds(15));

        await restored.Get<SyncEngine>().RunReaderAsync(world.ReaderId!.Value, Token);

        Assert.Contains(rep.ConnectionId, rung);
        Assert.Equal(AuditReason.RestoredBackup, await restored.ReadAsync(db => db.Cursors.Select(c => c.AuditAsked).SingleAsync(Token)));
    }

    /// <summary>The reader reads, as it is due; nobody serves the rep.</summary>
    private static async Task PassAsync(SyncWorld world, TimeSpan span)
    {
        for (var end = world.Time.GetUtcNow() + span; world.Time.GetUtcNow() < end;)
        {
            world.Time.Advance(TimeSpan.FromSeconds(30));
            await world.RunReaderAsync();
        }
    }

    private static async Task<(SyncPillState State, DateTimeOffset? AsOf)> PillAsync(SyncWorld world, SyncWorld.Rep rep) =>
        await world.Get<SyncPillQuery>().LoadAsync(rep.Id, Token) is var pill ? (pill.State, pill.AsOf) : default;

    private static Task<DateTimeOffset?> OwnSuccessAsync(SyncWorld world, SyncWorld.Rep rep) =>
        world.ReadAsync(db => db.Connections.Where(c => c.Id == rep.ConnectionId).Select(c => c.LastSuccessAt).SingleAsync(Token));

    private static async Task<DateTimeOffset> ReaderSuccessAsync(SyncWorld world) =>
        (await world.ReadAsync(db => db.Connections.Where(c => c.Id == world.ReaderId).Select(c => c.LastSuccessAt).SingleAsync(Token)))!.Value;
}
