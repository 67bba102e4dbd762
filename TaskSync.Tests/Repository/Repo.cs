using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>The files of the repository, found from where the tests run.</summary>
internal static partial class Repo
{
    private static readonly string[] NotOurs = [".git", ".vs", ".idea", "bin", "obj", "App_Data", "TestResults", "StrykerOutput", "node_modules"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file that belongs to the repository, as a path below its root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. FilesIn(Root).Order(StringComparer.Ordinal)];

    /// <summary>The documents that people read.</summary>
    public static IEnumerable<string> Documents => Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    public static string PathOf(string file) => Path.Combine(Root, file);

    /// <summary>The document without its blocks of code, in which nothing is a link.</summary>
    public static string Prose(string document) => CodeBlock().Replace(Read(document), "");

    /// <summary>What is written between single backticks.</summary>
    public static IEnumerable<string> Code(string document) => InlineCode().Matches(Prose(document)).Select(match => match.Groups[1].Value);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "TaskSync.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("TaskSync.sln is in no folder above the tests.");
    }

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(file => !file.EndsWith(".user", StringComparison.Ordinal) && !file.Contains(".db", StringComparison.Ordinal) && file is not (".git" or "test.log"))
            .Concat(Directory.EnumerateDirectories(folder).Where(path => !NotOurs.Contains(Path.GetFileName(path))).SelectMany(FilesIn));

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("(?<!`)`([^`\n]+)`(?!`)")]
    private static partial Regex InlineCode();
}
