using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TaskSync.Tests.Salesforce;

/// <summary>A web server that answers whatever the test says, for answers that no honest org gives.</summary>
public sealed class StubSalesforce : IAsyncDisposable
{
    public const string OrganizationId = "00DWs0000000001MAA";
    public const string UserId = "005Ws0000000001IAA";

    private readonly WebApplication _app;

    private StubSalesforce(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    /// <summary>Answers every request.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => Json(context, 200, "{}");

    /// <summary>"GET /path?query" of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<StubSalesforce> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var stub = new StubSalesforce(app);
        app.Run(context =>
        {
            context.Response.Headers.Date = SalesforceRig.Start.ToString("R");
            stub.Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            return stub.Answer(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        stub.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return stub;
    }

    /// <summary>How many requests went to a path that contains the text.</summary>
    public int Count(string text) => Requests.Count(request => request.Contains(text, StringComparison.Ordinal));

    public static async Task Json(HttpContext context, int status, string body, string contentType = "application/json;charset=UTF-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(body);
    }

    /// <summary>Salesforce's error array.</summary>
    public static Task Error(HttpContext context, int status, string code, string message = "as Salesforce says it") =>
        Json(context, status, $$"""[{"message":"{{message}}","errorCode":"{{code}}"}]""");

    /// <summary>A token answer; rotation when a refresh token is given.</summary>
    public string TokenAnswer(string accessToken, string? refreshToken = null, string? instanceUrl = null, string userId = UserId, string organizationId = OrganizationId) =>
        $$"""
        {"access_token":"{{accessToken}}",{{(refreshToken is null ? "" : $"\"refresh_token\":\"{refreshToken}\",")}}"instance_url":"{{instanceUrl ?? Url}}",
         "id":"{{Url}}/id/{{organizationId}}/{{userId}}","token_type":"Bearer","issued_at":"1699999999999","signature":"x","scope":"api refresh_token"}
        """;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
