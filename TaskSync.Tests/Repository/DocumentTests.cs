using System.Reflection;
using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>What the documents say of the repository is so.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken =
            from document in Repo.Documents
            from Match link in Link().Matches(Repo.Prose(document))
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal) && !IsThere(document, target)
            select $"{document}: {target}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Pictures_that_documents_show_are_there()
    {
        Assert.SkipUnless(Directory.Exists(Repo.PathOf("docs/images")), "No picture has been taken yet.");
        var missing =
            from document in Repo.Documents
            from Match picture in Picture().Matches(Repo.Prose(document))
            where !File.Exists(Target(document, picture.Groups["target"].Value))
            select $"{document}: {picture.Groups["target"].Value}";
        Assert.Empty(missing);
    }

    [Fact]
    public void Commands_name_projects_that_exist()
    {
        var projects =
            (from document in Repo.Documents
             from Match command in Project().Matches(Repo.Read(document))
             select command.Groups[1].Value).Distinct().ToList();
        Assert.Contains("TaskSync.Web", projects);
        Assert.All(projects, project => Assert.True(Directory.Exists(Repo.PathOf(project)) && Directory.EnumerateFiles(Repo.PathOf(project), "*.csproj").Any(), project));
    }

    [Fact]
    public void Commands_name_test_classes_and_folders_that_exist()
    {
        var types = typeof(DocumentTests).Assembly.GetTypes().Select(type => type.FullName!).ToList();
        var named = Repo.Documents.SelectMany(document => Class().Matches(Repo.Read(document)).Select(match => match.Groups[1].Value)).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(types, type => name.EndsWith('*') ? type.StartsWith(name[..^1], StringComparison.Ordinal) : type == name));
    }

    /// <summary>A run is dated: the tests that it names are those of its day.</summary>
    [Fact]
    public void Each_test_that_a_document_names_exists()
    {
        var tests = typeof(DocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(method => method.Name).ToHashSet();
        var named = Repo.Documents.Where(document => !document.StartsWith("docs/runs/", StringComparison.Ordinal) && document != Proofs.Page)
            .SelectMany(Repo.Code).Where(code => TestName().IsMatch(code)).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, tests));
    }

    [Fact]
    public void The_algorithm_is_told_in_at_most_1500_words() => Assert.InRange(Word().Count(Repo.Read("docs/sync-algorithm.md")), 500, 1500);

    /// <summary>The anchor of a heading as GitHub makes it: lower case, blanks become hyphens, punctuation goes.</summary>
    internal static string Anchor(string heading) =>
        new([.. heading.Trim().ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_')]);

    private static bool IsThere(string document, string target)
    {
        var (path, anchor) = target.Split('#') switch
        {
            [var file, var heading] => (file, heading),
            var parts => (parts[0], null),
        };
        var full = path.Length == 0 ? Repo.PathOf(document) : Target(document, path);
        return File.Exists(full) && (anchor is null || Headings(full).Contains(anchor));
    }

    private static string Target(string document, string path) => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repo.PathOf(document))!, path));

    private static IEnumerable<string> Headings(string path) => Heading().Matches(File.ReadAllText(path)).Select(match => Anchor(match.Groups[1].Value));

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"!\[[^\]]+\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Picture();

    [GeneratedRegex(@"--project (\S+)")]
    private static partial Regex Project();

    [GeneratedRegex(@"--filter(?:-not)?-class ""?([\w.]+\*?)""?")]
    private static partial Regex Class();

    [GeneratedRegex(@"^([FSD]\d+|Section\d+|[A-Z][a-z]*)(_\w+){2,}\z")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
