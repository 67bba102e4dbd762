namespace TaskSync.Simulator.Wire;

/// <summary>An HTTP request with its body read, cut free from the web server so that it can be worked on under the org's gate.</summary>
internal sealed class WebRequest(string method, string path, string queryString, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, string baseUrl, string pathBase, string? instance)
{
    private IReadOnlyDictionary<string, string>? _query;
    private IReadOnlyDictionary<string, string>? _form;

    public string Method { get; } = method;

    /// <summary>The undecoded path below the simulator's root, beginning with a slash.</summary>
    public string Path { get; } = path;

    /// <summary>With its question mark, or empty.</summary>
    public string QueryString { get; } = queryString;

    public IReadOnlyDictionary<string, string> Headers { get; } = headers;
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>Scheme, host and path of the simulator's root as the caller sees it, without a slash at the end.</summary>
    public string BaseUrl { get; } = baseUrl;

    /// <summary>The path part of <see cref="BaseUrl"/>, for links on pages.</summary>
    public string PathBase { get; } = pathBase;

    /// <summary>The instance the request was sent to, from a path that begins with <c>/~name</c>; null at the address of the login.</summary>
    public string? Instance { get; } = instance;

    /// <summary>Where the API of an org on that instance is.</summary>
    public string InstanceUrl(string? name) => name is null ? BaseUrl : $"{BaseUrl}/~{name}";

    public IReadOnlyDictionary<string, string> Query => _query ??= RequestTarget.Parameters(QueryString.TrimStart('?'));

    /// <summary>The fields of a form-urlencoded body; empty for any other.</summary>
    public IReadOnlyDictionary<string, string> Form => _form ??= Header("Content-Type") is { } type && type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
        ? RequestTarget.Parameters(System.Text.Encoding.UTF8.GetString(Body.Span)) : new Dictionary<string, string>();

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The bearer token of the Authorization header (also the older "OAuth" scheme), or <c>oauth_token</c>/<c>access_token</c>.</summary>
    public string? AccessToken
    {
        get
        {
            if (Header("Authorization") is { } header)
                foreach (var scheme in new[] { "Bearer ", "OAuth " })
                    if (header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                        return header[scheme.Length..].Trim();
            return Query.GetValueOrDefault("oauth_token") ?? Form.GetValueOrDefault("access_token");
        }
    }
}
