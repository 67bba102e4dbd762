using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using TaskSync.Tests.Support;
using TaskSync.Web.Hosting;

namespace TaskSync.Tests.Web;

/// <summary>The command that a container asks itself with, over real HTTP.</summary>
public sealed class HealthCommandTests : IAsyncDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public async ValueTask DisposeAsync()
    {
        await _output.DisposeAsync();
        await _error.DisposeAsync();
    }

    [Fact]
    public async Task A_healthy_app_that_allows_its_own_host_alone_is_told_so()
    {
        await using var app = new WebApp(settings: new() { ["AllowedHosts"] = "tasks.example.com" });
        app.Listen();
        var address = app.ClientOptions.BaseAddress.GetLeftPart(UriPartial.Authority);
        await Until.TrueAsync(async () => await CommandLine.RunAsync(["--health", address, "--Web:PublicUrl=https://tasks.example.com"], _output, _error) == 0);

        Assert.EndsWith("Healthy" + Environment.NewLine, _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await CommandLine.RunAsync(["health", address], _output, _error));
    }

    [Fact]
    public async Task What_is_wrong_is_told_with_exit_code_1()
    {
        await using var app = await AnsweringAsync(async context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("Unhealthy\ndatabase: It is away.");
        });

        Assert.Equal(1, await CommandLine.RunAsync(["--health", "--urls=" + app.Urls.Single()], _output, _error));
        Assert.Contains("database: It is away.", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_sends_elsewhere_is_not_followed()
    {
        await using var app = await AnsweringAsync(context =>
        {
            if (context.Request.Path == "/health/ready")
            {
                context.Response.Redirect("/fine");
            }

            return Task.CompletedTask;
        });

        Assert.Equal(1, await CommandLine.RunAsync(["--health", app.Urls.Single()], _output, _error));
    }

    [Fact]
    public async Task Nobody_there_and_no_answer_are_said()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";

        Assert.Equal(1, await HealthCommand.RunAsync([address], _output, _error, TimeSpan.FromMilliseconds(200)));
        Assert.Contains("did not answer within 0.2 seconds", _error.ToString(), StringComparison.Ordinal);

        silent.Stop();
        Assert.Equal(1, await CommandLine.RunAsync(["--health", address], _output, _error));
        Assert.Contains("Nobody listens at " + address, _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://203.0.113.7:8080")]
    [InlineData("https://127.0.0.1:8443")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2")]
    [InlineData("--force")]
    public async Task Only_this_machine_is_asked(params string[] args)
    {
        Assert.Equal(1, await HealthCommand.RunAsync(args, _output, _error, HealthCommand.Patience));
        Assert.Contains("--health", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000")]
    [InlineData("http://127.0.0.1:8080", "http_ports=8080")]
    [InlineData("http://127.0.0.1:8081", "http_ports=8081;8082", "https_ports=8443")]
    [InlineData("http://127.0.0.1:8083", "urls=https://*:8443;http://+:8083", "http_ports=8080")]
    [InlineData("http://127.0.0.1:8084", "urls=http://[::]:8084")]
    [InlineData("http://[::1]:8085", "urls=http://[::1]:8085")]
    [InlineData("http://127.0.0.2:8086", "urls=http://127.0.0.2:8086")]
    [InlineData("http://127.0.0.1:8087", "urls=http://Localhost:8087")]
    [InlineData("http://127.0.0.1:8088", "Kestrel:Endpoints:Web:Url=http://0.0.0.0:8088", "urls=http://*:8080")]
    [InlineData(null, "urls=http://203.0.113.7:8080")]
    public void It_asks_where_the_app_listens(string? address, params string[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => setting.Split('=')).ToDictionary(pair => pair[0], pair => (string?)pair[1])).Build();

        Assert.Equal(address is null ? null : new Uri(address + "/health/ready"), HealthCommand.AddressOf([], configuration));
    }

    private static async Task<WebApplication> AnsweringAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
