using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceIdTests
{
    [Theory]
    [InlineData("00D58000000arpq", "00D58000000arpqEAA")]
    [InlineData("005D0000001QX8W", "005D0000001QX8WIAW")]
    [InlineData("017bW00000HKErB", "017bW00000HKErBQAX")]
    [InlineData("00TWs00000A1b2c", "00TWs00000A1b2cMAB")]
    [InlineData("00TWs00000A1b2cMAB", "00TWs00000A1b2cMAB")]
    public void Ids_are_kept_in_18_characters(string id, string expected) => Assert.Equal(expected, SalesforceId.Normalize(id));

    [Fact]
    public void An_18_character_id_whose_case_was_lost_gets_it_back_from_its_checksum() =>
        Assert.Equal("017bW00000HKErBQAX", SalesforceId.Normalize("017BW00000hkerbqax"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00T")]
    [InlineData("00TWs00000A1b2cMA")]
    [InlineData("00TWs00000A1b2c MA")]
    [InlineData("00TWs00000A1b2'")]
    [InlineData("00TWs00000A1b2é")]
    [InlineData("00TWs00000A1b2cMA9")]
    [InlineData("000000000000000555")]
    public void Anything_else_is_no_id(string? id) => Assert.False(SalesforceId.TryNormalize(id, out _));

    [Fact]
    public void Ids_that_differ_by_case_only_stay_different() =>
        Assert.NotEqual(SalesforceId.Normalize("00TWs00000A1b2c").ToUpperInvariant(), SalesforceId.Normalize("00TWs00000a1b2C").ToUpperInvariant());
}
