using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

/// <summary>Request forgery: whatever address a forged answer names, in whatever form, no token and no request goes there.</summary>
public sealed class ForgedAddressTests
{
    private const string Login = "https://login.salesforce.com";

    private static readonly string[] Hosts =
    [
        // Look-alikes of Salesforce's names.
        "evilsalesforce.com", "salesforce.com.evil.example", "my.salesforce.com.evil.example", "salesforce.co", "salesforce.comm", "salesforce-com.example", "xn--alesforce-vgk.com", "ѕalesforce.com",
        "force.com.evil.example", "evilforce.com", "my-salesforce.com", "login.salesforce.com.", "acme.my.salesforce.com..", "cloudforce.com.evil.example", "salesforce.mil.evil.example",

        // This machine and its neighbours, in every spelling that a parser may understand.
        "localhost", "127.0.0.1", "127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]", "169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal",
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "[fe80::1]", "localtest.me", "127.0.0.1.nip.io",

        // Names that hide another one.
        "login.salesforce.com@evil.example", "evil.example:443@login.salesforce.com", "login.salesforce.com%2eevil.example", "evil.example%00.salesforce.com", "evil.example\\@login.salesforce.com", "evil.example#.salesforce.com",
        "evil.example?.salesforce.com", "evil.example;.salesforce.com", "login.salesforce.com:22", "login.salesforce.com:8443",
    ];

    public static TheoryData<string> Addresses =>
    [
        .. Hosts.SelectMany(host => new[] { $"https://{host}", $"https://{host}/services/data", $"http://{host}", $"//{host}" }),
        "http://login.salesforce.com", "http://acme.my.salesforce.com", "ftp://acme.my.salesforce.com", "file:///etc/passwd", "gopher://login.salesforce.com/", "ldap://login.salesforce.com", "javascript:alert(1)", "data:text/html,x",
        "https:login.salesforce.com", "https:///login.salesforce.com", "https://", "https://acme.my.salesforce.com?x=https://evil.example", "https://acme.my.salesforce.com#x", "\u0000https://evil.example", "https://evil.example\r\nHost: login.salesforce.com", " ",
    ];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void No_token_goes_to(string address)
    {
        Assert.False(SalesforceHosts.IsAcceptable(address, Login), address);
        Assert.Equal(FailureCodes.UnsafeAddress, Assert.Throws<SalesforceCallException>(() => SalesforceHosts.Check(address, Login)).Failure.Code);
    }

    [Fact]
    public async Task No_next_page_leads_there_either_and_nothing_is_sent_at_all()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        string[] paths =
        [
            .. Addresses.Select(row => row.Data), .. Addresses.Select(row => row.Data + "/services/data/v66.0/query/01gWs0000000001IAA-2000"),
            "/services/data/v66.0/query/01g@evil.example", "/services/data/v66.0/query/01g?x=1", "/services/data/v66.0/query/01g#x", "/services/data/v66.0/query/01g/../../x", "/services/data/v66.0/query/%2e%2e",
            "/services/data/v66.0/query/01g\r\nX: y", "/services/data/v66.0/query/01g\n", "/services/data/v66.0/sobjects/Task", "/services/data/v66.0/query/", "/services/oauth2/revoke", "//services/data/v66.0/query/01g",
            "\\services\\data\\v66.0\\query\\01g", "services/data/v66.0/query/01g", "",
        ];
        foreach (var path in paths)
        {
            var failure = (await Assert.ThrowsAsync<SalesforceCallException>(() => rig.Api.NextTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, path, TestContext.Current.CancellationToken))).Failure;
            Assert.Equal(("INVALID_QUERY_LOCATOR", true), (failure.Code, failure.NotApplied));
        }

        Assert.Empty(stub.Requests);
    }
}
