using System.Diagnostics;
using System.Text.Json;

namespace TaskSync.Tests.Crash;

/// <summary>A running <see cref="EngineWorker"/>.</summary>
internal sealed class EngineProcess : IAsyncDisposable
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

    /// <summary>Has it do something and waits until it is done.</summary>
    /// <returns>What it says, or null when it was killed on the way.</returns>
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
