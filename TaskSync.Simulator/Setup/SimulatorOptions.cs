namespace TaskSync.Simulator.Setup;

/// <summary>How the simulated org is run. Bound from the configuration section <c>Simulator</c> when hosted.</summary>
public sealed class SimulatorOptions
{
    /// <summary>
    /// Folder of the org's journal; a relative path is taken from the content root. Null keeps everything in memory only.
    /// Hosted apps default to <c>App_Data/simulator</c>, <see cref="SimulatorHost"/> to null.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>Loopback port of <see cref="SimulatorHost"/>, to start again where an earlier one listened; 0 takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>The org's clock: stamps, token lifetimes, the Date header, date literals, the recycle bin.</summary>
#pragma warning disable RS0030 // This is the one place of the simulator that names the machine's clock.
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
#pragma warning restore RS0030

    /// <summary>Fills a new org with contacts, leads, accounts, opportunities and tasks. The demo people exist either way.</summary>
    public bool Seed { get; set; }

    /// <summary>Name of the organization.</summary>
    public string OrganizationName { get; set; } = "Acme Demo";

    /// <summary>Three letters or digits that all ids of the org have in common; another code makes another organization id.</summary>
    public string InstanceCode { get; set; } = "Ws0";

    /// <summary>Another organization id than the one that follows from <see cref="InstanceCode"/>: a refreshed sandbox has the record ids of the org it was copied from.</summary>
    public string? OrganizationId { get; set; }

    /// <summary>When the org came into being (UTC); null is three years before its first start. Replication calls cannot start earlier.</summary>
    public DateTimeOffset? OrganizationCreatedDate { get; set; }

    /// <summary>IANA time zone of the demo people; null is the machine's.</summary>
    public string? TimeZone { get; set; }

    /// <summary>The consumer key of the connected app.</summary>
    public string ClientId { get; set; } = "TaskSync.Demo";

    /// <summary>The consumer secret; when set it must be sent with every token request. Null asks for none and accepts any.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>Accept client ids other than <see cref="ClientId"/>.</summary>
    public bool AcceptAnyClient { get; set; } = true;

    /// <summary>Callback addresses that are registered; empty accepts any. Compared exactly.</summary>
    public IList<string> RedirectUris { get; } = [];

    /// <summary>The session timeout: an access token dies when unused for so long (Salesforce: 2 hours by default, sliding).</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Each refresh gives a new refresh token and kills the one used.</summary>
    public bool RefreshTokenRotation { get; set; }

    /// <summary>The org has the custom field <c>TaskSync_Key__c</c> on Task: text 255, unique, external id, case-sensitive.</summary>
    public bool HasKeyField { get; set; } = true;

    /// <summary>queryAll shows a user rows that somebody else deleted (not documented either way).</summary>
    public bool QueryAllShowsForeignDeletions { get; set; } = true;

    /// <summary>Fields of Task that are hidden for everyone from the start.</summary>
    public IList<string> HiddenFields { get; } = ["IsVisibleInSelfService"];

    /// <summary>Rows in a query page at most; Salesforce's own ceiling is 2,000, and it may send fewer.</summary>
    public int MaxPageSize { get; set; } = 2000;

    /// <summary>API calls allowed per rolling 24 hours for the whole org.</summary>
    public int DailyApiLimit { get; set; } = 100_000;

    /// <summary>Starts with faults at random from this seed; see <see cref="FaultRate"/>. Null starts without.</summary>
    public int? FaultSeed { get; set; }

    /// <summary>The share of requests that fail when there is a <see cref="FaultSeed"/>, 0 to 1.</summary>
    public double FaultRate { get; set; } = 0.05;

    /// <summary>Answers to the questions that the documentation leaves open.</summary>
    public SalesforceReadings Readings { get; } = new();
}
