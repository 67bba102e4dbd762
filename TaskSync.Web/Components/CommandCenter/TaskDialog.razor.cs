using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>One task: form, history and reasons. Nothing typed is lost: not by a failed save, nor by a change that comes in meanwhile.</summary>
public sealed partial class TaskDialog : IDisposable
{
    /// <summary>How the dialog is shown: it closes by its own buttons and keys only, because something may have been typed.</summary>
    public static readonly DialogOptions Options = new()
    {
        MaxWidth = MaxWidth.Small,
        FullWidth = true,
        BackdropClick = false,
        CloseOnEscapeKey = false,
        DefaultFocus = DefaultFocus.None,
    };

    private const string FormId = "task-form";
    private const string TaskTab = "task";
    private readonly PageLife _left = new();
    private Guid _personId;
    private TaskDetails? _details;
    private TaskForm? _options;
    private RepTime? _time;
    private TaskDraft _loaded = new();
    private TaskFormFields? _form;
    private TaskFormFields? _shown;
    private IReadOnlyList<FieldError> _errors = [];
    private IReadOnlyList<string> _meanwhile = [];
    private Removal? _removed;
    private string _tab = TaskTab;
    private string? _saveFailure;
    private bool _missing;
    private string? _loadFailure;
    private bool _saving;
    private bool _discarding;
    private bool _focused;
    private Popup? _calendar;
    private IDisposable? _feed;
    private LiveRefresh? _refresh;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>Null makes a new task.</summary>
    [Parameter]
    public Guid? TaskId { get; set; }

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required TaskDetailsQuery Query { get; set; }

    [Inject]
    public required TaskService Tasks { get; set; }

    [Inject]
    public required RepClock RepClock { get; set; }

    [Inject]
    public required ChangeFeed Feed { get; set; }

    [Inject]
    public required BrowserPage Browser { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<TaskDialog> Logger { get; set; }

    private bool Dirty => _form is not null && _form != _shown;

    private static IReadOnlyList<TabItem> TabItems { get; } = [new(TaskTab, "Task"), new("history", "History"), new("why", "Why?")];

    private string? DueHint => Read([]).DueDate is { } due ? Words.Day(due, _time!.Today) is var day && day.Length > 0 ? char.ToUpperInvariant(day[0]) + day[1..] : null : null;

    private DateTime? CalendarDate => Read([]).DueDate?.ToDateTime(TimeOnly.MinValue);

    protected override async Task OnInitializedAsync()
    {
        _personId = await Person.IdAsync();
        _refresh = new LiveRefresh(() => InvokeAsync(RefreshAsync), Clock);
        await LoadAsync();
        if (TaskId is not null)
        {
            _feed = Feed.Subscribe(_personId, _refresh.Signal);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focused && _form is not null)
        {
            _focused = true;
            await Browser.FocusAsync("#" + FormId + " input");
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _loadFailure = null;
            if (TaskId is { } id)
            {
                _details = await Query.LoadAsync(_personId, id, _left.Token);
                if (_details is null)
                {
                    _missing = true;
                    return;
                }

                Show(_details);
            }
            else
            {
                _options = await Query.FormAsync(_personId, _left.Token);
                _time = await RepClock.NowAsync(_personId, _left.Token);
                _loaded = new TaskDraft { DueDate = _time.Today, Priority = _options.DefaultPriority, Status = _options.DefaultStatus };
                _form = TaskFormFields.Of(_loaded, _time);
                _shown = _form with { };
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            PageLog.ActionFailed(Logger, "Task", failure);
            _loadFailure = FailureWords.OfLoad("The task could not be loaded", failure);
            _refresh?.Retry();
        }
    }

    private void Show(TaskDetails details)
    {
        (_details, _options, _time, _loaded, _removed) = (details, details.Form, details.Time, details.Draft, details.Removal);
        _form = TaskFormFields.Of(details.Draft, details.Time);
        _shown = _form with { };
    }

    /// <summary>The task changed elsewhere: what was not touched here follows, what was typed stays, and the form says so.</summary>
    private async Task RefreshAsync()
    {
        if (_form is null)
        {
            await LoadAsync();
            StateHasChanged();
            return;
        }

        try
        {
            if (_saving || TaskId is not { } id || await Query.LoadAsync(_personId, id, _left.Token) is not { } fresh)
            {
                return;
            }

            var now = TaskFormFields.Of(fresh.Draft, fresh.Time);
            var changed = _form.Merge(_shown!, now);
            if (changed.Count > 0)
            {
                _meanwhile = [.. _meanwhile.Union(changed)];
            }

            (_details, _options, _loaded, _shown, _removed) = (fresh, fresh.Form, fresh.Draft, now, fresh.Removal);
            StateHasChanged();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            PageLog.ActionFailed(Logger, "Task", failure);
            _refresh?.Retry();
        }
    }

    private TaskDraft Read(ICollection<FieldError> errors) => _form!.Read(_loaded, _time!, errors);

    private async Task SaveAsync()
    {
        if (_saving || _form is null)
        {
            return;
        }

        var errors = new List<FieldError>();
        var draft = Read(errors);
        _errors = errors;
        _saveFailure = null;
        if (errors.Count > 0)
        {
            return;
        }

        _saving = true;
        try
        {
            var result = TaskId is { } id
                ? await Tasks.EditAsync(_personId, id, _loaded, draft, CancellationToken.None)
                : await Tasks.CreateAsync(_personId, draft, CancellationToken.None);
            switch (result)
            {
                case TaskResult.Saved:
                    Dialog.Close(DialogResult.Ok(TaskId is null ? $"Task created: {draft.Subject.Trim()}." : "Saved."));
                    break;
                case TaskResult.Invalid invalid:
                    _errors = invalid.Errors;
                    break;
                case TaskResult.Removed removed:
                    _removed = removed.Why;
                    break;
                case TaskResult.Refused refused:
                    _saveFailure = refused.Reason;
                    break;
                default:
                    _saveFailure = "This task is not there any more. Copy what you typed if you need it.";
                    break;
            }
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Task", failure);
            _saveFailure = FailureWords.Of("This could not be saved just now", failure, "What you typed is still here.");
        }
        finally
        {
            _saving = false;
        }
    }

    /// <summary>Does something else with the task, and shows what came of it.</summary>
    private async Task DoAsync(Func<Task<TaskResult>> act)
    {
        try
        {
            _saveFailure = await act() is TaskResult.Refused refused ? refused.Reason : null;
            await RefreshAsync();
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Task", failure);
            _saveFailure = FailureWords.Of("That did not work just now", failure);
        }
    }

    private Task SendAsync() => DoAsync(() => Tasks.SendToSalesforceAsync(_personId, TaskId!.Value, CancellationToken.None));

    private Task TakeOtherAsync(Guid conflictId) => DoAsync(() => Tasks.TakeOtherValueAsync(_personId, conflictId, CancellationToken.None));

    private Task KeepAsync(Guid conflictId) => DoAsync(() => Tasks.KeepValueAsync(_personId, conflictId, CancellationToken.None));

    private Task PutBackAsync(Guid historyId) => DoAsync(() => Tasks.RestoreVersionAsync(_personId, TaskId!.Value, historyId, CancellationToken.None));

    private async Task RestoreAsync()
    {
        try
        {
            await Tasks.RestoreAsync(_personId, [TaskId!.Value], CancellationToken.None);
            await RefreshAsync();
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Task", failure);
            _saveFailure = FailureWords.Of("The task could not be restored just now", failure);
        }
    }

    private void UseNewValues()
    {
        _form = _shown! with { };
        _meanwhile = [];
    }

    private void PickDue(DateTime? date)
    {
        if (date is { } day)
        {
            _form!.Due = TaskValues.Text(DateOnly.FromDateTime(day))!;
        }

        _calendar?.Close();
    }

    private void Close()
    {
        if (Dirty)
        {
            _discarding = true;
        }
        else
        {
            Dialog.Cancel();
        }
    }

    private Task OnKeyDownAsync(KeyboardEventArgs e)
    {
        if (e.Key == "Escape")
        {
            Close();
        }
        else if (e is { Key: "Enter", CtrlKey: true } or { Key: "Enter", MetaKey: true })
        {
            return SaveAsync();
        }

        return Task.CompletedTask;
    }

    private string? ErrorOf(TaskField field) => _errors.FirstOrDefault(error => error.Field == field)?.Message;

    /// <summary>A counter that appears when it begins to matter.</summary>
    private static string? Counter(TaskField field, string typed, int from) =>
        typed.Length >= from ? $"{Words.Number(typed.Length)} of {Words.Number(field.Entry().MaxLength!.Value)} characters" : null;

    private static IEnumerable<string> With(IEnumerable<string> values, string current) =>
        current.Length == 0 || values.Contains(current) ? values : values.Append(current);

    public void Dispose()
    {
        _left.Dispose();
        _feed?.Dispose();
        _refresh?.Dispose();
    }
}
