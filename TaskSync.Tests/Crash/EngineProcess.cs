using System.Diagnostics;
using System.Text.Json;

namespace TaskSync.Tests.Crash;

/// <summary>An engine that may die while it does something.</summary>
internal interface IMortalEngine : IAsyncDisposable
{
    /// <summary>Has it do something and waits until it is done.</summary>
    /// <returns>What it says, or null when it died on the way.</returns>
    Task<string?> DoAsync(DateTimeOffset at, params string[] words);
}

/// <summary>
/// An engine inside the test. Where it dies it stops for ever, and what it had open in the database is taken back: no line of it runs any more.
/// </summary>
internal sealed class FrozenEngine : IMortalEngine
{
    private readonly TaskCompletionSource<string?> _death = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EngineInstance _engine;

    public FrozenEngine(WorkerSettings settings, HashSet<string> known)
    {
        Boundary boundary = null!;
        boundary = new Boundary(known, _ =>
        {
            boundary.RollBack();
            _death.TrySetResult(null);
            return new TaskCompletionSource().Task;
        });
        _engine = new EngineInstance(settings, boundary);
    }

    public async Task<string?> DoAsync(DateTimeOffset at, params string[] words)
    {
        var done = Task.Run<string?>(async () => await _engine.DoAsync(at, words));
        return await await Task.WhenAny(done, _death.Task);
    }

    /// <summary>What is frozen is left alone; it holds nothing.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>
/// An engine inside the test that is stopped at a boundary of its cycle, as SIGSTOP or a long pause of its machine does, and goes on later. It is stopped only
/// where it has no transaction open: one that has keeps everybody waiting until it goes on.
/// </summary>
internal sealed class StoppedEngine : IMortalEngine
{
    private readonly TaskCompletionSource<string?> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EngineInstance _engine;
    private Task<string?> _work = Task.FromResult<string?>(null);

    public StoppedEngine(WorkerSettings settings, HashSet<string> known) => _engine = new EngineInstance(settings, new Boundary(known, Stop, CanStopAt));

    public async Task<string?> DoAsync(DateTimeOffset at, params string[] words)
    {
        _work = Task.Run<string?>(async () => await _engine.DoAsync(at, words));
        return await await Task.WhenAny(_work, _stop.Task);
    }

    /// <summary>It looks at the clock again and goes on.</summary>
    public async Task GoOnAsync(DateTimeOffset now)
    {
        _engine.SetTime(now);
        _goOn.SetResult();
        await _work;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private static bool CanStopAt(string name) => name.StartsWith("sync: ", StringComparison.Ordinal) && !name.Contains("before the commit", StringComparison.Ordinal);

    private Task Stop(string name)
    {
        // Once: when it has gone on, it passes the others without a stop.
        return _stop.TrySetResult(null) ? _goOn.Task : Task.CompletedTask;
    }
}

/// <summary>A running <see cref="EngineWorker"/>.</summary>
internal sealed class EngineProcess : IMortalEngine
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private EngineProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public static EngineProcess Start(WorkerSettings settings)
    {
        var assembly = typeof(EngineProcess).Assembly.Location;
        var start = new ProcessStartInfo(Path.ChangeExtension(assembly, null)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_STARTUP_HOOKS"] = assembly;
        start.Environment[EngineWorker.Switch] = JsonSerializer.Serialize(settings);

        // It lives for a second or two: nothing is worth compiling well.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_BackgroundWorkerTimeoutMs"] = "0";
        return new EngineProcess(Process.Start(start)!);
    }

    public async Task<string?> DoAsync(DateTimeOffset at, params string[] words)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync($"{at.UtcTicks}\t{string.Join('\t', words)}");
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It is gone already.
        }

        if (await _process.StandardOutput.ReadLineAsync() is { } answer)
        {
            return answer.StartsWith("ok\t", StringComparison.Ordinal) ? answer[3..] : throw new InvalidOperationException(answer);
        }

        await _process.WaitForExitAsync();
        return _process.ExitCode == 128 + 9 ? null : throw new InvalidOperationException($"The process ended by itself ({_process.ExitCode}):\n{await _errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
