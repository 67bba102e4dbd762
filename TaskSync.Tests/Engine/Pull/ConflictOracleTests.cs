using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Tests.Simulation;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>
/// Both sides edit the same tasks while nobody syncs, in random order and at random distances. Then both are compared with a judge who knows the words of S3,
/// and nothing of the engine.
/// </summary>
public sealed class ConflictOracleTests
{
    private const int Tasks = 160;

    private static readonly TaskField[] Fields = [TaskField.Subject, TaskField.Details, TaskField.Type];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConflictPolicyKind.NewestWins, 0)]
    [InlineData(ConflictPolicyKind.NewestWins, 10)]
    [InlineData(ConflictPolicyKind.NewestWins, -10)]
    [InlineData(ConflictPolicyKind.SalesforceWins, 0)]
    [InlineData(ConflictPolicyKind.TaskSyncWins, 0)]
    public async Task S3_every_conflict_ends_as_the_rule_says_and_keeps_both_values(ConflictPolicyKind policy, int minutesFast)
    {
        var random = new Random(20260305);
        await using var world = SyncWorld.StartInProcess(o => o.TimeProvider = new SkewedClock(o.TimeProvider, TimeSpan.FromMinutes(minutesFast)));
        world.Org.SetPicklistValues("Type", "Call", "Email", "Meeting");
        var cases = Enumerable.Range(0, Tasks).Select(i => new Case(world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" }))).ToList();
        var rep = await world.SyncedRepAsync();
        await world.ReadAsync(db => db.People.ExecuteUpdateAsync(set => set.SetProperty(p => p.ConflictPolicy, policy), Token));

        for (var edit = 0; edit < Tasks * 12; edit++)
        {
            // Often within the two seconds that cannot be told apart.
            world.Time.Advance(TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(60_000) : random.Next(900)));
            var one = cases[random.Next(random.Next(2) == 0 ? Tasks : Math.Min(Tasks, (edit / 12) + 1))];
            var field = Fields[random.Next(Fields.Length)];
            var value = field == TaskField.Type ? (string?)new[] { "Call", "Email", null }[random.Next(3)] : $"{field} {edit}";
            await EditAsync(world, rep, one, field, value, here: random.Next(2) == 0);
        }

        for (var i = 0; i < 3; i++)
        {
            await rep.SyncAsync();
        }

        var conflicts = 0;
        foreach (var one in cases)
        {
            conflicts += await JudgeAsync(world, rep, one, policy);
        }

        Assert.InRange(conflicts, 200, 1000);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    private static async Task EditAsync(SyncWorld world, SyncWorld.Rep rep, Case one, TaskField field, string? value, bool here)
    {
        one.Id ??= (await rep.OfAsync(one.Row))!.Id;
        var (mine, theirs) = (one.Here, one.There);
        if ((here ? mine : theirs).GetValueOrDefault(field, one.Base(field)) == value)
        {
            return;
        }

        if (here)
        {
            await rep.EditAsync(one.Id.Value, draft => field switch
            {
                TaskField.Subject => draft with { Subject = value! },
                TaskField.Details => draft with { Details = value },
                _ => draft with { Type = value },
            });
            mine[field] = value;
            one.EditedHere[field] = world.Time.GetUtcNow();
        }
        else
        {
            world.Org.UpdateTask(one.Row.Id, new FieldValues { [field == TaskField.Details ? "Description" : field.ToString()] = value });
            theirs[field] = value;

            // Salesforce tells one time for the whole row, in whole seconds.
            var now = world.Time.GetUtcNow();
            one.EditedThere = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        }
    }

    private static async Task<int> JudgeAsync(SyncWorld world, SyncWorld.Rep rep, Case one, ConflictPolicyKind policy)
    {
        if (one.Id is not { } id)
        {
            return 0;
        }

        var (task, row) = (await rep.TaskAsync(id), world.Org.FindTask(one.Row.Id)!);
        var named = await world.ReadAsync(db => db.Conflicts.Where(c => c.TaskId == id).ToDictionaryAsync(c => c.Field, Token));
        var conflicts = 0;
        foreach (var field in Fields)
        {
            var (@base, ours, theirs) = (one.Base(field), one.Here.GetValueOrDefault(field, one.Base(field)), one.There.GetValueOrDefault(field, one.Base(field)));
            var isConflict = ours != @base && theirs != @base && ours != theirs;
            var oursWins = policy switch
            {
                ConflictPolicyKind.TaskSyncWins => true,
                ConflictPolicyKind.SalesforceWins => false,
                _ => isConflict && one.EditedHere[field] - one.EditedThere > TimeSpan.FromSeconds(2),
            };
            var expected = isConflict ? (oursWins ? ours : theirs) : ours != @base ? ours : theirs;
            var there = field switch { TaskField.Subject => row.Subject, TaskField.Details => row.Description, _ => row.Type };
            Assert.True(expected == task.Values[field] && expected == there, $"{field} of {one.Row.Subject}: base {@base}, {ours} here, {theirs} there → {expected} was expected, {task.Values[field]} is here, {there} there.");
            Assert.Equal(isConflict ? (ours, theirs) : ((string?, string?)?)null, named.TryGetValue(field, out var conflict) ? (conflict.OurValue, conflict.TheirValue) : null);
            conflicts += isConflict ? 1 : 0;
        }

        return conflicts;
    }

    private sealed class Case(SimulatedTask row)
    {
        public SimulatedTask Row => row;

        public Guid? Id { get; set; }

        public Dictionary<TaskField, string?> Here { get; } = [];

        public Dictionary<TaskField, string?> There { get; } = [];

        public Dictionary<TaskField, DateTimeOffset> EditedHere { get; } = [];

        public DateTimeOffset EditedThere { get; set; }

        public string? Base(TaskField field) => field == TaskField.Subject ? row.Subject : null;
    }
}
