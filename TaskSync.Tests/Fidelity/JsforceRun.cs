using System.Diagnostics;
using System.Text.Json;
using TaskSync.Simulator;
using TaskSync.Tests.Repository;

namespace TaskSync.Tests.Fidelity;

/// <summary>Runs all checks once, in a node process, against an organization of their own.</summary>
public sealed class JsforceRun : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static string Folder => Repo.PathOf("TaskSync.Tests/Fidelity");

    /// <summary>Why nothing could be run; null when it was.</summary>
    public string? Missing { get; private set; }

    /// <summary>What went wrong beside the checks themselves.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>Error of each check that was run, null when it holds.</summary>
    public Dictionary<string, string?> Results { get; } = [];

    public async ValueTask InitializeAsync()
    {
        if (await VersionAsync("node") is not { } node || await VersionAsync("npm") is null)
        {
            Missing = "node or npm is not installed, so jsforce cannot judge the simulator.";
            return;
        }

        if (node.Major < 18)
        {
            Missing = $"jsforce needs node 18 or later; this is {node}.";
            return;
        }

        if (!File.Exists(Path.Combine(Folder, "node_modules", "jsforce", "package.json")))
        {
            var (code, _, error) = await RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            Assert.True(code == 0, $"npm ci: {error}");
        }

        await using var host = await SimulatorHost.StartAsync();
        var (exit, output, trouble) = await RunAsync("node", "run.mjs", host.BaseAddress.AbsoluteUri);
        Trouble = $"node ended with {exit}. {trouble}";
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var result = JsonDocument.Parse(line);
            Results.Add(result.RootElement.GetProperty("name").GetString()!, result.RootElement.GetProperty("error").GetString());
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<Version?> VersionAsync(string program)
    {
        try
        {
            var (code, output, _) = await RunAsync(program, "--version");
            return code == 0 && Version.TryParse(output.Trim().TrimStart('v'), out var version) ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        // On Windows npm is a script, which only the shell finds.
        var start = OperatingSystem.IsWindows() && program == "npm" ? new ProcessStartInfo("cmd", ["/c", "npm", .. arguments]) : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = Folder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} took longer than {Patience.TotalMinutes} minutes.");
        }
    }
}
