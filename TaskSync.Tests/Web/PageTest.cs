using System.Security.Claims;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Hosting;
using TaskSync.Web.Salesforce;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>A page with the real services behind it: Rita's desk, a database of its own, a clock that the test sets. No browser and no Salesforce.</summary>
public abstract class PageTest : BunitContext
{
    private readonly TestSignIn _signIn = new();

    protected PageTest(params IInterceptor[] interceptors)
    {
        Desk = new Desk(interceptors);
        JSInterop.Mode = JSRuntimeMode.Loose;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Salesforce:LoginUrl"] = "https://login.salesforce.com",
            ["Salesforce:ClientId"] = "test",
        }).Build();
        Services.AddLogging();
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(Desk.Clock);
        Services.AddSingleton<IDbContextFactory<TaskSyncDb>>(Desk.Database);
        Services.AddSingleton(Desk.Feed);
        Services.AddSingleton(Desk.Doorbell);
        Services.AddSingleton(Desk.Asked);
        Services.AddSingleton<Presence>();
        Services.AddSingleton<SyncSwitch>();
        Services.AddSingleton<ObservationApplier>();
        Services.AddSingleton<SyncContexts>();
        Services.AddSingleton<ShardFences>();
        Services.AddSingleton<LinkVerifier>();
        Services.AddSingleton<ChangePoller>();
        Services.AddSingleton<RelatedNames>();
        Services.AddSingleton<CompletenessSweep>();
        Services.AddSingleton<ApiPaces>();
        Services.AddSingleton<PreviewReader>();
        Services.AddSingleton<SyncPreview>();
        Services.AddSingleton<ReaderRoster>();
        Services.AddSingleton<IConfiguration>(configuration);
        Services.Configure<WebOptions>(configuration.GetSection(WebOptions.Section));
        Services.AddSingleton(Options.Create(new SyncOptions()));
        Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        Services.AddSalesforce(configuration);
        Services.AddSalesforceConnections();
        Services.AddTasks();
        Services.AddStatus();
        Services.AddPrivacy();
        Services.AddSingleton<AuthenticationStateProvider>(_signIn);
        Services.AddScoped<SignedInPerson>();
        Services.AddScoped<BrowserPage>();
        Services.AddSingleton(Options.Create(new SignInOptions()));
        Services.AddSingleton<SessionCheck>();
        Services.AddSingleton<OpenPages>();
        SignIn(Desk.Rita, "Rita Rep");
    }

    protected Desk Desk { get; }

    protected static CancellationToken Never => CancellationToken.None;

    /// <summary>Whoever signs in last is signed in.</summary>
    protected void SignIn(Guid personId, string name, params string[] roles)
    {
        // Tests set the clock: the sign-in is one that does not get old.
        var signIn = new Sync.Model.SignIn { Id = Guid.NewGuid(), PersonId = personId, StartedAt = DateTimeOffset.MaxValue.AddYears(-100), LastSeenAt = DateTimeOffset.MaxValue.AddYears(-100), Device = "Chrome on Linux" };
        using var db = Desk.Database.CreateDbContext();
        db.SignIns.Add(signIn);
        db.SaveChanges();
        _signIn.User = new ClaimsPrincipal(new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, name),
                new Claim(TaskSyncClaims.Person, personId.ToString()),
                new Claim(TaskSyncClaims.Session, signIn.Id.ToString()),
                .. roles.Select(role => new Claim(ClaimTypes.Role, role)),
            ],
            "test"));
    }

    /// <summary>The page as the layout shows it: with the places of dialogs and popovers.</summary>
    protected IRenderedComponent<TPage> Show<TPage>(string address = "")
        where TPage : IComponent
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        Render<MudPopoverProvider>();
        Dialogs = Render<MudDialogProvider>();
        return Render<TPage>();
    }

    protected IRenderedComponent<MudDialogProvider> Dialogs { get; private set; } = null!;

    /// <summary>The button with this accessible name: its label, else its text.</summary>
    protected static IElement Button<T>(IRenderedComponent<T> page, string name)
        where T : IComponent => page.FindAll("button").Single(button => Name(button) == name);

    protected static bool HasButton<T>(IRenderedComponent<T> page, string name)
        where T : IComponent => page.FindAll("button").Any(button => Name(button) == name);

    /// <summary>The control that belongs to the label with this text.</summary>
    protected static IElement Control<T>(IRenderedComponent<T> page, string label)
        where T : IComponent
    {
        var found = page.FindAll("label").Single(l => l.TextContent.Trim() == label);
        return found.GetAttribute("for") is { } id ? page.Find("#" + id) : found.QuerySelector("input, select, textarea")!;
    }

    protected static string Name(IElement element) => (element.GetAttribute("aria-label") ?? element.TextContent).Trim();

    /// <summary>The subjects of the region with this heading, in order.</summary>
    protected static List<string> Subjects<T>(IRenderedComponent<T> page, string heading)
        where T : IComponent
    {
        var title = page.FindAll("h2").Single(h => h.TextContent == heading);
        return [.. page.FindAll("section").Single(s => s.GetAttribute("aria-labelledby") == title.Id).QuerySelectorAll("li").Select(row => row.GetAttribute("data-subject")!)];
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await Desk.DisposeAsync();
    }

    private sealed class TestSignIn : AuthenticationStateProvider
    {
        public ClaimsPrincipal User { get; set; } = new(new ClaimsIdentity());

        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(User));
    }
}
