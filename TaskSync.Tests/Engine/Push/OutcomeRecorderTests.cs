using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Push;

public sealed class OutcomeRecorderTests
{
    [Fact]
    public async Task An_answer_that_loses_a_race_while_it_is_recorded_is_counted_once()
    {
        var race = new LostRace();
        await using var database = new TestDatabase(race);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        var rep = await world.SyncedRepAsync();
        var task = await rep.CreateAsync("Call");
        race.IsOn = true;

        await rep.SyncAsync();

        Assert.False(race.IsOn);
        Assert.Equal(1, await world.ReadAsync(db => db.Runs.Where(r => r.Kind == SyncRunKind.Push).SumAsync(r => r.Sent)));
        Assert.Single(await rep.HistoryAsync(task), entry => entry.Kind == HistoryKind.Sent);
    }

    /// <summary>Once, somebody is faster than the statement that ends a pending write.</summary>
    private sealed class LostRace : StatementInterceptor
    {
        public bool IsOn { get; set; }

        protected override void Before(DbCommand command)
        {
            if (IsOn && Sql(command).Contains("DELETE FROM \"PendingWrites\"", StringComparison.Ordinal))
            {
                IsOn = false;
                throw new SqliteException("Somebody was faster.", 19);
            }
        }
    }
}
