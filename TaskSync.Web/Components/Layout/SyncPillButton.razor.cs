using Microsoft.AspNetCore.Components;
using MudBlazor;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Layout;

/// <summary>Says on every page whether the whole is in step, and as of when.</summary>
public sealed partial class SyncPillButton : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);
    private readonly PageLife _left = new();
    private Guid _personId;
    private SyncPill? _pill;
    private string? _message;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;
    private ITimer? _tick;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SyncPillQuery Query { get; set; }

    [Inject]
    public required MySyncQuery MySync { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<SyncPillButton> Logger { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _personId = await Person.IdAsync();
        _refresh = new LiveRefresh(() => InvokeAsync(LoadAsync), Clock);
        _feed = Feed.Subscribe(_personId, _refresh.Signal);
        _tick = Clock.CreateTimer(_ => _refresh.Signal(), null, Tick, Tick);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            _pill = await Query.LoadAsync(_personId, _left.Token);
        }
        catch (OperationCanceledException) when (_left.IsOver)
        {
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "sync pill", failure);
        }

        // Its age goes on, also while nothing new can be read.
        StateHasChanged();
    }

    /// <summary>Only an outage has its beginning in the bar: there is little room.</summary>
    private static string Text(SyncPill pill) => pill.State == SyncPillState.Away ? Words.Since(pill.Text, pill.Since, pill.Time) : pill.Text;

    private async Task SyncNowAsync()
    {
        try
        {
            _message = Words.Of(await MySync.SyncNowAsync(_personId, _left.Token));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            PageLog.ActionFailed(Logger, "sync pill", failure);
            _message = FailureWords.Of("That did not work just now", failure);
        }
    }

    private string Title(SyncPill pill) => pill.AsOf is { } at ? $"{Text(pill)}, in step as of {Words.Ago(Clock.GetUtcNow() - at)}" : Text(pill);

    private static string CssClass(SyncPill pill) => pill.State switch
    {
        SyncPillState.InStep => "chip-ok",
        SyncPillState.Waiting or SyncPillState.Paused or SyncPillState.Away => "chip-waiting",
        SyncPillState.Syncing => "chip-info",
        SyncPillState.NeedsYou or SyncPillState.Reconnect => "chip-problem",
        _ => "pill-off",
    };

    private static MarkupString IconOf(SyncPill pill) => pill.State switch
    {
        SyncPillState.InStep => Glyph.CheckCircleOutline,
        SyncPillState.Waiting => Glyph.Schedule,
        SyncPillState.Paused => Glyph.PauseCircleOutline,
        SyncPillState.Away => Glyph.CloudOff,
        SyncPillState.NeedsYou => Glyph.ErrorOutline,
        SyncPillState.Reconnect => Glyph.LinkOff,
        _ => Glyph.SyncDisabled,
    };

    public void Dispose()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
        _tick?.Dispose();
    }
}
