using System.Diagnostics;
using System.Text.Json;

namespace TaskSync.Benchmarks.Workers;

/// <summary>A worker in a process of its own, seen from the driver.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <summary>Starts one of this program's own workers.</summary>
    public static WorkerProcess Start(string name) => Start(Environment.ProcessPath!, [.. Own, "worker", name]);

    /// <summary>Starts the jsforce script.</summary>
    public static WorkerProcess StartJsforce() => Start("node", ["--expose-gc", Path.Combine(Peers.Folder, "jsforce.mjs")]);

    /// <summary>Has it do something.</summary>
    /// <exception cref="InvalidOperationException">It could not; the message is the worker's.</exception>
    public async Task<Reply> AskAsync(Order order)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order, Order.Json));
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The worker {_process.StartInfo.FileName} has ended.");
        var reply = JsonSerializer.Deserialize<Reply>(line, Order.Json)!;
        return reply.Error is null ? reply : throw new InvalidOperationException($"{order.Do}: {reply.Error}");
    }

    /// <summary>Processor time that it has used since it started, in milliseconds.</summary>
    public double CpuMs
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>Closes its input and waits until it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>When started as "dotnet x.dll" the program is an argument.</summary>
    private static string[] Own => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(WorkerProcess).Assembly.Location] : [];

    private static WorkerProcess Start(string program, IEnumerable<string> arguments) => new(Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!);
}
