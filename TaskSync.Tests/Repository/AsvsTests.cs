using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>docs/asvs.md answers each requirement of OWASP ASVS 5.0.0 at level 1 or 2, once.</summary>
public sealed partial class AsvsTests
{
    /// <summary>The sections of the standard, with how many requirements of these levels each has. Those of level 3 alone come last in each, so that the others count from one.</summary>
    private static readonly (string Section, int Count)[] Sections =
    [
        ("1.1", 2), ("1.2", 9), ("1.3", 11), ("1.4", 3), ("1.5", 2),
        ("2.1", 3), ("2.2", 3), ("2.3", 4), ("2.4", 1),
        ("3.2", 2), ("3.3", 4), ("3.4", 6), ("3.5", 5), ("3.7", 2),
        ("4.1", 3), ("4.2", 1), ("4.3", 2), ("4.4", 4),
        ("5.1", 1), ("5.2", 3), ("5.3", 2), ("5.4", 3),
        ("6.1", 3), ("6.2", 12), ("6.3", 4), ("6.4", 4), ("6.5", 5), ("6.6", 3), ("6.8", 4),
        ("7.1", 3), ("7.2", 4), ("7.3", 2), ("7.4", 5), ("7.5", 2), ("7.6", 2),
        ("8.1", 2), ("8.2", 3), ("8.3", 1), ("8.4", 1),
        ("9.1", 3), ("9.2", 4),
        ("10.1", 2), ("10.2", 2), ("10.3", 4), ("10.4", 11), ("10.5", 5), ("10.6", 2), ("10.7", 3),
        ("11.1", 2), ("11.2", 3), ("11.3", 3), ("11.4", 4), ("11.5", 1), ("11.6", 1),
        ("12.1", 3), ("12.2", 2), ("12.3", 4),
        ("13.1", 1), ("13.2", 5), ("13.3", 2), ("13.4", 5),
        ("14.1", 2), ("14.2", 4), ("14.3", 3),
        ("15.1", 3), ("15.2", 3), ("15.3", 7),
        ("16.1", 1), ("16.2", 5), ("16.3", 4), ("16.4", 3), ("16.5", 3),
        ("17.1", 1), ("17.2", 4), ("17.3", 2),
    ];

    private static readonly string[] Answers = ["met", "not applicable", "open"];

    private static readonly List<Match> Rows = Row().Matches(Repo.Read("docs/asvs.md")).ToList();

    [Fact]
    public void Each_requirement_of_levels_1_and_2_is_answered_once()
    {
        var ids = Sections.SelectMany(section => Enumerable.Range(1, section.Count).Select(number => $"{section.Section}.{number}")).ToList();
        Assert.Equal(253, ids.Count);
        Assert.Equal(ids, Rows.Select(row => row.Groups["id"].Value));
    }

    [Fact]
    public void Each_answer_is_one_of_three_and_says_how_or_why_not() => Assert.All(Rows, row =>
    {
        Assert.Contains(row.Groups["answer"].Value, Answers);
        Assert.NotEqual("", row.Groups["how"].Value.Trim());
    });

    [Fact]
    public void The_sums_are_those_of_the_answers() => Assert.Contains(
        string.Join(", ", Answers.Select(answer => $"{Rows.Count(row => row.Groups["answer"].Value == answer)} {answer}")) + ".",
        Repo.Read("docs/asvs.md"),
        StringComparison.Ordinal);

    [GeneratedRegex(@"^\| (?<id>\d+\.\d+\.\d+) \| [12] \|[^|]+\| (?<answer>[^|]*) \|(?<how>[^|]*)\|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
