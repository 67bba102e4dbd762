using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceOptionsTests
{
    [Theory]
    [InlineData("LoginUrl", "http://login.salesforce.com")]
    [InlineData("LoginUrl", "login.salesforce.com")]
    [InlineData("LoginUrl", "https://user:secret@login.salesforce.com")]
    [InlineData("LoginUrl", "https://login.salesforce.com/?a=b")]
    [InlineData("LoginUrl", "ftp://localhost")]
    [InlineData("ClientId", " ")]
    [InlineData("ApiVersion", "v66.0")]
    [InlineData("ApiVersion", "66")]
    [InlineData("KeyField", "Subject")]
    [InlineData("KeyField", "Id FROM Task --__c")]
    [InlineData("AllowedOrganizations", "00DWs0000000001, acme")]
    [InlineData("AllowedOrganizations:0", "005Ws0000000001")]
    public void A_setting_that_cannot_work_stops_the_start_and_the_message_names_the_key(string key, string value)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Read(new() { [$"Salesforce:{key}"] = value }));
        Assert.Contains($"Salesforce:{key.Split(':')[0]} ", failure.Message);
    }

    [Theory]
    [InlineData("https://login.salesforce.com")]
    [InlineData("https://acme--dev.sandbox.my.salesforce.com/")]
    [InlineData("http://localhost:5210/simulator")]
    [InlineData("http://127.0.0.1:5210")]
    [InlineData("http://[::1]:5210")]
    public void Login_addresses_are_https_or_on_this_machine(string url) => Assert.Equal(url, Read(new() { ["Salesforce:LoginUrl"] = url }).LoginUrl);

    [Fact]
    public void Without_settings_it_is_production_version_66_and_our_key_field()
    {
        var options = Read([]);
        Assert.Equal(("https://login.salesforce.com", "66.0", "TaskSync_Key__c", 0), (options.LoginUrl, options.ApiVersion, options.KeyField, options.AllowedOrganizations.Count));
    }

    [Fact]
    public void Allowed_organizations_may_be_one_comma_separated_text() =>
        Assert.Equal(["00DWs0000000001", "00DWs0000000002MAA"], Read(new() { ["Salesforce:AllowedOrganizations"] = "00DWs0000000001, 00DWs0000000002MAA" }).AllowedOrganizations);

    [Fact]
    public void Allowed_organizations_may_be_a_list() =>
        Assert.Equal(
            ["00DWs0000000001", "00DWs0000000002"],
            Read(new() { ["Salesforce:AllowedOrganizations:0"] = "00DWs0000000001", ["Salesforce:AllowedOrganizations:1"] = "00DWs0000000002" }).AllowedOrganizations);

    [Fact]
    public void The_check_runs_when_the_host_starts()
    {
        using var services = Services(new() { ["Salesforce:ClientId"] = "" });
        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
    }

    private static SalesforceOptions Read(Dictionary<string, string?> settings)
    {
        using var services = Services(settings);
        return services.GetRequiredService<IOptions<SalesforceOptions>>().Value;
    }

    private static ServiceProvider Services(Dictionary<string, string?> settings)
    {
        settings.TryAdd("Salesforce:ClientId", "client");
        return new ServiceCollection().AddSalesforce(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).BuildServiceProvider();
    }
}
