namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Which addresses a token may be sent to. Salesforce names its addresses in answers (instance_url, the identity URL), so they are checked
/// before use: otherwise a forged answer could point our server, and the token, at any machine.
/// </summary>
public static class SalesforceHosts
{
    /// <summary>Domains that Salesforce runs (Salesforce help, "Allow the Required Domains").</summary>
    private static readonly string[] Domains = ["salesforce.com", "force.com", "salesforce.mil", "cloudforce.com", "sfcrmproducts.cn"];

    /// <summary>Checks an address that Salesforce named.</summary>
    /// <param name="address">The text of the answer.</param>
    /// <param name="loginUrl">Salesforce:LoginUrl: its scheme, host and port are allowed as well.</param>
    /// <returns>The address without a slash at its end.</returns>
    /// <exception cref="SalesforceCallException">UNSAFE_ADDRESS.</exception>
    public static string Check(string? address, string loginUrl)
    {
        if (IsAcceptable(address, loginUrl))
        {
            return new Uri(address!).GetLeftPart(UriPartial.Path).TrimEnd('/');
        }

        throw new SalesforceCallException(new CallFailure(
            FailureClass.Other,
            FailureCodes.UnsafeAddress,
            "The answer names an address that is neither a Salesforce host nor the configured login host (Salesforce:LoginUrl). It was not used.",
            HttpStatus: null,
            NotApplied: false));
    }

    /// <summary>Whether a token may be sent to the address: a Salesforce host, or the login host with its scheme and port.</summary>
    public static bool IsAcceptable(string? address, string loginUrl) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (IsSalesforce(uri) || IsLogin(uri, new Uri(loginUrl)));

    /// <summary>Whether the login address of the configuration may be used: https, or http on this machine.</summary>
    public static bool IsAcceptableLogin(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
        && IsPlain(uri);

    private static bool IsSalesforce(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttps && uri.IsDefaultPort && IsPlain(uri)
        && Domains.Any(domain => uri.IdnHost.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase) || uri.IdnHost.Equals(domain, StringComparison.OrdinalIgnoreCase));

    private static bool IsLogin(Uri uri, Uri login) =>
        uri.Scheme == login.Scheme && uri.Port == login.Port && IsPlain(uri)
        && uri.IdnHost.Equals(login.IdnHost, StringComparison.OrdinalIgnoreCase)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback);

    /// <summary>Nothing that changes what the address means: no user, no query, no fragment.</summary>
    private static bool IsPlain(Uri uri) => uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0;
}
