using Microsoft.AspNetCore.Components;
using MudBlazor;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.CommandCenter;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;
using Model = TaskSync.Sync.Tasks.MySync;

namespace TaskSync.Web.Components.MySync;

/// <summary>Activity in sentences, and everything that may need the rep: problems, conflicts, recently deleted tasks.</summary>
public sealed partial class MySyncPage : IDisposable
{
    private const string PagePath = "/sync";
    private const string TabQuery = "?tab=";
    private const string ActivityTab = "activity";
    private static readonly string[] TabKeys = [ActivityTab, "problems", "conflicts", "deleted"];
    private readonly PageLife _left = new();
    private Guid _personId;
    private Model? _model;
    private string? _failure;
    private string? _said;
    private bool _problem;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required MySyncQuery Query { get; set; }

    [Inject]
    public required TaskService Tasks { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required IDialogService Dialogs { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<MySyncPage> Logger { get; set; }

    [SupplyParameterFromQuery(Name = "tab")]
    private string? TabKey { get; set; }

    private string Tab => TabKeys.Contains(TabKey) ? TabKey! : ActivityTab;

    protected override async Task OnInitializedAsync()
    {
        _personId = await Person.IdAsync();
        _refresh = new LiveRefresh(
            () => InvokeAsync(async () =>
            {
                await LoadAsync();
                StateHasChanged();
            }),
            Clock);
        _feed = Feed.Subscribe(_personId, _refresh.Signal);
        await LoadAsync();
    }

    private static IReadOnlyList<TabItem> Tabs(Model model) =>
    [
        new(ActivityTab, "Activity"),
        new("problems", "Problems", model.Problems.Count(problem => problem.State == ProblemState.Open)),
        new("conflicts", "Conflicts", model.Conflicts.Count),
        new("deleted", "Recently deleted", model.RecentlyDeleted.Count),
    ];

    private async Task LoadAsync()
    {
        try
        {
            _model = await Query.LoadAsync(_personId, _left.Token);
            _failure = null;
        }
        catch (OperationCanceledException) when (_left.IsOver)
        {
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "My sync", failure);
            _failure = FailureWords.OfLoad(_model is null ? "This could not be loaded" : "What you see may be out of date", failure);
            _refresh?.Retry();
        }
    }

    /// <summary>Does it, says how it went, and shows what is stored then.</summary>
    private async Task DoAsync(Func<Task<(bool Done, string Words)>> act)
    {
        try
        {
            (var done, _said) = await act();
            _problem = !done;
            await LoadAsync();
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "My sync", failure);
            (_said, _problem) = (FailureWords.Of("That did not work just now", failure), true);
        }
    }

    private Task SyncNowAsync() => DoAsync(async () =>
        await Query.SyncNowAsync(_personId, _left.Token) is var asked ? (asked != AskedRead.Off, Words.Of(asked)) : default);

    private Task RetryAsync(ProblemCard problem) => DoAsync(async () =>
        await Query.RetryAsync(_personId, problem.Id, CancellationToken.None)
            ? (true, problem.Deletions is null ? "Trying again now." : "They are being deleted in Salesforce too.")
            : (false, "This problem is not there any more."));

    private Task RestoreHeldAsync(Guid problemId) => DoAsync(async () =>
    {
        var result = await Tasks.RestoreHeldAsync(_personId, problemId, CancellationToken.None);
        return result.Done.Count > 0 ? (true, $"Restored {Words.Count(result.Done.Count, "task")}.") : (false, "Nothing is left to restore.");
    });

    private Task IgnoreAsync(Guid problemId) => DoAsync(async () =>
        await Query.IgnoreAsync(_personId, problemId, CancellationToken.None) ? (true, "Ignored. You can still retry it.") : (false, "This problem is not there any more."));

    private Task TakeOtherAsync(Guid conflictId) => DoAsync(async () =>
        Say(await Tasks.TakeOtherValueAsync(_personId, conflictId, CancellationToken.None), "The other value is taken, on both sides."));

    private Task KeepAsync(Guid conflictId) => DoAsync(async () =>
        Say(await Tasks.KeepValueAsync(_personId, conflictId, CancellationToken.None), "Kept as it is."));

    private Task RestoreAsync(Guid taskId) => DoAsync(async () =>
    {
        var result = await Tasks.RestoreAsync(_personId, [taskId], CancellationToken.None);
        return result.Done.Count > 0 ? (true, "Restored.") : (false, "This task cannot be restored any more.");
    });

    private async Task OpenAsync(Guid? taskId)
    {
        if (taskId is not null)
        {
            var options = TaskDialog.Options;
            await Dialogs.ShowAsync<TaskDialog>("Task", new DialogParameters<TaskDialog> { { dialog => dialog.TaskId, taskId } }, options);
        }
    }

    private static (bool Done, string Words) Say(TaskResult result, string good) => result switch
    {
        TaskResult.Saved => (true, good),
        TaskResult.Refused refused => (false, refused.Reason),
        TaskResult.Removed => (false, "The task was deleted meanwhile. Restore it first."),
        TaskResult.Invalid invalid => (false, string.Join(" ", invalid.Errors.Select(error => error.Message))),
        _ => (false, "It is not there any more."),
    };

    public void Dispose()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
    }
}
