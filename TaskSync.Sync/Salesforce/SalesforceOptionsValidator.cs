using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace TaskSync.Sync.Salesforce;

/// <summary>Stops the start when the section "Salesforce" cannot work; each message names the key to change.</summary>
public sealed partial class SalesforceOptionsValidator : IValidateOptions<SalesforceOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SalesforceOptions options)
    {
        var failures = new List<string>();
        if (!SalesforceHosts.IsAcceptableLogin(options.LoginUrl))
        {
            failures.Add($"Salesforce:LoginUrl is '{options.LoginUrl}'. Use an https address such as https://login.salesforce.com (http only for this machine), without user, query or fragment.");
        }

        if (string.IsNullOrWhiteSpace(options.ClientId))
        {
            failures.Add("Salesforce:ClientId is empty. Set it to the consumer key of the external client app, or in Development set Salesforce:UseSimulator to true.");
        }

        if (!Version().IsMatch(options.ApiVersion))
        {
            failures.Add($"Salesforce:ApiVersion is '{options.ApiVersion}'. Use a version such as 66.0.");
        }

        if (options.KeyField.Length > 0 && !CustomField().IsMatch(options.KeyField))
        {
            failures.Add($"Salesforce:KeyField is '{options.KeyField}'. Use the API name of a custom field such as TaskSync_Key__c, or nothing.");
        }

        failures.AddRange(options.AllowedOrganizations
            .Where(id => !SalesforceId.TryNormalize(id, out _) || !SalesforceId.HasPrefix(id, "00D"))
            .Select(id => $"Salesforce:AllowedOrganizations holds '{id}', which is no organization id. It has 15 or 18 characters and begins with 00D."));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    [GeneratedRegex(@"^[1-9]\d{1,2}\.0\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"^[A-Za-z]\w*__c\z")]
    private static partial Regex CustomField();
}
