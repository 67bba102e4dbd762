using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TaskSync.Web.Hosting;

namespace TaskSync.Tests.Repository;

/// <summary>What belongs into the repository, and what does not.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] Texts = [".cs", ".razor", ".md", ".json", ".props", ".csproj", ".sln", ".yaml", ".yml", ".css", ".js", ".svg", ".conf", ".service", ".sql", ".editorconfig", ".gitignore", ".dockerignore", "Dockerfile", "LICENSE", "run"];

    [Fact]
    public void No_file_names_a_folder_of_the_machine_it_was_written_on()
    {
        var found =
            from file in Repo.Files
            where Texts.Any(end => file.EndsWith(end, StringComparison.Ordinal))
            from Match match in MachinePath().Matches(Repo.Read(file))
            select $"{file}: {match.Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void The_image_restores_and_copies_the_app_and_every_project_it_refers_to()
    {
        var dockerfile = Repo.Read("Dockerfile");
        var ignored = Repo.Read(".dockerignore");
        Assert.All(WithReferences("TaskSync.Web"), project =>
        {
            Assert.Contains($"COPY {project}/{project}.csproj {project}/\n", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"COPY {project}/ {project}/\n", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"!{project}\n", ignored, StringComparison.Ordinal);
        });
        Assert.All(Repo.Files.Where(file => file is "global.json" or ".editorconfig" or "BannedSymbols.txt" or "appsettings.json" || file.StartsWith("Directory.", StringComparison.Ordinal)), file =>
        {
            Assert.Contains($" {file} ", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"!{file}\n", ignored, StringComparison.Ordinal);
        });
    }

    /// <summary>There is no shell in the image, so both are lists of words, and the health command has to be one.</summary>
    [Fact]
    public void The_image_starts_the_app_and_asks_it_by_a_command_it_knows()
    {
        var dockerfile = Repo.Read("Dockerfile");
        string[] Words(string instruction) => JsonSerializer.Deserialize<string[]>(Regex.Match(dockerfile, $@"^{instruction}.*?(\[.*\])\s*$", RegexOptions.Multiline).Groups[1].Value)!;

        Assert.Equal(["dotnet", "TaskSync.Web.dll"], Words("ENTRYPOINT"));
        Assert.Equal(["dotnet", "TaskSync.Web.dll"], Words("HEALTHCHECK")[..2]);
        Assert.True(CommandLine.IsCommand(Words("HEALTHCHECK")[2..]));
    }

    [Fact]
    public void The_simulator_and_the_engine_do_not_know_each_other()
    {
        Assert.DoesNotContain("TaskSync.Sync", WithReferences("TaskSync.Simulator"));
        Assert.DoesNotContain("TaskSync.Simulator", WithReferences("TaskSync.Sync"));
    }

    [Fact]
    public void Only_one_folder_speaks_the_query_language_of_Salesforce()
    {
        var found =
            from file in Repo.Files
            where file.EndsWith(".cs", StringComparison.Ordinal) && file.StartsWith("TaskSync.Sync/", StringComparison.Ordinal) && !file.StartsWith("TaskSync.Sync/Salesforce/", StringComparison.Ordinal)
            from Match match in Soql().Matches(Repo.Read(file))
            select $"{file}: {match.Value}";
        Assert.Empty(found);
    }

    /// <summary>Who makes a call says who may forbid it. The engine makes callers in two places, and only a preview calls because somebody asks at this moment.</summary>
    [Fact]
    public void F7_no_part_of_the_engine_makes_calls_that_nobody_is_asked_about()
    {
        var found =
            from file in Repo.Files
            where file.StartsWith("TaskSync.Sync/Engine/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal)
            from Match match in NewCaller().Matches(Repo.Read(file))
            select $"{file}: {match.Value}";
        Assert.Equal(
            [
                "TaskSync.Sync/Engine/Reader/ReaderStates.cs: new Caller(",
                "TaskSync.Sync/Engine/SwitchOn/Preview/SyncPreview.cs: Caller.Unasked",
                "TaskSync.Sync/Engine/SyncContexts.cs: new Caller(",
            ],
            found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_machines_clock_and_chance_are_named_in_one_place_of_each_program()
    {
        var places = Repo.Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && Suppression().IsMatch(Repo.Read(file))).Select(file => Path.GetFileName(file));
        Assert.Equal(["Machine.cs", "Machine.cs", "SimulatorOptions.cs", "WallClock.cs"], places.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_build_servers_script_can_be_started()
    {
        Assert.DoesNotContain('\r', Repo.Read(".ci/run"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Repo.PathOf(".ci/run")).HasFlag(UnixFileMode.UserExecute));
        }
    }

    private static HashSet<string> WithReferences(string project)
    {
        var all = new HashSet<string> { project };
        foreach (var reference in XDocument.Load(Repo.PathOf($"{project}/{project}.csproj")).Descendants("ProjectReference"))
        {
            all.UnionWith(WithReferences(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))));
        }

        return all;
    }

    [GeneratedRegex(@"\bnew Caller\(|\bCaller\.Unasked\b|\bAsk = ")]
    private static partial Regex NewCaller();

    [GeneratedRegex(@"\bSoql\b|new TaskQuery\(|"".*(?:\bSystemModstamp >|\bOwnerId =|\b(?:ASC|DESC), Id\b|\bSELECT .* FROM [A-Z]).*""")]
    private static partial Regex Soql();

    [GeneratedRegex(@"(?<![\w.:/~-])/(?:work|home|root|Users|mnt|tmp)/\w+|[A-Z]:\\Users\\\w+")]
    private static partial Regex MachinePath();

    [GeneratedRegex("^ *#pragma warning disable RS0030", RegexOptions.Multiline)]
    private static partial Regex Suppression();
}
