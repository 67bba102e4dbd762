using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Salesforce;
using TaskSync.Web.Components.Admin;
using TaskSync.Web.Security;

namespace TaskSync.Web.Hosting;

/// <summary>
/// What the operator does without a page: export and erase a person. The same services as the pages', on the same database, with neither web server nor engine
/// nor simulated organization. TaskSync may run meanwhile. <see cref="HealthCommand"/> asks the one that runs.
/// </summary>
public static class CommandLine
{
    private const string Export = "export";
    private const string Erase = "erase";
    private const string HealthWord = "health";
    private const string HealthSwitch = "--health";
    private const string Yes = "--yes";

    /// <summary>Whoever may run this program beside its settings has the database and its keys.</summary>
    private static readonly Actor Operator = new(Guid.Empty, "Operator", IsAdmin: true);

    private const string Usage = """
        TaskSync.Web export <person> [file]   writes a zip with everything that is known of the person
        TaskSync.Web erase <person> --yes     deletes it for good; Salesforce keeps its own tasks
        <person> is an e-mail address, an account (tenant and object id), a Salesforce username or an id of TaskSync.
        Settings may follow as --Section:Key=value.
        """;

    /// <summary>Whether these arguments ask for something else than the web server.</summary>
    public static bool IsCommand(IReadOnlyList<string> args) => args is [Export or Erase or HealthWord or HealthSwitch, ..];

    /// <summary>Does what is asked for.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        if (args[0] is HealthWord or HealthSwitch)
        {
            return await HealthCommand.RunAsync(args[1..], output, error, HealthCommand.Patience);
        }

        string[] words = [.. args.Skip(1).Where(a => !a.StartsWith("--", StringComparison.Ordinal))];
        string[] settings = [.. args.Skip(1).Where(a => a.StartsWith("--", StringComparison.Ordinal) && a != Yes)];
        var isExport = args[0] == Export;
        if (words.Length < 1 || words.Length > (isExport ? 2 : 1) || settings.Any(s => !s.Contains('=', StringComparison.Ordinal)) || (isExport && args.Contains(Yes)))
        {
            await error.WriteLineAsync(Usage);
            return (int)ExitCode.Usage;
        }

        try
        {
            await using var app = Build(settings);
            var data = app.Services.GetRequiredService<PersonalData>();
            await app.Services.GetRequiredService<DatabaseMigrator>().DemandCurrentAsync(CancellationToken.None);
            return (int)(await FindAsync(data, words[0], error) is not { } person ? ExitCode.NotFound
                : isExport ? await ExportAsync(data, person, words.ElementAtOrDefault(1) ?? PersonExport.FileName(person), output)
                : await EraseAsync(data, person, args.Contains(Yes), output, error));
        }
        catch (Exception failure)
        {
            await error.WriteLineAsync(Words(failure));
            return (int)ExitCode.Failed;
        }
    }

    /// <summary>Never started: what it registers to run by itself does not run.</summary>
    private static WebApplication Build(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = RootSettings.PublishedContentRoot() });
        builder.AddRootSettings();
        builder.Logging.ClearProviders();
        builder.Services
            .AddMachine()
            .AddTaskSyncData(builder.Configuration)
            .AddSalesforce(builder.Configuration)
            .UseSimulatedSalesforce(builder.Configuration, builder.Environment)
            .AddSalesforceConnections()
            .AddEngineCore(builder.Configuration)
            .AddPrivacy()
            .AddKeyRing(builder.Configuration, builder.Environment);
        return builder.Build();
    }

    private static async Task<Guid?> FindAsync(PersonalData data, string text, TextWriter error)
    {
        var found = await data.FindAsync(Operator, text, CancellationToken.None);
        if (found is [var one])
        {
            return one;
        }

        await error.WriteLineAsync(found.Count == 0
            ? "Nobody is known by that address, account, username or id."
            : $"{found.Count} people are known by that. Say which by id: {string.Join(", ", found)}");
        return null;
    }

    private static async Task<ExitCode> ExportAsync(PersonalData data, Guid person, string path, TextWriter output)
    {
        await using (var file = new FileStream(path, PrivateFile()))
        {
            try
            {
                await data.ExportAsync(Operator, person, file, CancellationToken.None);
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        }

        await output.WriteLineAsync($"Exported to {path}");
        return ExitCode.Done;
    }

    private static async Task<ExitCode> EraseAsync(PersonalData data, Guid person, bool isSure, TextWriter output, TextWriter error)
    {
        if (!isSure)
        {
            var held = await data.LookAsync(Operator, person, CancellationToken.None);
            await error.WriteLineAsync($"This deletes {held?.Tasks} tasks and {held?.History} lines of history for good; {held?.Waiting} changes have not reached Salesforce and never will. Salesforce keeps its own tasks. Add {Yes} to do it.");
            return ExitCode.Usage;
        }

        switch (await data.EraseAsync(Operator, person, CancellationToken.None))
        {
            case Erasure.Done done:
                await output.WriteLineAsync($"Erased {person}.");
                foreach (var words in done.LeftToDo())
                {
                    await error.WriteLineAsync(words);
                }

                return ExitCode.Done;
            case Erasure.Refused refused:
                await error.WriteLineAsync(refused.Words);
                return ExitCode.Failed;
            default:
                await error.WriteLineAsync("There is no such person any more.");
                return ExitCode.NotFound;
        }
    }

    /// <summary>Never over a file that is there, and for the operator's account alone.</summary>
    private static FileStreamOptions PrivateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>A database's own words may hold what was stored: only its number is told.</summary>
    private static string Words(Exception failure) => StartFailure.Of(failure) ?? (failure is IOException or UnauthorizedAccessException ? failure.Message
        : $"It failed ({DatabaseFailures.KindOf(failure)}). Nothing was deleted; the sync of the person may have stopped. {DatabaseFailures.TroubleOf(failure)?.Words()} Try again.");

    private enum ExitCode
    {
        Done,
        Failed,
        Usage,
        NotFound,
    }
}
