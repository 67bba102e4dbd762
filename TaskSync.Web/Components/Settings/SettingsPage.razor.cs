using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Salesforce;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Settings;

/// <summary>Connection, the checkbox, and the few choices. Only the sync card has a Save; the others save on change and say so.</summary>
public sealed partial class SettingsPage : IDisposable
{
    private static readonly TimeSpan WhileRunning = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);
    private readonly PageLife _left = new();
    private Guid _personId;
    private SettingsModel? _model;
    private SyncPill? _pill;
    private string? _failure;
    private ConnectNote? _connectMessage;
    private string? _shownMessage;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;
    private ITimer? _progress;
    private ITimer? _tick;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SettingsService Settings { get; set; }

    [Inject]
    public required SyncPillQuery PillQuery { get; set; }

    [Inject]
    public required SyncPreview Preview { get; set; }

    [Inject]
    public required TaskService Tasks { get; set; }

    [Inject]
    public required ConnectionService Connections { get; set; }

    [Inject]
    public required ConnectNotes Notes { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<SettingsPage> Logger { get; set; }

    /// <summary>How connecting ended: a word, or the id of a longer message.</summary>
    [SupplyParameterFromQuery(Name = "connect")]
    private string? Connect { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _personId = await Person.IdAsync();
        _refresh = new LiveRefresh(() => InvokeAsync(LoadAndShowAsync), Clock);
        _feed = Feed.Subscribe(_personId, _refresh.Signal);
        _tick = Clock.CreateTimer(_ => _refresh.Signal(), null, Tick, Tick);
        await LoadAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shownMessage != Connect)
        {
            _shownMessage = Connect;
            _connectMessage = await ConnectNote.OfAsync(Connect, id => Notes.FindAsync(_personId, id, _left.Token));
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _model = await Settings.LoadAsync(_personId, _left.Token) ?? _model;
            _pill = await PillQuery.LoadAsync(_personId, _left.Token);
            _failure = null;
            _progress?.Dispose();
            _progress = _model?.Sync.Progress is { State: InitialSyncState.Running }
                ? Clock.CreateTimer(_ => _refresh?.Signal(), null, WhileRunning, Timeout.InfiniteTimeSpan)
                : null;
        }
        catch (OperationCanceledException) when (_left.IsOver)
        {
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "Settings", failure);
            _failure = FailureWords.OfLoad(_model is null ? "Your settings could not be loaded" : "What you see may be out of date", failure);
            _refresh?.Retry();
        }
    }

    private async Task LoadAndShowAsync()
    {
        await LoadAsync();
        StateHasChanged();
    }

    private Task<string?> SaveSyncAsync(bool on, ImportWindow window)
    {
        _connectMessage = null;
        return SaveAsync(() => Settings.SaveSyncAsync(_personId, on, window, CancellationToken.None));
    }

    private async Task<PreviewAnswer> LookAsync(ImportWindow window, CancellationToken cancellationToken)
    {
        try
        {
            return await Preview.LookAsync(_personId, window, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            PageLog.LoadFailed(Logger, "the preview", failure);
            return new PreviewAnswer.NotNow(DatabaseFailures.TroubleOf(failure)?.Words() ?? "Salesforce does not answer.");
        }
    }

    private Task<string?> LinkAsync(LookAlike pair) => SaveAsync(async () => await Tasks.LinkAsync(_personId, pair.TaskId, pair.SalesforceId, CancellationToken.None) switch
    {
        TaskResult.Saved => null,
        TaskResult.Refused refused => refused.Reason,
        _ => "It is not there any more.",
    });

    private Task<string?> SavePolicyAsync(ConflictPolicyKind policy) => SaveAsync(async () =>
    {
        await Settings.SavePolicyAsync(_personId, policy, CancellationToken.None);
        return null;
    });

    private Task<string?> SaveZoneAsync(string? zone) => SaveAsync(() => Settings.SaveZoneAsync(_personId, zone, CancellationToken.None));

    private Task<string?> SaveShortcutsAsync(bool enabled) => SaveAsync(async () =>
    {
        await Settings.SaveShortcutsAsync(_personId, enabled, CancellationToken.None);
        return null;
    });

    private async Task DisconnectAsync()
    {
        var problem = await SaveAsync(async () =>
        {
            await Connections.DisconnectAsync(_personId, CancellationToken.None);
            return null;
        });
        _connectMessage = problem is null ? ConnectNote.Of(ConnectMessage.Disconnected) : new ConnectNote(false, problem, null);
        StateHasChanged();
    }

    /// <summary>Saves and shows what is stored then. Null, or why it was not saved.</summary>
    private async Task<string?> SaveAsync(Func<Task<string?>> save)
    {
        try
        {
            var problem = await save();
            await LoadAndShowAsync();
            return problem;
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Settings", failure);
            return FailureWords.Of("Not saved", failure);
        }
    }

    public void Dispose()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
        _progress?.Dispose();
        _tick?.Dispose();
    }
}
