using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Crash;

/// <summary>What the process that is killed works with.</summary>
/// <param name="Boundaries">The file that names where it died before; it dies at none of them again.</param>
/// <param name="EveryBoundary">Whether it dies at every boundary, or only at those that leave something half done (<see cref="EngineWorker.IsHalfWay"/>).</param>
internal sealed record WorkerSettings(string Database, string Salesforce, string Boundaries, bool EveryBoundary, Guid Person, Guid Connection);

/// <summary>The engine and the page services as a process of their own: it reads commands from its input, one a line, does each and says so.</summary>
internal static class EngineWorker
{
    /// <summary>The environment variable that holds the settings; where it is set the program is this one.</summary>
    public const string Switch = "TASKSYNC_TEST_WORKER";

    public static async Task<int> RunAsync(string json)
    {
        var settings = JsonSerializer.Deserialize<WorkerSettings>(json)!;
        var known = new HashSet<string>(File.Exists(settings.Boundaries) ? File.ReadAllLines(settings.Boundaries) : []);
        var boundary = new Boundary(known, name => Die(settings.Boundaries, name), settings.EveryBoundary ? null : IsHalfWay);
        await using var engine = new EngineInstance(settings, boundary);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (at, words) = line.Split('\t') is [var ticks, .. var rest] ? (long.Parse(ticks, CultureInfo.InvariantCulture), rest) : throw new FormatException(line);
            Console.WriteLine($"ok\t{await engine.DoAsync(new DateTimeOffset(at, TimeSpan.Zero), words)}");
        }

        return 0;
    }

    /// <summary>What the names of boundaries at a write contain: between them one side knows something that the other does not. A story has to pass them all.</summary>
    public static readonly IReadOnlyList<string> HalfWritten =
    [
        "after the commit of Links", // the attempt is stored, not sent
        "POST /composite is answered",
        "before POST Soap",
        "POST Soap/u/66.0 is answered",
        "before the commit of History+Links+PendingWrites", // the answer is to be recorded
        "after the commit of History+Links+PendingWrites",
    ];

    /// <summary>The boundaries at a write, and those at which a read is taken in. All others leave what one of these leaves.</summary>
    public static bool IsHalfWay(string name) =>
        name.StartsWith("sync: ", StringComparison.Ordinal)
        && (HalfWritten.Any(part => name.Contains(part, StringComparison.Ordinal))
            || (name.Contains("after the commit of ", StringComparison.Ordinal) && (name.Contains("Cursors", StringComparison.Ordinal) || name.Contains("InitialSyncs", StringComparison.Ordinal))));

    /// <summary>SIGKILL: nothing is cleaned up, nothing is said goodbye to.</summary>
    private static Task Die(string file, string name)
    {
        File.AppendAllLines(file, [name]);
        using var self = Process.GetCurrentProcess();
        self.Kill();
        return new TaskCompletionSource().Task;
    }
}

/// <summary>An engine with the page services, without a host. Time is what the commands say, so that nothing has to be waited for.</summary>
internal sealed class EngineInstance : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly WorkerSettings _settings;
    private readonly Boundary _boundary;
    private readonly ServiceProvider _services;

    public EngineInstance(WorkerSettings settings, Boundary boundary)
    {
        (_settings, _boundary) = (settings, boundary);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Salesforce:LoginUrl"] = settings.Salesforce,
            ["Salesforce:ClientId"] = "TaskSync.Demo",
        }).Build();
        var services = SyncWorld.Services(TestDatabase.Open(settings.Database, boundary, boundary.Commands), _time, configuration, new PlainProtection());
        services.ConfigureHttpClientDefaults(clients => clients.AddHttpMessageHandler(() => new Boundary.Requests(boundary)));
        _services = services.BuildServiceProvider();
    }

    public Task<string> DoAsync(DateTimeOffset now, string[] words)
    {
        _time.SetUtcNow(now > _time.GetUtcNow() ? now : _time.GetUtcNow());
        _boundary.Step = words[0];
        return DoAsync(_services, _settings, words[0], words[1..]);
    }

    public void SetTime(DateTimeOffset now) => _time.SetUtcNow(now);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

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
