using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Settings;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Hosting;
using TaskSync.Web.Salesforce;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>What an org's administrator has to create, what we found there, the reader, and the end-to-end test.</summary>
public sealed partial class OrganizationsPage : IDisposable
{
    private static readonly TimeSpan Collect = TimeSpan.FromSeconds(1);
    private readonly PageLife _left = new();
    private IReadOnlyList<OrganizationCard>? _cards;
    private RepTime? _time;
    private string? _failure;
    private bool _denied;
    private string? _said;
    private bool _problem;
    private string? _testing;
    private ConnectNote? _connectMessage;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required OrganizationsQuery Query { get; set; }

    [Inject]
    public required ReaderService Readers { get; set; }

    [Inject]
    public required EndToEndTest Test { get; set; }

    [Inject]
    public required ConnectNotes Notes { get; set; }

    [Inject]
    public required RepClock RepClock { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IOptions<WebOptions> Web { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<OrganizationsPage> Logger { get; set; }

    [SupplyParameterFromQuery(Name = "connect")]
    private string? Connect { get; set; }

    private string CallbackUrl =>
        (Web.Value.PublicUrl is { Length: > 0 } address ? address.TrimEnd('/') : Navigation.BaseUri.TrimEnd('/')) + ConnectEndpoints.CallbackPath;

    protected override async Task OnInitializedAsync()
    {
        var personId = await Person.IdAsync();
        _connectMessage = Connect switch
        {
            null or "" => null,
            ConnectMessage.Connected => new ConnectNote(true, "The reader is signed in. It is being examined now; then reps follow it one after the other.", null),
            _ => await ConnectNote.OfAsync(Connect, id => Notes.FindAsync(personId, id, _left.Token)),
        };
        _refresh = new LiveRefresh(() => InvokeAsync(LoadAndShowAsync), Clock, quiet: Collect);
        _feed = Feed.SubscribeAll(_refresh.Signal);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            var admin = await Person.ActorAsync();
            _time = await RepClock.NowAsync(admin.Id, _left.Token);
            _cards = await Query.AllAsync(admin, _left.Token);
            _failure = null;
        }
        catch (OperationCanceledException) when (_left.IsOver)
        {
        }
        catch (UnauthorizedAccessException)
        {
            _denied = true;
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "Organizations", failure);
            _failure = FailureWords.OfLoad(_cards is null ? "The organizations could not be loaded" : "What you see may be out of date", failure);
            _refresh?.Retry();
        }
    }

    private async Task LoadAndShowAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    private async Task<string?> SetUpAsync(string username, string? key)
    {
        string? problem = null;
        await DoAsync(async admin =>
        {
            problem = await Readers.ConnectAsync(admin, username, key, CancellationToken.None) switch
            {
                ConnectResult.Refused refused => refused.Words,
                ConnectResult.Failed { Failure: var failure } => $"{SalesforceErrors.For(failure).Words} Salesforce says: {failure.Message} ({failure.Code})",
                _ => null,
            };
            return problem is null ? "The reader is signed in and is being examined." : null;
        });
        return problem;
    }

    private Task ExamineAsync(Guid readerId) => DoAsync(async admin =>
    {
        await Readers.ExamineAsync(admin, readerId, CancellationToken.None);
        return "The reader is being examined.";
    });

    private Task RemoveAsync(Guid readerId) => DoAsync(async admin =>
    {
        await Readers.RemoveAsync(admin, readerId, CancellationToken.None);
        return "The reader is removed. Every rep is read with their own sign-in.";
    });

    private Task AllowAsync(string organizationId, bool allowed) => DoAsync(async admin =>
    {
        await Test.AllowAsync(admin, organizationId, allowed, CancellationToken.None);
        return allowed ? "The test is allowed here." : "The test is not allowed any more.";
    });

    private async Task TestAsync(string organizationId)
    {
        _testing = organizationId;
        await DoAsync(async admin => await Test.RunAsync(admin, organizationId, CancellationToken.None) is { } reason
            ? throw new TestNotRunException(reason)
            : "The test has run.");
        _testing = null;
    }

    private async Task DoAsync(Func<Actor, Task<string?>> act)
    {
        try
        {
            _said = await act(await Person.ActorAsync());
            _problem = false;
        }
        catch (TestNotRunException reason)
        {
            (_said, _problem) = (reason.Message, true);
        }
        catch (UnauthorizedAccessException)
        {
            _denied = true;
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Organizations", failure);
            (_said, _problem) = (FailureWords.Of("That did not work just now", failure), true);
        }

        await LoadAsync();
    }

    public void Dispose()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
    }

    private sealed class TestNotRunException(string reason) : Exception(reason);
}
