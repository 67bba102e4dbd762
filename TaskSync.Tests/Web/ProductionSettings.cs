namespace TaskSync.Tests.Web;

/// <summary>What a company sets, right and wrong.</summary>
internal static class ProductionSettings
{
    /// <summary>For each key of docs/operations.md values that cannot work; none where any value can.</summary>
    public static readonly Dictionary<string, string?[]> Wrong = new()
    {
        ["Database:Provider"] = ["Oracle", "7", "PostgreSql"], // the last without a connection string of its own
        ["ConnectionStrings:TaskSync"] = ["Server=db.acme.example", "Data Source=/dev/null/folder/tasksync.db"],
        ["Web:PublicUrl"] = [null, "tasks.acme.example", "http://tasks.acme.example", "ftp://tasks.acme.example"],
        ["Web:TrustedOrigins"] = ["https://tasks.acme.example/", "*"],
        ["AzureAd:Instance"] = [null, "http://login.microsoftonline.com/", "login"],
        ["AzureAd:TenantId"] = [null, "common", "acme.example"],
        ["AzureAd:ClientId"] = [], // without it nobody can sign in, and the sign-in page says so
        ["AzureAd:ClientSecret"] = [null, ""],
        ["SignIn:IdleTime"] = ["00:00:01", "soon"],
        ["SignIn:Lifetime"] = ["00:00:01", "soon"],
        ["DataProtection:CertificatePath"] = [null, "/none.pfx"],
        ["DataProtection:CertificatePassword"] = [null, "wrong"],
        ["DataProtection:OlderCertificates:0:Path"] = ["/none.pfx"],
        ["DataProtection:OlderCertificates:0:Password"] = [], // KeyRingTests: a list entry is a path and a password
        ["Salesforce:LoginUrl"] = ["http://login.salesforce.com", "salesforce", ""],
        ["Salesforce:ClientId"] = [null, " "],
        ["Salesforce:ClientSecret"] = [], // empty for a public client; Salesforce knows whether it is right
        ["Salesforce:ApiVersion"] = ["", "v66", "66.5"],
        ["Salesforce:KeyField"] = ["Key", "TaskSync Key__c"],
        ["Salesforce:ReaderKeyFile"] = [], // read when a reader is set up, which says what is wrong with it
        ["Salesforce:AllowedOrganizations"] = ["acme", "003000000000000AAA"],
        ["Salesforce:UseSimulator"] = ["true", "perhaps"],
        ["Sync:Engine"] = ["false", "perhaps"], // on SQLite nobody else would sync
        ["Sync:Shards"] = ["0", "257", "some"],
        ["Sync:PollInterval"] = ["00:00:00", "fifteen"],
        ["Sync:IdlePollInterval"] = ["00:00:00", "x"],
        ["Sync:Overlap"] = ["-00:00:01", "x"],
        ["Sync:SweepInterval"] = ["00:00:00", "x"],
        ["Sync:UnknownOutcomeWait"] = ["00:01:00", "x"],
        ["Sync:HistoryTime"] = ["1.00:00:00", "x"],
        ["Sync:HistoryPerTask"] = ["1", "many"],
        ["Sync:UndoTime"] = ["-00:00:01", "x"],
        ["Sync:ApiShare"] = ["0", "1.5", "all"],
        ["Sync:UseComposite"] = ["perhaps"],
        ["Limits:SignInsPerMinute"] = ["0", "many"],
        ["Limits:ConnectsPerMinute"] = ["-1", "many"],
        ["Limits:ExportsPerMinute"] = ["0", "many"],
        ["Limits:SearchesPerMinute"] = ["100001", "many"],
        ["Limits:PagesPerMinute"] = ["0", "many"],
        ["Limits:OpenPages"] = ["0", "many"],
    };

    public static TheoryData<string, string?> WrongValues => [.. Wrong.SelectMany(row => row.Value.Select(value => new TheoryDataRow<string, string?>(row.Key, value)))];

    /// <summary>All that has to be set is, and right, but for these.</summary>
    public static Dictionary<string, string?> Right(params (string Key, string? Value)[] changes)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Salesforce:ClientId"] = "real",
            ["Web:PublicUrl"] = "https://tasks.acme.example",
            ["DataProtection:CertificatePath"] = KeyRingFiles.Make(),
            ["DataProtection:CertificatePassword"] = KeyRingFiles.Password,
            ["AzureAd:Instance"] = "https://login.microsoftonline.com/",
            ["AzureAd:TenantId"] = Guid.NewGuid().ToString(),
            ["AzureAd:ClientId"] = Guid.NewGuid().ToString(),
            ["AzureAd:ClientSecret"] = "secret",
        };
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        return settings;
    }
}
