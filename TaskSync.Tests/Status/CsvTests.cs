using TaskSync.Sync.Status;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Status;

/// <summary>A CSV export neutralises formulas.</summary>
public sealed class CsvTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("=HYPERLINK(\"http://evil.example\",\"x\")", "\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("＝1+1", "'＝1+1")]
    [InlineData("a=1", "a=1")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Text_that_a_spreadsheet_would_compute_is_shown_instead(string? text, string field) => Assert.Equal(field + "\r\n", Csv.Line(text));

    [Fact]
    public void Numbers_and_instants_are_written_alike_in_every_culture()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("de-DE");
        Assert.Equal("-5,1.5,2026-11-23T09:00:00Z,2026-11-23T08:00:00Z,Info\r\n",
            Csv.Line(-5, 1.5, Desk.Morning, new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.FromHours(1)), "Info"));
        Thread.CurrentThread.CurrentCulture = before;
    }
}
