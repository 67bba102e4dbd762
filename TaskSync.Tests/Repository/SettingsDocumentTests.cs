using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using TaskSync.Simulator;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Repository;

/// <summary>The table of settings in docs/operations.md is complete, and its defaults are the defaults.</summary>
public sealed partial class SettingsDocumentTests
{
    private static readonly string Operations = Repo.Read("docs/operations.md");

    public static TheoryData<string, Type> Sections => new()
    {
        { SyncOptions.Section, typeof(SyncOptions) },
        { SalesforceOptions.Section, typeof(SalesforceOptions) },
        { DatabaseOptions.Section, typeof(DatabaseOptions) },
        { LimitOptions.Section, typeof(LimitOptions) },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_setting_is_in_the_table_with_its_default(string section, Type options)
    {
        var documented = Row().Matches(Operations).ToDictionary(row => row.Groups["key"].Value, row => row.Groups["value"].Value);
        var defaults = Activator.CreateInstance(options)!;
        Assert.All(Settable(options), property =>
        {
            var key = $"{section}:{property.Name}";
            Assert.True(documented.ContainsKey(key), $"{key} is not in the table.");
            Assert.Equal((key, Text(property.GetValue(defaults))), (key, documented[key]));
        });
    }

    [Fact]
    public void Every_key_that_a_document_names_exists()
    {
        Dictionary<string, Type> sections = new()
        {
            [SyncOptions.Section] = typeof(SyncOptions),
            [SalesforceOptions.Section] = typeof(SalesforceOptions),
            [DatabaseOptions.Section] = typeof(DatabaseOptions),
            [LimitOptions.Section] = typeof(LimitOptions),
            ["Simulator"] = typeof(SimulatorOptions),
        };
        var unknown =
            from document in Repo.Documents.Concat(Repo.Files.Where(file => file.StartsWith("compose.", StringComparison.Ordinal) || file.StartsWith("deploy/", StringComparison.Ordinal)))
            from Match key in Key().Matches(Repo.Read(document))
            let options = sections.GetValueOrDefault(key.Groups["section"].Value)
            where options is not null && Settable(options).All(property => property.Name != key.Groups["name"].Value)
            select $"{document}: {key.Value}";
        Assert.Empty(unknown);
    }

    /// <summary>Lists have no setter, and are set all the same.</summary>
    private static IEnumerable<PropertyInfo> Settable(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite || property.PropertyType.IsGenericType);

    private static string Text(object? value) => value switch
    {
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        string text => text,
        bool flag => flag ? "true" : "false",
        IEnumerable<string> list => string.Join(',', list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    [GeneratedRegex(@"^\| `(?<key>\w+:\w+)` \| (?:`(?<value>[^`]*)`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(?<section>[A-Z]\w*?)(?::|__)(?<name>[A-Z]\w+)\b")]
    private static partial Regex Key();
}
