using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using TaskSync.Sync.Data;
using TaskSync.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace TaskSync.Tests.Web;

/// <summary>Sign-in with Microsoft Entra ID in a real browser: the app as a company runs it (Production, TLS), and a tenant on this machine, which is another site.</summary>
public sealed class EntraStories(EntraStories.Running running) : IClassFixture<EntraStories.Running>
{
    private EntraTenant Tenant => running.Tenant;

    [Fact]
    public async Task SE5_a_visitor_signs_in_at_Microsoft_sees_the_page_asked_for_and_signs_out()
    {
        await using var visitor = await running.Browser.VisitAsync();
        await visitor.Page.GotoAsync("/settings");
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.Equal(0, await PeopleAsync(EntraTenant.Erika));

        await SignInAsync(visitor, EntraTenant.Erika);
        Assert.Equal("/settings", new Uri(visitor.Page.Url).PathAndQuery);
        await visitor.LiveAsync();
        Assert.Equal(1, await PeopleAsync(EntraTenant.Erika));
        Assert.StartsWith("/access-denied", await GoneToAsync(visitor, "/admin/sync"), StringComparison.Ordinal);

        await SignOutAsync(visitor, EntraTenant.Erika);
        Assert.DoesNotContain(await visitor.Page.Context.CookiesAsync(), cookie => cookie.Name.Contains("SignIn", StringComparison.Ordinal));
        Assert.StartsWith("/sign-in", await GoneToAsync(visitor, "/settings"), StringComparison.Ordinal);
        await SignInAsync(visitor, EntraTenant.Erika);
        Assert.Equal(1, await PeopleAsync(EntraTenant.Erika));

        // What the browser asked for, at both sites: neither code nor token in an address.
        Assert.Contains(visitor.Requests, url => url.StartsWith(Tenant.Instance, StringComparison.Ordinal));
        Assert.Contains(visitor.Requests, url => url.Contains("/logout?", StringComparison.Ordinal));
        Assert.All(Tenant.Secrets, secret => Assert.DoesNotContain(visitor.Requests, url => url.Contains(secret, StringComparison.Ordinal)));
        Assert.DoesNotContain(visitor.Errors, error => !error.Contains("403", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SE5_the_app_role_opens_the_admins_pages()
    {
        await using var admin = await running.Browser.VisitAsync();
        await admin.Page.GotoAsync("/admin/sync");

        await SignInAsync(admin, EntraTenant.Anton);

        await Expect(admin.Page.GetByRole(AriaRole.Heading, new() { Name = "Sync status" })).ToBeVisibleAsync();
        await admin.LiveAsync();
    }

    [Fact]
    public async Task SE5_who_does_not_agree_at_Microsoft_is_told_in_our_words()
    {
        await using var visitor = await running.Browser.VisitAsync();
        await visitor.Page.GotoAsync("/");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Continue with Microsoft" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The sign-in did not work.");
        Assert.StartsWith("/sign-in", await GoneToAsync(visitor, "/"), StringComparison.Ordinal);
    }

    private static async Task SignInAsync(Visitor visitor, EntraAccount account)
    {
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Continue with Microsoft" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = account.Name }).ClickAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = account.Name })).ToBeVisibleAsync();
    }

    private static async Task SignOutAsync(Visitor visitor, EntraAccount account)
    {
        await visitor.GoAsync("/settings");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = account.Name }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Continue with Microsoft" })).ToBeVisibleAsync();
    }

    /// <summary>Where one lands who asks for this page.</summary>
    private static async Task<string> GoneToAsync(Visitor visitor, string path)
    {
        await visitor.Page.GotoAsync(path);
        return new Uri(visitor.Page.Url).PathAndQuery;
    }

    private async Task<int> PeopleAsync(EntraAccount account)
    {
        await using var db = await running.Browser.App.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await db.People.CountAsync(person => person.SubjectId == EntraTenant.Id + ":" + account.ObjectId, TestContext.Current.CancellationToken);
    }

    /// <summary>One app, one tenant and one browser for all of them.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal EntraTenant Tenant { get; private set; } = null!;

        public BrowserApp Browser { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Tenant = await EntraTenant.StartAsync();
            var address = $"https://127.0.0.1:{FreePort()}";
            Tenant.RedirectUris.Add(address + "/signin-oidc");
            Tenant.RedirectUris.Add(address + "/signout-callback-oidc");
            var settings = Tenant.Settings;
            settings["Salesforce:ClientId"] = "real";
            settings["Web:PublicUrl"] = address;
            (settings["DataProtection:CertificatePath"], settings["DataProtection:CertificatePassword"]) = (KeyRingFiles.Make(), KeyRingFiles.Password);
            Browser = new BrowserApp(new WebApp("Production", settings) { SecurePort = new Uri(address).Port, ConfigureServices = EntraTenant.Trust });
            await Browser.InitializeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Browser.DisposeAsync();
            await Tenant.DisposeAsync();
        }

        /// <summary>The address is needed before the app listens: people reach it there, and the tenant knows it.</summary>
        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
