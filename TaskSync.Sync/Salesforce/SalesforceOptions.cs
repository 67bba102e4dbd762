namespace TaskSync.Sync.Salesforce;

/// <summary>The section "Salesforce" of the configuration. Read at each use, so a host that learns its own address late may still set <see cref="LoginUrl"/>.</summary>
public sealed class SalesforceOptions
{
    public const string Section = "Salesforce";

    /// <summary>Where people sign in: https://login.salesforce.com, https://test.salesforce.com, a My Domain, or any server that speaks the API. May have a path. http only on this machine.</summary>
    public string LoginUrl { get; set; } = "https://login.salesforce.com";

    /// <summary>Consumer key of the external client app.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Consumer secret; null or empty for an app that is registered as a public client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>REST API version, such as 66.0.</summary>
    public string ApiVersion { get; set; } = "66.0";

    /// <summary>API name of the unique external-id field on Task that holds the idempotency key (S5). Empty when the org has none.</summary>
    public string KeyField { get; set; } = "TaskSync_Key__c";

    /// <summary>Organizations that may be connected (15 or 18 characters); empty means the first one connected is the one (F9). In configuration a list or one comma-separated text.</summary>
    public IList<string> AllowedOrganizations { get; } = [];

    /// <summary>File with the private key (PEM, RSA) of an org reader that signs in with a certificate; null when the key is uploaded on the page Organizations, or none is used.</summary>
    public string? ReaderKeyFile { get; set; }

    /// <summary>Whether the host runs its own simulated org; null lets the host decide.</summary>
    public bool? UseSimulator { get; set; }
}
