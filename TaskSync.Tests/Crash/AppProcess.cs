using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Crash;

/// <summary>The app as a real process that can be killed. It polls every second and talks to the org the test gives it.</summary>
public sealed partial class AppProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];

    private AppProcess(Process process) => _process = process;

    public Uri Address { get; private set; } = null!;

    public bool IsRunning => !_process.HasExited;

    /// <summary>What it took of the processors so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes that it holds in memory.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What it wrote so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <param name="settings">Environment variables. Development on a free port unless they say otherwise.</param>
    /// <param name="program">Path of TaskSync.Web.dll; null is the one beside the tests.</param>
    public static async Task<AppProcess> StartAsync(IReadOnlyDictionary<string, string> settings, string? program = null)
    {
        var start = Prepare(settings, program);
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var app = new AppProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        app._process.OutputDataReceived += (_, line) => app.Read(line.Data, listening);
        app._process.ErrorDataReceived += (_, line) => app.Read(line.Data, listening);
        app._process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("The app ended:\n" + app.Output));
        app._process.Start();
        app._process.BeginOutputReadLine();
        app._process.BeginErrorReadLine();
        app.Address = await listening.Task.WaitAsync(TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>Starts it with settings that cannot work, and waits until it has ended.</summary>
    /// <returns>Its exit code, and what it wrote to standard error.</returns>
    public static async Task<(int ExitCode, string Errors)> EndsAsync(IReadOnlyDictionary<string, string> settings, string? program = null)
    {
        using var process = Process.Start(Prepare(settings, program))!;
        try
        {
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(120), WallClock.Time, TestContext.Current.CancellationToken);
            return (process.ExitCode, await errors);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>SIGKILL: nothing is cleaned up, nothing is said goodbye to. Returns when the process is gone.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, as a service manager or a container engine ends it, and waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), WallClock.Time, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: it stands still, and knows nothing of it when it goes on.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    public Task GoOnAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static ProcessStartInfo Prepare(IReadOnlyDictionary<string, string> settings, string? program)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(program ?? Path.Combine(AppContext.BaseDirectory, "TaskSync.Web.dll"));
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return start;
    }

    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();
}
