using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TaskSync.Tests.Simulator;

/// <summary>A bare HTTP client of the REST API: no retry, no cleverness.</summary>
public sealed class ApiCaller(Uri host, string token, string version = "66.0")
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public string Token { get; } = token;

    public Task<ApiAnswer> Get(string path, params (string Name, string Value)[] headers) => Send("GET", path, null, headers);

    public Task<ApiAnswer> Post(string path, object? body = null, params (string Name, string Value)[] headers) => Send("POST", path, body, headers);

    public Task<ApiAnswer> Patch(string path, object? body, params (string Name, string Value)[] headers) => Send("PATCH", path, body, headers);

    public Task<ApiAnswer> Delete(string path) => Send("DELETE", path, null, []);

    /// <summary>Sends to a path below the version, or to an absolute path when it begins with a slash.</summary>
    public async Task<ApiAnswer> Send(string method, string path, object? body, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Address(path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return await Send(request);
    }

    public static async Task<ApiAnswer> Send(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new ApiAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase));
    }

    public static Task<ApiAnswer> PostForm(Uri address, params (string Name, string Value)[] fields) => Send(new HttpRequestMessage(HttpMethod.Post, address)
    {
        Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
    });

    private Uri Address(string path) => new(host, path.StartsWith('/') ? path : $"/services/data/v{version}/{path}");
}

public sealed record ApiAnswer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    private JsonElement? _json;

    public JsonElement Json => _json ??= JsonElement.Parse(Text);

    /// <summary>Code of the first error of an error array.</summary>
    public string Code => Json[0].GetProperty("errorCode").GetString()!;

    public string Message => Json[0].GetProperty("message").GetString()!;

    public string? this[string member] => Json.GetProperty(member) is { ValueKind: not JsonValueKind.Null } value ? value.ToString() : null;

    /// <summary>Asserts a refusal.</summary>
    public void IsRefusedWith(int status, string code) => Assert.True(Status == status && Code == code, $"expected {status} {code}, got {Status}: {Text}");
}
