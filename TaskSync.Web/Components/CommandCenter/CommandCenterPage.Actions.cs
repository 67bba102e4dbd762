using MudBlazor;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>What one does with tasks, and taking it back.</summary>
public sealed partial class CommandCenterPage
{
    /// <summary>The bar ends this long before the write's own time, so that it is the page that lets it go, and at once.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<Guid> _selected = [];
    private Guid? _snoozing;
    private UndoToken? _undo;
    private string? _undoText;
    private int _undoSequence;
    private bool _undoWaits;
    private DateTimeOffset _undoUntil;
    private ITimer? _undoTimer;

    private TimeSpan UndoTime => Options.Value.UndoTime;

    internal Task CompleteAsync(IReadOnlyCollection<Guid> ids) => ActAsync(
        ids, () => Tasks.CompleteAsync(_personId, ids, CancellationToken.None), result => $"{Names(result.Done)} completed", waits: true);

    internal Task ReopenAsync(Guid id) => ActAsync(
        [id], () => Tasks.ReopenAsync(_personId, [id], CancellationToken.None), result => $"{Names(result.Done)} reopened", waits: false);

    internal Task DeleteAsync(IReadOnlyCollection<Guid> ids) => ActAsync(
        ids, () => Tasks.DeleteAsync(_personId, ids, CancellationToken.None), result => $"{Names(result.Done)} deleted", waits: true);

    internal Task RescheduleAsync(IReadOnlyCollection<Guid> ids, DateOnly? due)
    {
        _snoozing = null;
        return ActAsync(
            ids, () => Tasks.RescheduleAsync(_personId, ids, due, CancellationToken.None),
            result => $"{Names(result.Done)} moved to {(due is { } day ? Words.Day(day, _model!.Time.Today) : "no date")}", waits: false);
    }

    internal void ToggleSelected(Guid id)
    {
        if (!_selected.Remove(id))
        {
            _selected.Add(id);
        }

        _current = id;
        StateHasChanged();
    }

    internal void Snooze(Guid? id)
    {
        _snoozing = id;
        _current = id ?? _current;
        StateHasChanged();
    }

    internal async Task OpenAsync(Guid? taskId)
    {
        var options = TaskDialog.Options;
        var parameters = new DialogParameters<TaskDialog> { { dialog => dialog.TaskId, taskId } };
        var dialog = await Dialogs.ShowAsync<TaskDialog>(taskId is null ? "New task" : "Task", parameters, options);
        var result = await dialog.Result;
        if (result is { Canceled: false })
        {
            _announcement = result.Data as string;
            await LoadAsync();
            StateHasChanged();
        }
    }

    private async Task<string?> QuickAddAsync(QuickAddText text)
    {
        try
        {
            var draft = new TaskDraft { Subject = text.Subject, DueDate = text.Due ?? _model!.Time.Today, Priority = text.Priority };
            switch (await Tasks.CreateAsync(_personId, draft, CancellationToken.None))
            {
                case TaskResult.Invalid invalid:
                    return string.Join(" ", invalid.Errors.Select(error => error.Message));
                case TaskResult.Refused refused:
                    return refused.Reason;
            }

            _announcement = $"Added: {text.Subject}, due {Words.Day(draft.DueDate.Value, _model!.Time.Today)}.";
            await LoadAsync();
            StateHasChanged();
            return null;
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Command Center", failure);
            return FailureWords.Of("Could not be saved just now", failure, "Your text is still here: Enter tries again.");
        }
    }

    /// <summary>Does it, shows it at once, and offers to take it back for as long as the undo bar lasts.</summary>
    /// <param name="waits">Whether sending waits for the undo bar (complete, delete).</param>
    private async Task ActAsync(IReadOnlyCollection<Guid> ids, Func<Task<BulkResult>> act, Func<BulkResult, string> say, bool waits)
    {
        try
        {
            MoveOn(ids);
            var began = Clock.GetUtcNow();
            var result = await act();
            _failure = null;
            _selected.ExceptWith(ids);
            if (result.Undo is not null)
            {
                var text = say(result);
                await ReleaseUndoAsync();
                OfferUndo(result.Undo, text, waits, began + UndoTime - Ahead);
                _announcement = text + ".";
            }

            await LoadAsync();
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Command Center", failure);
            _failure = FailureWords.Of("That could not be saved just now", failure, "Nothing was changed.");
        }

        StateHasChanged();
    }

    private string Names(IReadOnlyList<Guid> done) =>
        done.Count == 1 && _rows.TryGetValue(done[0], out var row) ? $"“{row.Title}”" : Words.Count(done.Count, "task");

    private void OfferUndo(UndoToken undo, string text, bool waits, DateTimeOffset until)
    {
        (_undo, _undoText, _undoWaits, _undoUntil) = (undo, text, waits, until);
        _undoSequence++;
        var left = until - Clock.GetUtcNow();
        _undoTimer = Clock.CreateTimer(_ => InvokeAsync(EndUndoAsync), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task EndUndoAsync()
    {
        await ReleaseUndoAsync();
        StateHasChanged();
    }

    /// <summary>The bar is gone: what waited for it goes out now.</summary>
    private async Task ReleaseUndoAsync()
    {
        _undoTimer?.Dispose();
        var (undo, waits) = (_undo, _undoWaits);
        (_undo, _undoText, _undoTimer) = (null, null, null);
        if (undo is null || !waits)
        {
            return;
        }

        try
        {
            await Tasks.ReleaseAsync(_personId, undo.TaskIds);
        }
        catch (Exception failure)
        {
            // It goes out when its own time has come: the pending write knows.
            PageLog.ActionFailed(Logger, "Command Center", failure);
        }
    }

    private async Task UndoAsync()
    {
        if (_undo is not { } undo)
        {
            return;
        }

        _undoTimer?.Dispose();
        var text = _undoText;
        (_undo, _undoText, _undoTimer) = (null, null, null);
        try
        {
            await Tasks.UndoAsync(_personId, undo, CancellationToken.None);
            _announcement = "Taken back.";
            _focusNext = undo.Steps.Count > 0 ? RowSelector(undo.Steps[0].TaskId) : null;
            _current = undo.Steps.Count > 0 ? undo.Steps[0].TaskId : _current;
            await LoadAsync();
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "Command Center", failure);
            _failure = FailureWords.Of("It could not be taken back just now", failure, "Undo is still here.");
            OfferUndo(undo, text!, _undoWaits, Clock.GetUtcNow() + UndoTime);
        }

        StateHasChanged();
    }

    /// <summary>Forgets what is no longer in the list.</summary>
    private void Prune()
    {
        var here = Listed().Select(task => task.Id).ToHashSet();
        _selected.IntersectWith(here);
        if (_current is { } current && !here.Contains(current))
        {
            _current = null;
        }

        if (_snoozing is { } snoozing && !here.Contains(snoozing))
        {
            _snoozing = null;
        }
    }
}
