using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using MudBlazor;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>The rep's day: a list that is kept live, and everything one does with a task.</summary>
public sealed partial class CommandCenterPage : IAsyncDisposable
{
    private readonly PageLife _left = new();
    private Guid _personId;
    private Sync.Tasks.CommandCenter? _model;
    private SyncPill? _pill;
    private string? _failure;
    private string? _announcement;
    private HashSet<Guid> _fresh = [];
    private string? _search;
    private string? _searched;
    private int _load;
    private (string? View, string? Search)? _shown;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;
    private ITimer? _midnight;
    private ITimer? _searchDelay;
    private DotNetObjectReference<CommandCenterPage>? _self;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required CommandCenterQuery Query { get; set; }

    [Inject]
    public required SearchLimit Searches { get; set; }

    [Inject]
    public required SyncPillQuery PillQuery { get; set; }

    [Inject]
    public required TaskService Tasks { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required IDialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required BrowserPage Browser { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required IOptions<SyncOptions> Options { get; set; }

    [Inject]
    public required ILogger<CommandCenterPage> Logger { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    private string? ViewKey { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? SearchText { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _personId = await Person.IdAsync();
        _refresh = new LiveRefresh(() => InvokeAsync(RefreshAsync), Clock, IsPointerOverListAsync);
        _feed = Feed.Subscribe(_personId, _refresh.Signal);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (ViewKey, SearchText))
        {
            return;
        }

        if (_shown?.View != ViewKey)
        {
            _selected.Clear();
            _current = null;
            _focusNext = null;
        }

        if (_searchDelay is null)
        {
            // Somebody who is still typing is not interrupted.
            _search = SearchText;
        }

        _shown = (ViewKey, SearchText);
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            await Browser.ListenToKeysAsync(_self);
        }

        if (_model is not null && !_settled)
        {
            _settled = true;
            StateHasChanged();
        }

        if (_focusNext is { } selector)
        {
            _focusNext = null;
            await Browser.FocusAsync(selector);
        }
    }

    /// <summary>Reads the list and the pill. Of several reads under way only the newest counts.</summary>
    private async Task LoadAsync()
    {
        var load = ++_load;
        var search = SearchText;
        if (!string.IsNullOrEmpty(search) && search != _searched && Searches.Refuse(_personId) is { } tooOften)
        {
            _failure = tooOften;
            _refresh?.Retry();
            return;
        }

        _searched = search;
        try
        {
            var model = await Query.LoadAsync(_personId, Views.Of(ViewKey), search, _left.Token);
            var pill = await PillQuery.LoadAsync(_personId, _left.Token);
            if (load == _load && model is not null)
            {
                Take(model);
                (_pill, _failure) = (pill, null);
                await FillAsync();
                WaitForMidnight(model.Time);
            }
        }
        catch (OperationCanceledException) when (_left.IsOver)
        {
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "Command Center", failure);
            if (load == _load)
            {
                _failure = FailureWords.OfLoad(_model is null ? "Your tasks could not be loaded" : "What you see may be out of date", failure);
                _refresh?.Retry();
            }
        }
    }

    /// <summary>The same after somebody else's change: rows that changed are marked and announced.</summary>
    private async Task RefreshAsync()
    {
        var before = Listed().ToDictionary(task => task.Id, task => task.Revision);
        await LoadAsync();
        var changed = Listed().Where(task => !before.TryGetValue(task.Id, out var revision) || revision != task.Revision).Select(task => task.Id).ToHashSet();
        var gone = before.Count - Listed().Count(task => before.ContainsKey(task.Id));
        _fresh = changed;
        if (changed.Count + gone > 0)
        {
            _announcement = $"The list changed: {Words.Count(changed.Count, "task")} updated" + (gone > 0 ? $", {gone} left it." : ".");
        }

        StateHasChanged();
    }

    private async Task<bool> IsPointerOverListAsync()
    {
        var over = false;
        await InvokeAsync(async () => over = await Browser.IsPointerOverAsync("#task-groups .tasks"));
        return over;
    }

    private void WaitForMidnight(RepTime time)
    {
        _midnight?.Dispose();
        var wait = time.NextMidnight - Clock.GetUtcNow() + TimeSpan.FromMilliseconds(500);
        _midnight = Clock.CreateTimer(_ => _refresh?.Signal(), null, wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
    }

    private void OnSearch(string? text)
    {
        _search = text;
        _searchDelay?.Dispose();
        _searchDelay = Clock.CreateTimer(_ => InvokeAsync(SearchAsync), null, TimeSpan.FromMilliseconds(250), Timeout.InfiniteTimeSpan);
    }

    /// <summary>A pause in typing: the search goes into the address, and from there into the list.</summary>
    private Task SearchAsync()
    {
        _searchDelay?.Dispose();
        _searchDelay = null;
        Navigation.NavigateTo(Views.Url(Views.Of(ViewKey), _search), replace: true);
        return Task.CompletedTask;
    }

    private string EmptyText(TaskGroup group) =>
        _model!.Search is not null ? "Nothing here matches your search."
        : group.Title == "Today" ? _pill is { Progress.State: Sync.Model.InitialSyncState.Running } ? "Nothing yet. Your Salesforce tasks are coming in." : "Nothing due today."
        : group.Title == "Tomorrow" ? "Nothing due tomorrow."
        : _model.View switch
        {
            TaskView.Overdue => "Nothing is overdue. Well done.",
            TaskView.Completed => "Nothing completed yet.",
            _ => "No tasks here.",
        };

    public async ValueTask DisposeAsync()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
        _midnight?.Dispose();
        _searchDelay?.Dispose();
        await ReleaseUndoAsync();
        if (_self is not null)
        {
            await Browser.StopKeysAsync();
            _self.Dispose();
        }
    }
}
