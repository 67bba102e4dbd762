using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SoqlTests
{
    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("O'Neil", @"'O\'Neil'")]
    [InlineData(@"a\b", @"'a\\b'")]
    [InlineData(@"\' OR Id != '", @"'\\\' OR Id != \''")]
    [InlineData("two\nlines\r\tx", @"'two\nlines\r\tx'")]
    [InlineData("\"quoted\"", "'\\\"quoted\\\"'")]
    [InlineData("nul\0bell\a", "'nulbell'")]
    public void Text_cannot_leave_its_quotes(string text, string literal) => Assert.Equal(literal, Soql.Text(text));

    [Fact]
    public void Wildcards_in_a_search_are_taken_literally() => Assert.Equal(@"Name LIKE '%100\%\_\'x%'", Soql.Contains("Name", "100%_'x"));

    [Fact]
    public void Instants_are_written_in_UTC_to_the_whole_second() =>
        Assert.Equal("2026-03-05T09:00:59Z", Soql.Instant(new DateTimeOffset(2026, 3, 5, 10, 0, 59, 999, TimeSpan.FromHours(1))));

    [Fact]
    public void Dates_have_no_zone() => Assert.Equal("2026-03-05", Soql.Date(new DateOnly(2026, 3, 5)));

    [Fact]
    public void Conditions_are_joined_and_empty_ones_left_out() =>
        Assert.Equal("A = 1 AND (B = 2 OR C = 3)", Soql.And("A = 1", null, "", Soql.Or("B = 2", "C = 3")));

    [Fact]
    public void An_id_that_is_none_never_gets_into_a_query() => Assert.Throws<FormatException>(() => Soql.Id("x' OR Id != '"));
}
