using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>What the build servers run is what was read, with no more rights than it needs.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. Repo.Files.Where(file => file.StartsWith(".github/workflows/", StringComparison.Ordinal))];

    /// <summary>A tag can be moved, a commit cannot.</summary>
    [Theory]
    [MemberData(nameof(Workflows))]
    public void Each_action_is_pinned_by_its_commit_with_the_version_beside_it(string workflow)
    {
        var uses = Uses().Matches(Repo.Read(workflow)).Select(match => match.Groups[1].Value.Trim()).ToList();
        Assert.NotEmpty(uses);
        Assert.All(uses, action => Assert.Matches(@"^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\z", action));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_may_read_the_repository_and_nothing_else_unless_a_job_says_so(string workflow) =>
        Assert.Matches(@"(?m)^permissions:(?: \{\}|\n  contents: read)\n\n", Repo.Read(workflow).ReplaceLineEndings("\n"));

    [Fact]
    public void Packages_are_audited_with_those_that_they_bring()
    {
        var properties = Repo.Read("Directory.Build.props");
        Assert.Contains("<NuGetAudit>true</NuGetAudit>", properties, StringComparison.Ordinal);
        Assert.Contains("<NuGetAuditMode>all</NuGetAuditMode>", properties, StringComparison.Ordinal);
        Assert.Contains("<NuGetAuditLevel>low</NuGetAuditLevel>", properties, StringComparison.Ordinal);
    }

    /// <summary>A tag of an image can be moved as well: each is pinned by its digest, or a comment above says why not.</summary>
    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("compose.yaml")]
    [InlineData("compose.common.yaml")]
    [InlineData("compose.postgresql.yaml")]
    public void Each_image_is_pinned_by_its_digest_or_says_why_not(string file)
    {
        var lines = Repo.Read(file).ReplaceLineEndings("\n").Split('\n');
        var images = Enumerable.Range(0, lines.Length).Where(i => Image().IsMatch(lines[i])).ToList();
        Assert.NotEmpty(images);
        Assert.All(images, i => Assert.True(lines[i].Contains("@sha256:", StringComparison.Ordinal) || lines[i - 1].Contains("digest", StringComparison.Ordinal), lines[i]));
    }

    [GeneratedRegex(@"^\s*(?:- )?uses:(.*)$", RegexOptions.Multiline)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^(?:FROM(?: --platform=\S+)?|\s+image:) \S+:")]
    private static partial Regex Image();
}
