using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>A test that carries a rule's id in its name.</summary>
/// <param name="Rule">"S5", or "Section6" for a page of rules without ids.</param>
/// <param name="Class">The test's class, without its namespace.</param>
/// <param name="Test">The method.</param>
internal sealed record Proof(string Rule, string Class, string Test);

/// <summary>The page docs/rules/proofs.md, made from the names of the tests.</summary>
internal static partial class Proofs
{
    public const string Page = "docs/rules/proofs.md";
    public const string Variable = "TASKSYNC_REFRESH";
    public const string Command = $"{Variable}=1 dotnet test --filter-class TaskSync.Tests.Repository.ProofsTests";

    /// <summary>Every proof, in the order of the page. A test that names two rules is a proof of both.</summary>
    public static IReadOnlyList<Proof> All { get; } =
    [
        .. (from type in typeof(Proofs).Assembly.GetTypes()
            where !type.IsAbstract
            from method in type.GetMethods()
            where method.GetCustomAttribute<FactAttribute>() is not null
            from rule in RulesIn(method.Name)
            select new Proof(rule, type.Name, method.Name)).Distinct()
        .OrderBy(proof => Place(proof.Rule)).ThenBy(proof => proof.Class, StringComparer.Ordinal).ThenBy(proof => proof.Test, StringComparer.Ordinal),
    ];

    /// <summary>Headings of the rules in docs/rules: the id, the page and the whole heading.</summary>
    public static IReadOnlyList<(string Rule, string Page, string Heading)> Rules { get; } =
    [
        .. from page in Repo.Documents
           where page.StartsWith("docs/rules/", StringComparison.Ordinal) && page != Page
           from Match heading in Heading().Matches(Repo.Prose(page))
           select (heading.Groups["rule"].Value, Path.GetFileName(page), heading.Groups["heading"].Value),
    ];

    /// <summary>The ids in a test's name.</summary>
    public static IEnumerable<string> RulesIn(string test) => RuleInName().Matches(test).Select(match => match.Value).Distinct();

    /// <summary>The page as it has to be.</summary>
    public static string Text()
    {
        var text = new StringBuilder($"""
            # Proofs

            Made from the names of the tests, so nobody edits it. This command writes it anew:

            ```sh
            {Command}
            ```

            """);
        foreach (var proofs in All.GroupBy(proof => proof.Rule))
        {
            var (_, page, heading) = Rules.FirstOrDefault(rule => rule.Rule == proofs.Key);
            text.Append('\n').Append("## ").Append(proofs.Key).Append('\n');
            text.Append('\n').Append(page is null ? "" : $"[{heading}]({page}#{DocumentTests.Anchor(heading)})\n\n");
            foreach (var proof in proofs)
            {
                text.Append("- ").Append(proof.Class).Append(": `").Append(proof.Test).Append("`\n");
            }
        }

        return text.ToString();
    }

    /// <summary>F before S before the others, and 2 before 10.</summary>
    private static (int Letter, int Number) Place(string rule)
    {
        var digits = rule.AsSpan().IndexOfAnyInRange('0', '9');
        return (Array.IndexOf(["F", "S", "D", "Section"], rule[..digits]), int.Parse(rule[digits..]));
    }

    [GeneratedRegex(@"(?<=^|_)([FSD]|Section)\d+(?=_)")]
    private static partial Regex RuleInName();

    [GeneratedRegex(@"^#{1,2} (?<heading>(?<rule>([FSD]|Section)\d+)\b.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
