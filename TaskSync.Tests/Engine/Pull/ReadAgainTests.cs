using TaskSync.Simulator.Faults;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>Rows of a poll that only a read by id can tell the truth of.</summary>
public sealed class ReadAgainTests
{
    private static readonly TimeSpan BeyondTheOverlap = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task S8_the_cursor_does_not_pass_a_row_that_has_to_be_read_again_before_it_was_read()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, id, remote) = await world.PairAsync();
        world.Org.DeleteTask(remote);
        await rep.SyncAsync();
        Assert.NotNull((await rep.TaskAsync(id)).RemovedAt);
        world.Org.UndeleteTask(remote);
        world.Time.Advance(BeyondTheOverlap);

        // The poll shows the row. The read that follows fails, and the process ends.
        var failed = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, PathContains = "Id IN" });
        await rep.SyncAsync();
        Assert.Equal(1, failed.Fired);
        await world.RestartAsync();
        world.Time.Advance(BeyondTheOverlap);
        await rep.SyncAsync();

        Assert.Null((await rep.TaskAsync(id)).RemovedAt);
    }

    [Fact]
    public async Task S8_the_cursor_moves_with_the_rows_that_were_read_again()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, id, remote) = await world.PairAsync();
        world.Org.DeleteTask(remote);
        await rep.SyncAsync();
        world.Org.UndeleteTask(remote);
        world.Time.Advance(BeyondTheOverlap);
        await rep.SyncAsync();

        Assert.Null((await rep.TaskAsync(id)).RemovedAt);
        Assert.Equal(world.Time.GetUtcNow(), await world.ReadAsync(async db => (await db.Cursors.FindAsync(rep.ConnectionId))!.Fast));
    }
}
