using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>The admin's page: is it well, who is not, what is stuck, and what does it cost.</summary>
public sealed partial class SyncStatusPage : IDisposable
{
    private const string PagePath = "/admin/sync";
    private const string TabQuery = "?tab=";
    private const string OverviewTab = "overview";
    private static readonly string[] TabKeys = [OverviewTab, "people", "runs", "problems"];
    private static readonly TimeSpan Collect = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(15);
    private readonly PageLife _left = new();
    private SyncOverview? _overview;
    private IReadOnlyList<ProblemGroup> _groups = [];
    private AuditOverview? _audits;
    private IReadOnlyList<ReadingRow> _reading = [];
    private RepTime? _time;
    private string? _failure;
    private bool _denied;
    private string? _said;
    private bool _problem;
    private int _version;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;
    private ITimer? _tick;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SyncStatusQuery Query { get; set; }

    [Inject]
    public required OrganizationsQuery Organizations { get; set; }

    [Inject]
    public required AdminActions Actions { get; set; }

    [Inject]
    public required RepClock RepClock { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<SyncStatusPage> Logger { get; set; }

    [SupplyParameterFromQuery(Name = "tab")]
    private string? TabKey { get; set; }

    private string Tab => TabKeys.Contains(TabKey) ? TabKey! : OverviewTab;

    private IReadOnlyList<TabItem> TabItems =>
        [new(OverviewTab, "Overview"), new("people", "People"), new("runs", "Runs"), new("problems", "Problems", _overview?.OpenProblems)];

    protected override async Task OnInitializedAsync()
    {
        _refresh = new LiveRefresh(() => InvokeAsync(LoadAndShowAsync), Clock, quiet: Collect);
        _feed = Feed.SubscribeAll(_refresh.Signal);
        _tick = Clock.CreateTimer(_ => _refresh.Signal(), null, Tick, Tick);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            var admin = await Person.ActorAsync();
            _time = await RepClock.NowAsync(admin.Id, _left.Token);
            _reading = await Organizations.ReadingAsync(admin, _left.Token);
            _groups = await Query.ProblemsAsync(admin, _left.Token);
            _audits = await Query.AuditsAsync(admin, _left.Token);
            _overview = await Query.OverviewAsync(admin, _left.Token);
            _failure = null;
            _version++;
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
            PageLog.LoadFailed(Logger, "Sync status", failure);
            _failure = FailureWords.OfLoad(_overview is null ? "The status could not be loaded" : "What you see may be out of date", failure);
            _refresh?.Retry();
        }
    }

    private async Task LoadAndShowAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    private async Task DoAsync(Func<Actor, Task<string>> act)
    {
        try
        {
            _said = await act(await Person.ActorAsync());
            _problem = false;
            await LoadAsync();
        }
        catch (UnauthorizedAccessException)
        {
            _denied = true;
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Sync status", failure);
            (_said, _problem) = (FailureWords.Of("That did not work just now", failure), true);
        }
    }

    private Task PauseAllAsync(string? reason) => DoAsync(async admin =>
    {
        await Actions.PauseAllAsync(admin, reason, CancellationToken.None);
        return "All sync is paused. Changes wait.";
    });

    private Task ResumeAllAsync() => DoAsync(async admin =>
    {
        await Actions.ResumeAllAsync(admin, CancellationToken.None);
        return "Sync goes on.";
    });

    private Task AuditNowAsync() => DoAsync(async admin =>
        $"Comparing the tasks of {await Actions.AuditNowAsync(admin, CancellationToken.None) switch { 1 => "1 person", var count => $"{Words.Number(count)} people" }} with Salesforce now.");

    private Task RetryAllAsync(string? code) => DoAsync(async admin =>
        $"Trying {Words.Count(await Actions.RetryAllAsync(admin, code, CancellationToken.None), "problem")} again now.");

    public void Dispose()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
        _tick?.Dispose();
    }
}
