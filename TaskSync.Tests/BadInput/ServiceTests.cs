using System.Globalization;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Access;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Reconciliation;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.BadInput;

/// <summary>Every operation that pages get at, called with values that no honest form sends.</summary>
public sealed class ServiceTests
{
    /// <summary>Calls in a usual run; TASKSYNC_ITERATIONS says another number.</summary>
    private const int Usual = 10_000;

    /// <summary>What signing in calls with what the identity provider and the browser say.</summary>
    private static readonly string[] SignIn = ["PeopleService.EnsureAsync", "SignIns.BeginAsync"];

    private static readonly IReadOnlyList<MethodInfo> Operations =
    [
        .. AccessRows.All.Keys.Select(name => name.Split(':')[0]).Concat(SignIn).Distinct().Select(name => name.Split('.'))
            .SelectMany(name => typeof(TaskService).Assembly.GetTypes().Single(type => type.Name == name[0]).GetMethods().Where(method => method.Name == name[1]))
            .Where(method => method.GetParameters().Skip(1).Any(parameter => parameter.ParameterType != typeof(CancellationToken)))

            // A grant is made of an answer that was checked.
            .Where(method => method.GetParameters().All(parameter => parameter.ParameterType != typeof(TokenGrant))),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Section6_bad_input_breaks_no_operation_and_nothing_is_kept_that_the_rules_refuse()
    {
        await using var world = SyncWorld.StartInProcess();
        var (rep, admin) = (await world.RepAsync(), await world.RepAsync(world.Org.Adam, "Adam Admin"));
        await rep.SaveAsync(true);
        await rep.SyncAsync();
        List<Guid> ids = [];
        for (var i = 0; i < 20; i++)
        {
            ids.Add(await rep.CreateAsync($"Task {i}", world.Today));
        }

        var first = ulong.Parse(Environment.GetEnvironmentVariable("TASKSYNC_SEED") ?? "1", CultureInfo.InvariantCulture);
        var (called, broken) = (new HashSet<MethodInfo>(), new Dictionary<MethodInfo, string>());
        for (var seed = first; seed < first + (ulong)Sides.Times(Usual); seed++)
        {
            var values = new BadValues(seed, ids);
            var operation = values.Of(Operations);
            called.Add(operation);
            if (await Record.ExceptionAsync(() => CallAsync(world.Get(operation.ReflectedType!), operation, values, rep.Id, admin.Id)) is { } failure)
            {
                broken.TryAdd(operation, $"TASKSYNC_SEED={seed} TASKSYNC_ITERATIONS=1: {operation.ReflectedType!.Name}.{operation.Name}: {failure}");
            }
        }

        Assert.True(broken.Count == 0, string.Join("\n\n", broken.Values));
        Assert.True(called.Count == Operations.Count || Sides.Times(Usual) < Usual, "Some were never called.");
        await Assert.AllAsync(await world.ReadAsync(db => db.Tasks.AsNoTracking().ToListAsync(Token)), task =>
        {
            Assert.Empty(TaskRules.Check(TaskDraft.Of(task), OrgSchema.Default));
            return Task.CompletedTask;
        });
        await world.ReadAsync(NothingIsTooLongAsync);

        // Whatever it was, the two sides are one list afterwards.
        await world.Get<AdminActions>().ResumeAllAsync(Admins.Of(admin.Id), Token);
        await rep.SaveAsync(true);
        await rep.SettleAsync();
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    private static async Task CallAsync(object service, MethodInfo operation, BadValues values, Guid rep, Guid admin)
    {
        var arguments = operation.GetParameters().Select((parameter, i) => (i, parameter.ParameterType) switch
        {
            (0, var type) when type == typeof(Guid) => rep,
            (0, var type) when type == typeof(Actor) => Admins.Of(admin),
            (0, _) => $"entra:{values.Id()}",
            _ => values.Argument(parameter),
        }).ToArray();
        if (operation.Invoke(service, BindingFlags.DoNotWrapExceptions, null, arguments, CultureInfo.InvariantCulture) is Task task)
        {
            await task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        }
    }

    /// <summary>SQLite takes texts of any length and kind; the other databases refuse them.</summary>
    private static async Task<bool> NothingIsTooLongAsync(TaskSyncDb db)
    {
        await db.Database.OpenConnectionAsync(Token);
        foreach (var property in db.Model.GetEntityTypes().SelectMany(type => type.GetProperties()).Where(property => property.ClrType == typeof(string)))
        {
            var (table, column) = (property.DeclaringType.ContainingEntityType.GetTableName(), property.GetColumnName());
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // Names of our own.
            command.CommandText = $"SELECT \"{column}\" FROM \"{table}\" WHERE \"{column}\" IS NOT NULL";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync(Token);
            while (await reader.ReadAsync(Token))
            {
                var text = reader.GetString(0);
                Assert.True(text.Length <= (property.GetMaxLength() ?? int.MaxValue), $"{table}.{column} is {text.Length} long.");
                Assert.False(text.Contains('\0'), $"{table}.{column} holds a NUL.");
            }
        }

        return true;
    }
}
