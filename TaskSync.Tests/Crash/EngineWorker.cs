using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Crash;

/// <summary>What the process that is killed works with.</summary>
internal sealed record WorkerSettings(string Database, string Salesforce, string Boundaries, Guid Person, Guid Connection);

/// <summary>
/// The engine and the page services as a process of their own: it reads commands from its input, one a line, does each and says so. Time is what the
/// commands say, so that nothing has to be waited for.
/// </summary>
internal static class EngineWorker
{
    /// <summary>The environment variable that holds the settings; where it is set the program is this one.</summary>
    public const string Switch = "TASKSYNC_TEST_WORKER";

    public static async Task<int> RunAsync(string json)
    {
        var settings = JsonSerializer.Deserialize<WorkerSettings>(json)!;
        var boundary = new Boundary(settings.Boundaries);
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Salesforce:LoginUrl"] = settings.Salesforce,
            ["Salesforce:ClientId"] = "TaskSync.Demo",
        }).Build();
        var services = SyncWorld.Services(TestDatabase.Open(settings.Database, boundary, boundary.Commands), time, configuration, new PlainProtection());
        services.ConfigureHttpClientDefaults(clients => clients.AddHttpMessageHandler(() => new Boundary.Requests(boundary)));
        await using var provider = services.BuildServiceProvider();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (at, verb, words) = line.Split('\t') is [var ticks, var first, .. var rest] ? (long.Parse(ticks, CultureInfo.InvariantCulture), first, rest) : throw new FormatException(line);
            boundary.Step = verb;
            var now = new DateTimeOffset(at, TimeSpan.Zero);
            time.SetUtcNow(now > time.GetUtcNow() ? now : time.GetUtcNow());
            Console.WriteLine($"ok\t{await DoAsync(provider, settings, verb, words)}");
        }

        return 0;
    }

    private static async Task<string> DoAsync(ServiceProvider services, WorkerSettings settings, string verb, string[] words)
    {
        var (person, tasks, never) = (settings.Person, services.GetRequiredService<TaskService>(), CancellationToken.None);
        switch (verb)
        {
            case "sync":
                services.GetRequiredService<SyncDoorbell>().Ring(settings.Connection, readChanges: true);
                await services.GetRequiredService<SyncEngine>().RunConnectionAsync(settings.Connection, never);
                return "";
            case "on":
                return (await services.GetRequiredService<SyncSwitch>().TurnOnAsync(person, ImportWindow.Last24Hours, never)).Reason ?? "";
            case "off":
                await services.GetRequiredService<SyncSwitch>().TurnOffAsync(person, never);
                return "";
            case "create":
                return ((TaskResult.Saved)await tasks.CreateAsync(person, new TaskDraft { Subject = words[0], Priority = "Normal", Status = "Not Started" }, never)).Id.ToString();
            case "edit":
                var loaded = await DraftAsync(services, Guid.Parse(words[0]));
                return (await tasks.EditAsync(person, Guid.Parse(words[0]), loaded, loaded with { Subject = words[1] }, never)).GetType().Name;
            case "complete":
                await tasks.CompleteAsync(person, [Guid.Parse(words[0])], never);
                return "";
            case "delete":
                await tasks.DeleteAsync(person, [Guid.Parse(words[0])], never);
                return "";
            case "restore":
                await tasks.RestoreAsync(person, [Guid.Parse(words[0])], never);
                return "";
            default:
                throw new ArgumentException(verb);
        }
    }

    private static async Task<TaskDraft> DraftAsync(ServiceProvider services, Guid taskId)
    {
        await using var db = await services.GetRequiredService<IDbContextFactory<TaskSync.Sync.Data.TaskSyncDb>>().CreateDbContextAsync();
        return TaskDraft.Of(await db.Tasks.AsNoTracking().FirstAsync(t => t.Id == taskId));
    }
}

/// <summary>Two processes share what is stored: tokens are stored as they are.</summary>
internal sealed class PlainProtection : IDataProtectionProvider, IDataProtector
{
    public IDataProtector CreateProtector(string purpose) => this;

    public byte[] Protect(byte[] plaintext) => plaintext;

    public byte[] Unprotect(byte[] protectedData) => protectedData;
}
