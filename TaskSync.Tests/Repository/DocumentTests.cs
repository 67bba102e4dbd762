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
        Assert.All(projects, project => Assert.True(File.Exists(Repo.PathOf($"{project}/{project}.csproj")), project));
    }

    [Fact]
    public void Commands_name_test_classes_and_folders_that_exist()
    {
        var types = typeof(DocumentTests).Assembly.GetTypes().Select(type => type.FullName!).ToList();
        var named = Repo.Documents.SelectMany(document => Class().Matches(Repo.Read(document)).Select(match => match.Groups[1].Value)).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(types, type => name.EndsWith('*') ? type.StartsWith(name[..^1], StringComparison.Ordinal) : type == name));
    }

    [Fact]
    public void Each_test_that_a_document_names_as_a_proof_exists()
    {
        var tests = typeof(DocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(method => method.Name).ToHashSet();
        var named = Repo.Code("docs/sync-algorithm.md").Concat(Repo.Code("CONTRIBUTING.md")).Where(code => TestName().IsMatch(code)).ToList();
        Assert.True(named.Count > 50, $"Only {named.Count} names of tests were found.");
        Assert.All(named, name => Assert.Contains(name, tests));
    }

    [Fact]
    public void Each_rule_that_the_document_of_the_algorithm_names_has_a_proof()
    {
        var text = Repo.Read("docs/sync-algorithm.md");
        var proven = typeof(DocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .SelectMany(method => RuleInName().Matches(method.Name)).Select(match => match.Value.Trim('_')).ToHashSet();
        Assert.All(Rule().Matches(text).Select(match => match.Value).Distinct(), rule => Assert.Contains(rule, proven));
    }

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

    /// <summary>Anchors as GitHub makes them: lower case, blanks become hyphens, punctuation goes.</summary>
    private static IEnumerable<string> Headings(string path) => Heading().Matches(File.ReadAllText(path))
        .Select(match => new string([.. match.Groups[1].Value.Trim().ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_')]));

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"!\[[^\]]+\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Picture();

    [GeneratedRegex(@"--project (\S+)")]
    private static partial Regex Project();

    [GeneratedRegex(@"--filter(?:-not)?-class ""?([\w.]+\*?)""?")]
    private static partial Regex Class();

    [GeneratedRegex(@"^([FS]\d+|Section\d+|[A-Z][a-z]*)(_\w+){2,}\z")]
    private static partial Regex TestName();

    [GeneratedRegex(@"(^|_)[FS]\d+(?=_)")]
    private static partial Regex RuleInName();

    [GeneratedRegex(@"\b[FS]\d+\b(?!_)")]
    private static partial Regex Rule();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
