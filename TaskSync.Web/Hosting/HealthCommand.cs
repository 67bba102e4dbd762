using System.Net;
using System.Net.Sockets;

namespace TaskSync.Web.Hosting;

/// <summary>
/// Asks the TaskSync of this machine whether it can serve, for a container without a shell and for scripts. It reads the settings that say where that one
/// listens and makes one request: no database, no service of the app, so that it costs little however often it is asked.
/// </summary>
public static class HealthCommand
{
    /// <summary>Less than Docker's default timeout of a HEALTHCHECK; /health/ready itself may take six seconds when the database hangs, and then it is not well.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string Usage = """
        TaskSync.Web --health [http://127.0.0.1:port]   asks /health/ready of this machine; exit code 0 when it is healthy, else 1
        The port is that of ASPNETCORE_HTTP_PORTS, ASPNETCORE_URLS or Kestrel:Endpoints; settings may follow as --Section:Key=value.
        """;

    /// <returns>0 when it is healthy, else 1: Docker reserves 2.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, TimeSpan patience)
    {
        string[] words = [.. args.Where(a => !a.StartsWith("--", StringComparison.Ordinal))];
        string[] settings = [.. args.Where(a => a.StartsWith("--", StringComparison.Ordinal))];
        if (words.Length > 1 || settings.Any(s => !s.Contains('=', StringComparison.Ordinal)))
        {
            await error.WriteLineAsync(Usage);
            return 1;
        }

        var configuration = Settings(settings);
        if (AddressOf(words, configuration) is not { } address)
        {
            await error.WriteLineAsync("No http address of this machine's loopback is known. Name it: --health http://127.0.0.1:port.");
            return 1;
        }

        return await AskAsync(address, configuration, output, error, patience);
    }

    /// <summary>Where to ask; null when there is nothing that may be asked: another machine, or https alone.</summary>
    /// <param name="words">An address, or nothing.</param>
    /// <param name="configuration">The settings of the app, in which endpoints of Kestrel win over urls, and urls over ports, as they do at its start.</param>
    public static Uri? AddressOf(IReadOnlyList<string> words, IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "").ToList();
        IEnumerable<string> listens = words is [var word] ? [word]
            : endpoints.Count > 0 ? endpoints
            : Parts("urls") is { Count: > 0 } urls ? urls
            : Parts("http_ports") is { Count: > 0 } ports ? ports.Select(port => $"http://*:{port}")
            : ["http://localhost:5000"];
        return listens.Select(OnLoopback).FirstOrDefault(address => address is not null);

        IReadOnlyList<string> Parts(string key) => configuration[key]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }

    /// <summary>Settings in the order of the web host, without building one.</summary>
    private static IConfigurationRoot Settings(string[] args)
    {
        var host = new ConfigurationBuilder().AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args).Build();
        return new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddConfiguration(host)
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{host["environment"] ?? Environments.Production}.json", optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(args)
            .Build();
    }

    private static Uri? OnLoopback(string listens)
    {
        if (!listens.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || BindingAddress.Parse(listens) is not { IsUnixPipe: false } binding)
        {
            return null;
        }

        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" : binding.Host;
        return IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip) ? new Uri($"http://{host}:{binding.Port}/health/ready") : null;
    }

    private static async Task<int> AskAsync(Uri address, IConfiguration configuration, TextWriter output, TextWriter error, TimeSpan patience)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, address);

        // Where AllowedHosts is set, 127.0.0.1 is refused; the public name is not.
        if (Uri.TryCreate(configuration["Web:PublicUrl"], UriKind.Absolute, out var home))
        {
            request.Headers.Host = home.Authority;
        }

        try
        {
            using var answer = await client.SendAsync(request);
            await output.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            await error.WriteLineAsync(failure is TaskCanceledException ? $"{address} did not answer within {patience.TotalSeconds:0.#} seconds."
                : failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? $"Nobody listens at {address}."
                : $"{address} did not answer ({failure.Message})");
            return 1;
        }
    }
}
