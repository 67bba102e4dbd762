using System.Net;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>The whole application on a PostgreSQL.</summary>
public sealed class PostgreSqlHostTests
{
    [Fact]
    public async Task The_app_starts_on_an_empty_PostgreSQL_is_ready_and_knows_its_cookies_after_a_restart()
    {
        var server = PostgreSqlServer.Demand();
        var name = server.CreateEmpty();
        try
        {
            var cookie = await UseAsync(server, name, null);
            await UseAsync(server, name, cookie);
        }
        finally
        {
            server.Drop(name);
        }
    }

    [Fact]
    public async Task F1_the_main_story_of_a_rep_is_the_same_on_PostgreSQL()
    {
        var server = PostgreSqlServer.Demand();
        var name = server.CreateEmpty();
        try
        {
            await using var browser = new BrowserApp(new WebApp(settings: Settings(server, name)));
            await browser.InitializeAsync();
            await new BrowserStories(browser).F1_F2_S1_tick_the_box_and_both_lists_are_one();
        }
        finally
        {
            server.Drop(name);
        }
    }

    private static Dictionary<string, string?> Settings(PostgreSqlServer server, string name) => new() { ["Database:Provider"] = "postgresql", ["ConnectionStrings:TaskSync"] = server.ConnectionString(name) };

    /// <summary>Signs in, or comes back with the cookie of the last start: the key ring that reads it is in the database.</summary>
    private static async Task<string> UseAsync(PostgreSqlServer server, string name, string? cookie)
    {
        await using var app = new WebApp(settings: Settings(server, name));
        var client = app.CreateClient();
        await Until.TrueAsync(async () => (await client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.OK);
        if (cookie is null)
        {
            var signedIn = await WebApp.PostAsync(client, "/sign-in/demo", new() { ["person"] = "rita" });
            cookie = string.Join("; ", signedIn.Headers.GetValues("Set-Cookie").Select(line => line.Split(';')[0]));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", cookie);
        Assert.Contains("Rita", await (await app.CreateClient().SendAsync(request, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return cookie;
    }
}
