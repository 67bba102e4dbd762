using System.Text.RegularExpressions;

namespace TaskSync.Tests.Fidelity;

/// <summary>
/// R21: the simulator behaves as documented, judged by a stranger. jsforce, which was written for the real Salesforce, signs in and works with it;
/// each check is a test of its own. A check is one call of <c>check('name', …)</c> in the folder checks.
/// </summary>
public sealed partial class JsforceTests(JsforceRun run) : IClassFixture<JsforceRun>
{
    public static TheoryData<string> Checks => [.. Directory.EnumerateFiles(Path.Combine(JsforceRun.Folder, "checks"), "*.mjs").Order(StringComparer.Ordinal)
        .SelectMany(file => Check().Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value)];

    [Theory]
    [MemberData(nameof(Checks))]
    public void R21_jsforce_finds_that(string check)
    {
        Assert.SkipWhen(run.Missing is not null, run.Missing ?? "");
        Assert.True(run.Results.TryGetValue(check, out var error), $"It was not run. {run.Trouble}");
        Assert.True(error is null, error);
    }

    [Fact]
    public void Every_check_is_named_once_and_nothing_else_was_run()
    {
        Assert.SkipWhen(run.Missing is not null, run.Missing ?? "");
        var names = Checks.Select(row => row.Data).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(names.Order(), run.Results.Keys.Order());
    }

    [GeneratedRegex("""^check\((?<quote>['"])(?<name>.+?)\k<quote>, async""", RegexOptions.Multiline)]
    private static partial Regex Check();
}
