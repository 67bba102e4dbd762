using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>
/// Compares what the folders of a project use of each other with a table of what they may use. A folder is a namespace below the root; the
/// longest one in the table that fits counts, and "" is the root itself. A folder may use only folders above it in the table, so that no table
/// can hold a circle.
/// </summary>
internal sealed partial class FolderArrows(string root, params (string Folder, string[] MayUse)[] table)
{
    /// <summary>The violations in a project's C# files, each with the name of its file.</summary>
    public IReadOnlyList<string> ViolationsIn(string project) => Violations(
        from file in Repo.Files
        where file.StartsWith(project + "/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal)
        select (file, Repo.Read(file)));

    /// <summary>The violations in files given as name and text.</summary>
    public IReadOnlyList<string> Violations(IEnumerable<(string File, string Text)> files)
    {
        var sources = files.Select(file => Source.Read(file.File, file.Text)).ToList();
        var types = sources.SelectMany(source => source.Types).ToHashSet();
        var forAll = sources.SelectMany(source => source.GlobalUsings).ToList();
        var arrows = from source in sources
                     from used in source.Uses(types, forAll)
                     where used == root || used.StartsWith(root + ".", StringComparison.Ordinal)
                     select Judge(source.File, FolderOf(source.Namespace), FolderOf(used));
        return [.. Upward(), .. arrows.OfType<string>().Distinct()];
    }

    private string? Judge(string file, string from, string to)
    {
        if (from == to)
            return null;
        return table.FirstOrDefault(entry => entry.Folder == from).MayUse is not { } allowed ? $"{file}: {Named(from)} is not in the table"
            : allowed.Contains(to) ? null : $"{file}: {Named(from)} uses {Named(to)}";
    }

    private IEnumerable<string> Upward() =>
        from at in Enumerable.Range(0, table.Length)
        from to in table[at].MayUse
        where table.Take(at).All(entry => entry.Folder != to)
        select $"table: {Named(table[at].Folder)} may use {Named(to)}, which is not above it";

    private string FolderOf(string name)
    {
        var below = name.Length > root.Length ? name[(root.Length + 1)..] : "";
        var known = table.Select(entry => entry.Folder).Where(folder => folder == below || (folder.Length > 0 && below.StartsWith(folder + ".", StringComparison.Ordinal)));
        return known.MaxBy(folder => folder.Length) ?? below;
    }

    private static string Named(string folder) => folder.Length == 0 ? "the root" : folder;

    /// <summary>A file without its comments.</summary>
    private sealed record Source(string File, string Namespace, string Code)
    {
        public static Source Read(string file, string text)
        {
            var code = Comment().Replace(text, "");
            return new Source(file, NamespaceLine().Match(code).Groups[1].Value, code);
        }

        public IEnumerable<(string Namespace, string Name)> Types => TypeDeclaration().Matches(Code).Select(match => (Namespace, match.Groups[1].Value));

        public IEnumerable<string> GlobalUsings => Using().Matches(Code).Where(match => match.Groups["global"].Success).Select(match => match.Groups["name"].Value);

        /// <summary>The namespaces that the file uses: by using lines, and by names that need none.</summary>
        public IEnumerable<string> Uses(HashSet<(string Namespace, string Name)> types, IEnumerable<string> forAll)
        {
            foreach (var name in Using().Matches(Code).Select(match => match.Groups["name"].Value).Concat(forAll))
                yield return TypeIn(name, "", types) ?? name;
            foreach (var name in Name().Matches(NamespaceLine().Replace(Code, "")).Select(match => match.Value).Distinct())
                if (Scopes().Select(scope => TypeIn(name, scope, types)).FirstOrDefault(found => found is not null) is { } used)
                    yield return used;
        }

        /// <summary>The file's namespace and those around it, as the compiler goes through them; last the outermost, which is empty.</summary>
        private IEnumerable<string> Scopes()
        {
            for (var scope = Namespace; scope.Length > 0; scope = scope[..Math.Max(0, scope.LastIndexOf('.'))])
                yield return scope;
            yield return "";
        }

        /// <summary>The namespace of the type that a dotted name begins with, seen from a scope; null when it begins with none.</summary>
        private static string? TypeIn(string dotted, string scope, HashSet<(string Namespace, string Name)> types)
        {
            foreach (var part in dotted.Split('.'))
            {
                if (types.Contains((scope, part)))
                    return scope;
                scope = scope.Length == 0 ? part : $"{scope}.{part}";
            }
            return null;
        }
    }

    [GeneratedRegex(@"/\*.*?\*/|(?<!:)//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^\s*(?<global>global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?<name>[\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^(?:\w+ )*?(?:class|record struct|record|struct|interface|enum|delegate [\w<>?,. ]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)*")]
    private static partial Regex Name();
}
