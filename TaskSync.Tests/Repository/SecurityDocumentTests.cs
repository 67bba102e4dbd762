using System.Reflection;
using System.Text.RegularExpressions;

namespace TaskSync.Tests.Repository;

/// <summary>What docs/security.md says of a threat is tested where it says so.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string[] Stride = ["S", "T", "R", "I", "D", "E"];

    [Fact]
    public void Each_threat_names_tests_that_exist()
    {
        var tests = typeof(SecurityDocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(method => method.Name).ToHashSet();
        var threats = Threat().Matches(Repo.Read("docs/security.md"));
        Assert.Equal(Stride.Order(), threats.Select(threat => threat.Groups["kind"].Value).Distinct().Order());
        Assert.All(threats, threat =>
        {
            var named = Code().Matches(threat.Groups["tests"].Value).Select(code => code.Groups[1].Value).ToList();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.Contains(name, tests));
        });
    }

    [GeneratedRegex(@"^\| (?<kind>[STRIDE]) \|[^|]+\|[^|]+\|(?<tests>[^|]+)\|\r?$", RegexOptions.Multiline)]
    private static partial Regex Threat();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
