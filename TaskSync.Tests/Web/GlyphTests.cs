using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using TaskSync.Tests.Repository;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Tests.Web;

public sealed partial class GlyphTests
{
    [Fact]
    public void Every_icon_has_its_symbol_and_every_symbol_an_icon()
    {
        var sprite = File.ReadAllText(Repo.PathOf("TaskSync.Web/wwwroot/icons.svg"));
        Assert.Equal(
            typeof(Glyph).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(icon => ((MarkupString)icon.GetValue(null)!).Value.Split('#')[1].Split('"')[0]).Order(StringComparer.Ordinal),
            Symbol().Matches(sprite).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("<symbol id=\"([A-Za-z]+)\" viewBox=\"0 0 24 24\">.+</symbol>")]
    private static partial Regex Symbol();
}
