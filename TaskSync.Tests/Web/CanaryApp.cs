using System.Net;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator;
using TaskSync.Simulator.Setup;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>A text that is told to the app once and turns up nowhere by accident.</summary>
/// <param name="Of">What it is.</param>
/// <param name="Text">The text, of letters and digits where the test makes it up.</param>
internal sealed record Canary(string Of, string Text)
{
    /// <summary>Also as an address spells it. Case is nobody's disguise.</summary>
    public bool IsIn(string text) =>
        text.Contains(Text, StringComparison.OrdinalIgnoreCase) || text.Contains(Uri.EscapeDataString(Text), StringComparison.OrdinalIgnoreCase);

    public bool IsIn(ReadOnlySpan<byte> bytes) => bytes.IndexOf(Encoding.UTF8.GetBytes(Text)) >= 0 || bytes.IndexOf(Encoding.Unicode.GetBytes(Text)) >= 0;
}

/// <summary>
/// The whole app with sign-in by a tenant of Entra ID, on the Salesforce of another server, with every log at Trace and a canary in each secret and each text.
/// </summary>
internal sealed class CanaryApp : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly EntraTenant _tenant;
    private readonly SimulatorHost _salesforce;
    private readonly HashSet<Canary> _canaries = [];

    private CanaryApp(EntraTenant tenant, SimulatorHost salesforce)
    {
        (_tenant, _salesforce) = (tenant, salesforce);
        var settings = tenant.Settings;
        settings["Salesforce:LoginUrl"] = salesforce.BaseAddress.ToString().TrimEnd('/');
        settings["Salesforce:ClientId"] = "TaskSync.Demo";
        settings["Salesforce:ClientSecret"] = Hatch("the client secret");
        foreach (var category in new[] { "Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.DataProtection", "Microsoft.EntityFrameworkCore", "Quartz", "System.Net.Http" })
        {
            settings[$"Logging:LogLevel:{category}"] = "Trace";
        }

        // Rules of one provider and of a deeper category outrank those of a category.
        foreach (var category in new[] { "Hosting.Diagnostics", "Http.Result", "SignalR.HubConnectionHandler", "Components.Server.Circuits.CircuitHost", "Authentication.OpenIdConnect.OpenIdConnectHandler" })
        {
            settings[$"Logging:{typeof(LogSink).FullName}:LogLevel:Microsoft.AspNetCore.{category}"] = "Trace";
        }

        App = new WebApp(settings: settings)
        {
            ConfigureServices = services =>
            {
                EntraTenant.Trust(services);
                services.AddLogging(logging => logging.ClearProviders().AddProvider(Ears.Logs));
                services.AddSingleton<IStartupFilter, Forms>();
            },
        };
        App.ClientOptions.BaseAddress = new Uri("https://localhost");
    }

    public Overheard Ears { get; } = new();

    public WebApp App { get; }

    public SimulatedOrg Org => _salesforce.Org;

    public IReadOnlyCollection<Canary> Canaries => [.. _canaries, .. _tenant.Secrets.Select(secret => new Canary("what Entra ID gave", secret))];

    private const string FormPath = "/form";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<CanaryApp> StartAsync() => new(
        await EntraTenant.StartAsync(), await SimulatorHost.StartAsync(new SimulatorOptions { RefreshTokenRotation = true, TimeZone = "Etc/UTC", DailyApiLimit = 10_000_000 }, Token));

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _salesforce.DisposeAsync();
        await _tenant.DisposeAsync();
        Ears.Dispose();
    }

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>A text that is to be found again.</summary>
    public string Hatch(string of)
    {
        var text = $"Canary{Guid.NewGuid():N}";
        Remember(of, text);
        return text;
    }

    public void Remember(string of, string text) => _canaries.Add(new(of, text));

    /// <summary>Somebody comes in by Entra ID, connects a Salesforce user of their own and ticks the box.</summary>
    /// <param name="account">Who they are for the tenant; what they are called is a canary.</param>
    public async Task<CanaryRep> RepAsync(EntraAccount account)
    {
        var (name, email) = (Hatch("the person's name"), Hatch("the person's e-mail"));
        _tenant.Forge = token => token.Subject = new ClaimsIdentity(token.Subject.Claims
            .Where(claim => claim.Type is not ("name" or "preferred_username")).Append(new("name", name)).Append(new("preferred_username", $"{email}@acme.example")));
        var browser = NewBrowser();
        var form = await _tenant.AnswerAsync((await browser.GetAsync("/sign-in/microsoft", Token)).Headers.Location!, account);
        Assert.Equal("/", (await browser.PostAsync("/signin-oidc", new FormUrlEncodedContent(form), Token)).Headers.Location!.ToString());

        var user = Org.AddUser(Hatch("the Salesforce user's name"), "Rep");
        await ConnectAsync(browser, user);
        var person = await ReadAsync(db => db.People.SingleAsync(p => p.Name == name, Token));
        await Get<SyncSwitch>().TurnOnAsync(person.Id, ImportWindow.Last24Hours, Token);
        await Until.TrueAsync(() => ReadAsync(db => db.InitialSyncs.AnyAsync(i => i.ConnectionId == person.ConnectionId && i.State == InitialSyncState.Done, Token)), Patience);
        return new CanaryRep(this, browser, person.Id, person.ConnectionId!.Value, user, $"{email}@acme.example");
    }

    /// <summary>Tokens change: this takes those of now, sealed and open.</summary>
    public async Task RememberTokensAsync()
    {
        foreach (var connection in await ReadAsync(db => db.Connections.AsNoTracking().ToListAsync(Token)))
        {
            foreach (var (of, sealedToken) in new[] { ("an access token", connection.AccessToken), ("a refresh token", connection.RefreshToken) })
            {
                if (Get<TokenVault>().TryOpen(sealedToken, out var token))
                {
                    Remember(of, token);
                }
            }
        }
    }

    public async Task<T> ReadAsync<T>(Func<TaskSyncDb, Task<T>> read)
    {
        await using var db = await Get<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        return await read(db);
    }

    /// <summary>Those that are in the database with its log, byte by byte.</summary>
    public IReadOnlyList<Canary> InDatabase()
    {
        List<Canary> found = [];
        foreach (var file in new[] { "tasksync.db-wal", "tasksync.db" })
        {
            try
            {
                // The log first: what is carried over meanwhile is then found in the file.
                using var stream = new FileStream(Path.Combine(App.Folder, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                found.AddRange(Canaries.Where(canary => canary.IsIn(bytes)));
            }
            catch (FileNotFoundException) when (file.EndsWith("-wal", StringComparison.Ordinal))
            {
                // The last connection that closes takes it along.
            }
        }

        return [.. found.Distinct()];
    }

    /// <summary>A browser whose cookies are canaries, and whose pages and redirects are overheard.</summary>
    private HttpClient NewBrowser()
    {
        var browser = App.CreateDefaultClient(App.ClientOptions.BaseAddress, new Watch(this), new CookieContainerHandler());
        browser.DefaultRequestHeaders.UserAgent.ParseAdd("Firefox");
        return browser;
    }

    private async Task ConnectAsync(HttpClient browser, SimulatedUser user)
    {
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", await browser.GetStringAsync(FormPath, Token))]);
        var authorize = (await browser.PostAsync("/salesforce/connect", form, Token)).Headers.Location!;
        var fields = QueryHelpers.ParseQuery(authorize.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        Remember("the OAuth state", fields["state"]);
        (fields["user"], fields["decision"]) = (user.Id, "allow");
        using var elsewhere = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var callback = (await elsewhere.PostAsync(authorize.GetLeftPart(UriPartial.Path), new FormUrlEncodedContent(fields), Token)).Headers.Location!;
        Remember("the OAuth code", QueryHelpers.ParseQuery(callback.Query)["code"]!);
        Assert.Equal("/settings?connect=ok", (await browser.GetAsync(callback.PathAndQuery, Token)).Headers.Location!.ToString());
    }

    /// <summary>Pages draw their forms in a circuit. Who has none asks here for the antiforgery token.</summary>
    private sealed class Forms : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Map(FormPath, form => form.Run(async http =>
            {
                http.User = (await http.AuthenticateAsync()).Principal!;
                await http.Response.WriteAsync(http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken!);
            }));
            next(app);
        };
    }

    private sealed class Watch(CanaryApp app) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
            {
                var value = cookie.Split(';')[0].Split('=', 2)[1];
                if (value.Length > 20)
                {
                    app.Remember("a cookie", value);
                }
            }

            if (answer.Headers.Location is { } location)
            {
                app.Ears.Add(Place.Redirect, location.ToString());
            }

            app.Ears.Add(Place.Page, await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer;
        }
    }
}

/// <summary>Somebody who works with the app.</summary>
/// <param name="App">The app.</param>
/// <param name="Browser">Signed in.</param>
/// <param name="Id">The person's.</param>
/// <param name="Connection">Theirs.</param>
/// <param name="User">Who they are in Salesforce.</param>
/// <param name="Email">Their address.</param>
internal sealed record CanaryRep(CanaryApp App, HttpClient Browser, Guid Id, Guid Connection, SimulatedUser User, string Email)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each field of a task here and in Salesforce, changed, deleted and refused, and a search for each.</summary>
    public async Task WorkAsync()
    {
        var contact = App.Org.CreateRecord("Contact", new FieldValues { ["LastName"] = App.Hatch("a contact's name"), ["OwnerId"] = User.Id }, User.Id);
        var account = App.Org.CreateRecord("Account", new FieldValues { ["Name"] = App.Hatch("an account's name"), ["OwnerId"] = User.Id }, User.Id);
        App.Org.CreateTask(User.Id, new FieldValues { ["Subject"] = App.Hatch("a Salesforce subject"), ["Description"] = App.Hatch("Salesforce details"), ["WhoId"] = contact, ["WhatId"] = account });
        var draft = Draft() with { WhoId = contact, WhatId = account };
        var (kept, gone) = (await NewTaskAsync(draft), await NewTaskAsync(Draft()));
        await SettledAsync();
        await App.Get<TaskService>().EditAsync(Id, kept, draft, draft with { Subject = App.Hatch("a later subject"), Details = null }, Token);
        await App.Get<TaskService>().DeleteAsync(Id, [gone], Token);
        await App.Get<TaskService>().ReleaseAsync(Id, [gone]);
        await SettledAsync();
        await App.ReadAsync(async db =>
        {
            db.Conflicts.Add(new Conflict { PersonId = Id, TaskId = kept, Field = TaskField.Subject, OurValue = App.Hatch("a value that lost") });
            db.Problems.Add(new Problem { PersonId = Id, ConnectionId = Connection, TaskId = kept, Code = "SOME_CODE", Message = App.Hatch("the words of a problem") });
            return await db.SaveChangesAsync(Token);
        });
        await App.Get<RecordPicker>().SearchAsync(Id, RecordKind.Person, App.Hatch("a search for a record"), Token);
        await Browser.GetAsync($"/?q={App.Hatch("a search for a task")}", Token);
    }

    private TaskDraft Draft() => new()
    {
        Values = TaskValues.Empty.With(TaskField.CallResult, App.Hatch("a call result")), // First: the others are added to it.
        Subject = App.Hatch("a subject"),
        Details = App.Hatch("details"),
        DueDate = DateOnly.FromDateTime(WallClock.Now.UtcDateTime),
    };

    private async Task<Guid> NewTaskAsync(TaskDraft draft) => Assert.IsType<TaskResult.Saved>(await App.Get<TaskService>().CreateAsync(Id, draft, Token)).Id;

    /// <summary>Nothing waits any more, and what is in Salesforce is here.</summary>
    private Task SettledAsync() => Until.TrueAsync(
        async () =>
        {
            App.Get<SyncDoorbell>().Ring(Connection, readChanges: true);
            return await App.ReadAsync(async db => !await db.PendingWrites.AnyAsync(w => w.ConnectionId == Connection, Token) && await db.Tasks.AnyAsync(t => t.PersonId == Id && t.WhatName != null, Token));
        },
        CanaryApp.Patience);
}
