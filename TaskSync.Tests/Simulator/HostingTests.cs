using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulator;

public sealed class HostingTests
{
    [Fact]
    public async Task Mounted_under_a_path_it_needs_no_sign_in_and_gives_addresses_below_that_path()
    {
        var cancel = TestContext.Current.CancellationToken;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthentication("none").AddCookie("none");
        builder.Services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        builder.Services.AddAntiforgery();
        builder.Services.AddSalesforceSimulator(options => options.DataDirectory = null);
        await using var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapGet("/", () => "private");
        app.MapSalesforceSimulator("/simulator");
        await app.StartAsync(cancel);
        var root = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var org = app.Services.GetRequiredService<SimulatedOrg>();

        Assert.NotEqual(200, (await ApiCaller.Send(new HttpRequestMessage(HttpMethod.Get, root))).Status);
        Assert.Contains("href=\"/simulator/ui/simulator.css\"", (await ApiCaller.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(root, "/simulator")))).Text, StringComparison.Ordinal);
        var approved = await ApiCaller.PostForm(new Uri(root, "/simulator/services/oauth2/authorize"), ("response_type", "code"), ("client_id", "x"), ("redirect_uri", "http://localhost/cb"), ("user", org.Rita.Id), ("decision", "allow"));
        var code = approved.Headers["Location"].Split("code=")[1];
        var token = await ApiCaller.PostForm(new Uri(root, "/simulator/services/oauth2/token"), ("grant_type", "authorization_code"), ("client_id", "x"), ("redirect_uri", "http://localhost/cb"), ("code", Uri.UnescapeDataString(code)));
        Assert.Equal(new Uri(root, "/simulator").AbsoluteUri, token["instance_url"]);
        Assert.StartsWith(token["instance_url"] + "/id/00D", token["id"], StringComparison.Ordinal);
        var caller = new ApiCaller(root, token["access_token"]!);
        var created = await caller.Send("POST", "/simulator/services/data/v66.0/sobjects/Task", new { Subject = "a" }, []);
        Assert.StartsWith("/services/data/v66.0/sobjects/Task/00T", created.Headers["Location"], StringComparison.Ordinal);
        Assert.Equal(201, created.Status);
    }

    [Fact]
    public async Task The_demo_has_tasks_in_and_outside_the_first_syncs_window_for_each_rep()
    {
        await using var host = await TaskSync.Simulator.SimulatorHost.StartAsync(new SimulatorOptions { Seed = true, TimeZone = "Etc/UTC" }, TestContext.Current.CancellationToken);
        var (org, now) = (host.Org, WallClock.Now);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        foreach (var rep in new[] { org.Rita, org.Sam, org.Nora })
        {
            var tasks = org.Tasks(rep.Id);
            var recent = tasks.Where(t => t.LastModifiedDate > now.AddHours(-24)).ToList();
            Assert.InRange(recent.Count(t => t.ActivityDate == today && !t.IsClosed), 3, 4);
            Assert.InRange(recent.Count(t => t.ActivityDate == today.AddDays(1)), 2, 3);
            Assert.Contains(recent, t => t.ActivityDate is null);
            Assert.Contains(recent, t => t.ActivityDate < today && !t.IsClosed);
            Assert.Single(recent, t => t.IsClosed);
            Assert.InRange(tasks.Count(t => t.LastModifiedDate < now.AddDays(-2) && t.LastModifiedDate > now.AddDays(-20)), 4, 5);
            Assert.Contains(tasks, t => t.LastModifiedDate < now.AddDays(-2) && t.ActivityDate == today && !t.IsClosed);
            Assert.All(tasks, t => Assert.True(t.CreatedDate <= t.LastModifiedDate && t.LastModifiedDate <= t.SystemModstamp));
        }
    }
}
