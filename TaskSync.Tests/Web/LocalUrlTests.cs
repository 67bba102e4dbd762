using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

public sealed class LocalUrlTests
{
    [Theory]
    [InlineData("/settings?x=1#y", "/settings?x=1#y")]
    [InlineData("/", "/")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/x\\..\\evil", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/\tevil", "/")]
    [InlineData("settings", "/")]
    [InlineData("/sync?q=Grüße 🎉&x=%20", "/sync?q=Gr%C3%BC%C3%9Fe %F0%9F%8E%89&x=%20")]
    public void After_sign_in_only_addresses_of_our_own_are_followed(string? url, string expected) => Assert.Equal(expected, LocalUrl.OrHome(url));
}
