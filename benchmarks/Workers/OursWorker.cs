using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;

namespace TaskSync.Benchmarks.Workers;

/// <summary>TaskSync's own engine, with the services of the product. Nothing but its timer is missing: the benchmark rings.</summary>
internal sealed class OursWorker : IWorker
{
    private ServiceProvider? _services;
    private string _database = "";
    private Guid _person;
    private Guid _connection;
    private int _shard;

    public async Task<Reply> DoAsync(Order order)
    {
        if (_services is null && order.Database.Length > 0)
        {
            await OpenAsync(order);
        }

        switch (order.Do)
        {
            case "connect":
                await ConnectAsync(order);
                return new Reply();
            case "first":
                return new Reply { Took = await Measured.OfAsync(FirstSyncAsync) };
            case "rest":
                await UntilQuietAsync();
                return new Reply();
            case "poll":
                return new Reply { Took = await Measured.OfAsync(() => PollAsync(order.Count)), Count = order.Count };
            case "edit":
                return new Reply { Count = await EditAsync(order.Count) };
            case "sync":
                return new Reply { Took = await Measured.OfAsync(SyncAsync) };
            case "digest":
                return await DigestAsync();
            default:
                throw new ArgumentException($"TaskSync cannot {order.Do}.", nameof(order));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }
    }

    private async Task OpenAsync(Order order)
    {
        _database = order.Database;
        var isThere = File.Exists(_database);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:TaskSync"] = $"Data Source={_database}",
            ["Salesforce:LoginUrl"] = order.Url,
            ["Salesforce:ClientId"] = "TaskSync.Demo",
        }).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(Machine.Time).AddSingleton(new Random(1))
            .AddTaskSyncData(configuration).AddSalesforce(configuration).AddSalesforceConnections().AddEngineCore(configuration).AddTasks();
        services.AddDataProtection().SetApplicationName("TaskSync").PersistKeysToDbContext<SqliteTaskSyncDb>();
        _services = services.BuildServiceProvider();
        if (isThere)
        {
            await using var db = await OpenDatabaseAsync();
            (_connection, _person, _shard) = await db.Connections.Select(c => new ValueTuple<Guid, Guid, int>(c.Id, c.PersonId, c.Shard)).FirstAsync();
        }
    }

    /// <summary>An empty database, in a process that has done all this before: it goes on with what it has compiled.</summary>
    private async Task EmptyAsync()
    {
        SqliteConnection.ClearAllPools();
        foreach (var file in new[] { _database, _database + "-wal", _database + "-shm" })
        {
            File.Delete(file);
        }

        await Get<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
    }

    /// <summary>The rep connects and ticks the box; nothing is read yet.</summary>
    private async Task ConnectAsync(Order order)
    {
        await EmptyAsync();
        var access = order.Access!;
        _person = await Get<PeopleService>().EnsureAsync("demo:bench", "Bench", null, CancellationToken.None);
        var grant = new TokenGrant(access.AccessToken, access.RefreshToken, order.Url, $"{order.Url}/id/{access.OrganizationId}/{access.UserId}", access.OrganizationId, access.UserId);
        _connection = await Get<ConnectionService>().ConnectAsync(_person, grant, CancellationToken.None) is ConnectResult.Connected connected
            ? connected.ConnectionId
            : throw new InvalidOperationException("The rep could not connect.");
        await Get<SyncSwitch>().TurnOnAsync(_person, ImportWindow.Last24Hours, CancellationToken.None);
        await using var db = await OpenDatabaseAsync();
        _shard = await db.Connections.Where(c => c.Id == _connection).Select(c => c.Shard).FirstAsync();
    }

    private async Task FirstSyncAsync()
    {
        await Get<SyncEngine>().RunShardAsync(_shard, CancellationToken.None);
        await using var db = await OpenDatabaseAsync();
        if (!await db.InitialSyncs.AnyAsync(initial => initial.State == InitialSyncState.Done))
        {
            throw new InvalidOperationException("The first sync did not end.");
        }
    }

    private async Task UntilQuietAsync()
    {
        while (await Get<SyncEngine>().RunConnectionAsync(_connection, CancellationToken.None) <= Machine.Time.GetUtcNow())
        {
        }
    }

    /// <summary>Idle cycles: Salesforce is asked what changed, and nothing did.</summary>
    private async Task PollAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await SyncAsync();
        }
    }

    /// <summary>One cycle, as if somebody had pressed Sync now.</summary>
    private Task SyncAsync()
    {
        Get<SyncDoorbell>().Ring(_connection, readChanges: true);
        return Get<SyncEngine>().RunConnectionAsync(_connection, CancellationToken.None);
    }

    /// <summary>Moves every so manieth task to another day, as the rep does with a selection.</summary>
    private async Task<int> EditAsync(int count)
    {
        await using var db = await OpenDatabaseAsync();
        var all = await db.Tasks.AsNoTracking().Where(t => t.RemovedAt == null).OrderBy(t => t.Id).Select(t => new { t.Id, t.DueDate }).ToListAsync();
        var chosen = Enumerable.Range(0, count).Select(i => all[(int)((((long)i * all.Count) + (all.Count / 2)) / count)]).ToList();
        var due = (chosen[0].DueDate ?? new DateOnly(2026, 1, 1)).AddDays(100);
        foreach (var some in chosen.Chunk(200))
        {
            await Get<TaskService>().RescheduleAsync(_person, [.. some.Select(task => task.Id)], due, CancellationToken.None);
        }

        return count;
    }

    private async Task<Reply> DigestAsync()
    {
        await using var db = await OpenDatabaseAsync();
        var links = await db.Links.AsNoTracking().Include(l => l.Task).Where(l => l.State == LinkState.Open && l.Task!.RemovedAt == null).ToListAsync();
        return new Reply { Digest = Digest.Of(links.Select(link => Values(link.SalesforceId, link.Task!))), Count = links.Count };
    }

    private static string?[] Values(string? id, TaskItem task) =>
        [id, task.Subject, TaskValues.Text(task.DueDate), task.Status, task.Priority, task.Details, task.Type, task.WhoId, task.WhatId, task.CallResult];

    private Task<TaskSyncDb> OpenDatabaseAsync() => Get<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync();

    private T Get<T>()
        where T : notnull => _services!.GetRequiredService<T>();
}
