using System.Diagnostics;
using TaskSync.Tests.Repository;
using TaskSync.Tests.Web;

namespace TaskSync.Tests.Crash;

/// <summary>What a company installs: a published build in a process of its own, in Production.</summary>
public sealed class PublishedTests(PublishedBuild build) : IClassFixture<PublishedBuild>
{
    public static TheoryData<string, string?> WrongValues => ProductionSettings.WrongValues;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [MemberData(nameof(WrongValues))]
    public async Task SE10_a_published_build_stops_at_a_wrong_setting_and_names_it(string key, string? value)
    {
        var (exitCode, errors) = await AppProcess.EndsAsync(build.Settings((key, value)), await build.ProgramAsync());

        Assert.Equal((1, 1), (exitCode, errors.Trim().Split('\n').Length));
        Assert.Contains(key, errors, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task SE7_a_published_build_opens_nothing_that_only_Development_opens()
    {
        await using var same = new WebApp("Production", ProductionSettings.Right());
        await using var app = await AppProcess.StartAsync(build.Settings(), await build.ProgramAsync());
        using var visitor = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Address };
        Assert.Contains("Continue with Microsoft", await visitor.GetStringAsync("/sign-in", Token), StringComparison.Ordinal);

        await ProductionTests.AssertClosedAsync(visitor, await ProductionTests.OnlyInDevelopmentAsync(same));
    }
}

/// <summary>Published once, for whoever asks first.</summary>
public sealed class PublishedBuild : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tasksync-published-").FullName;
    private Task<string>? _publish;

    /// <summary>Path of the published TaskSync.Web.dll.</summary>
    public Task<string> ProgramAsync() => _publish ??= PublishAsync();

    /// <summary>Environment variables of a Production that works, but for these changes.</summary>
    public Dictionary<string, string> Settings(params (string Key, string? Value)[] changes) => ProductionSettings.Right(changes)
        .Append(new("ASPNETCORE_ENVIRONMENT", "Production")).Prepend(new("ConnectionStrings:TaskSync", $"Data Source={Path.Combine(_folder, "data", "tasksync.db")}"))
        .GroupBy(pair => pair.Key).ToDictionary(same => same.Key.Replace(":", "__", StringComparison.Ordinal), same => same.Last().Value ?? "");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> PublishAsync()
    {
        var output = Path.Combine(_folder, "app");
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["publish", "TaskSync.Web", "-c", "Release", "-o", output]) { WorkingDirectory = Repo.Root, RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? Path.Combine(output, "TaskSync.Web.dll") : throw new InvalidOperationException(said);
    }
}
