using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>The rules, their page of proofs and the names of the tests agree.</summary>
public sealed partial class ProofsTests
{
    [Fact]
    public void The_page_of_proofs_lists_the_tests_as_they_are()
    {
        if (Environment.GetEnvironmentVariable(Proofs.Variable) == "1")
        {
            File.WriteAllText(Repo.PathOf(Proofs.Page), Proofs.Text());
        }

        Assert.True(Repo.Read(Proofs.Page) == Proofs.Text(), $"{Proofs.Page} is stale. Refresh it: {Proofs.Command}");
    }

    [Fact]
    public void Each_rule_that_a_test_names_has_one_heading_among_the_rules() =>
        Assert.All(Proofs.All.Select(proof => proof.Rule).Distinct(), rule => Assert.Single(Proofs.Rules, heading => heading.Rule == rule));

    [Fact]
    public void Each_rule_has_a_proof()
    {
        var proven = Proofs.All.Select(proof => proof.Rule).ToHashSet();
        var promised = Proofs.Rules.Select(heading => heading.Rule).Where(rule => Promise().IsMatch(rule)).ToList();
        Assert.Equal(20, promised.Count);
        Assert.All(promised, rule => Assert.Contains(rule, proven));
    }

    [Fact]
    public void A_test_can_prove_more_than_one_rule()
    {
        Assert.Equal(["S5", "S8"], Proofs.RulesIn("S5_S8_two_tasks_with_one_key_are_counted"));
        Assert.Equal(["Section6"], Proofs.RulesIn("Section6_an_outage_is_backed_off"));
        Assert.Empty(Proofs.RulesIn("A_name_with_v1_and_SHA256_in_it"));
    }

    [GeneratedRegex(@"^[FS]\d+\z")]
    private static partial Regex Promise();
}
