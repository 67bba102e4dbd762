using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceHostsTests
{
    private const string Login = "https://login.salesforce.com";
    private const string Local = "http://localhost:5210/simulator";

    [Theory]
    [InlineData("https://acme.my.salesforce.com", Login, "https://acme.my.salesforce.com")]
    [InlineData("https://acme--dev.sandbox.my.salesforce.com/", Login, "https://acme--dev.sandbox.my.salesforce.com")]
    [InlineData("https://na1.salesforce.com", Login, "https://na1.salesforce.com")]
    [InlineData("https://acme.lightning.force.com", Login, "https://acme.lightning.force.com")]
    [InlineData("https://navy.my.salesforce.mil", Login, "https://navy.my.salesforce.mil")]
    [InlineData("https://acme.cloudforce.com", Login, "https://acme.cloudforce.com")]
    [InlineData("https://ACME.My.Salesforce.Com:443", Login, "https://acme.my.salesforce.com")]
    [InlineData("http://localhost:5210/simulator", Local, "http://localhost:5210/simulator")]
    [InlineData("http://localhost:5210", Local, "http://localhost:5210")]
    [InlineData("https://sf.example.com:8443/x/", "https://sf.example.com:8443", "https://sf.example.com:8443/x")]
    public void Addresses_of_Salesforce_and_of_the_login_host_are_used(string address, string login, string expected) =>
        Assert.Equal(expected, SalesforceHosts.Check(address, login));

    [Theory]
    [InlineData("http://acme.my.salesforce.com", Login)]
    [InlineData("https://acme.my.salesforce.com:8443", Login)]
    [InlineData("https://evilsalesforce.com", Login)]
    [InlineData("https://salesforce.com.evil.example", Login)]
    [InlineData("https://acme.my.salesforce.com.", Login)]
    [InlineData("https://acme.my.salesforce.com@evil.example", Login)]
    [InlineData("https://user@acme.my.salesforce.com", Login)]
    [InlineData("https://evil.example/#.salesforce.com", Login)]
    [InlineData("https://evil.example\\.salesforce.com", Login)]
    [InlineData("https://evil.example%2f.salesforce.com", Login)]
    [InlineData("https://acme.my.salesforce.com/?next=x", Login)]
    [InlineData("https://169.254.169.254", Login)]
    [InlineData("http://169.254.169.254/latest/meta-data", Login)]
    [InlineData("http://localhost:5210", Login)]
    [InlineData("https://localhost", Login)]
    [InlineData("http://localhost:5211", Local)]
    [InlineData("https://localhost:5210", Local)]
    [InlineData("http://127.0.0.1:5210", Local)]
    [InlineData("http://[::1]:5210", Local)]
    [InlineData("file:///etc/passwd", Login)]
    [InlineData("gopher://acme.my.salesforce.com", Login)]
    [InlineData("//acme.my.salesforce.com", Login)]
    [InlineData("acme.my.salesforce.com", Login)]
    [InlineData("https://ѕalesforce.com", Login)]
    [InlineData("", Login)]
    [InlineData(null, Login)]
    public void Any_other_address_is_refused_clearly(string? address, string login)
    {
        var failure = Assert.Throws<SalesforceCallException>(() => SalesforceHosts.Check(address, login)).Failure;
        Assert.Equal(FailureCodes.UnsafeAddress, failure.Code);
        Assert.Contains("Salesforce:LoginUrl", failure.Message);
    }
}
