using Microsoft.JSInterop;
using MudBlazor;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>Single-letter keys (they can be switched off on Settings) and the current row.</summary>
public sealed partial class CommandCenterPage
{
    private Guid? _current;
    private string? _focusNext;

    /// <summary>Called by the browser for keys pressed outside of fields and dialogs.</summary>
    /// <param name="key">As in KeyboardEvent.key.</param>
    /// <param name="rowId">The row somebody went to with pointer or Tab since the last key, if any.</param>
    [JSInvokable]
    public Task OnKey(string key, string? rowId) => InvokeAsync(async () =>
    {
        if (_model is not { } model)
        {
            return;
        }

        if (Guid.TryParse(rowId, out var focused))
        {
            _current = focused;
        }

        if (key is not ("Enter" or "Escape" or "ArrowDown" or "ArrowUp") && !model.ShortcutsEnabled)
        {
            return;
        }

        await RunAsync(key);
        StateHasChanged();
    });

    private Task RunAsync(string key) => (key, _current) switch
    {
        ("n", _) => OpenAsync(null),
        ("/", _) => Browser.FocusAsync("#search"),
        ("j" or "ArrowDown", _) => MoveAsync(1),
        ("k" or "ArrowUp", _) => MoveAsync(-1),
        ("Escape", _) => Do(() => _snoozing = null),
        ("z", _) => UndoAsync(),
        ("?", _) => ShowKeysAsync(),
        ("x", { } id) => Do(() => ToggleSelected(id)),
        ("e", { } id) => _selected.Count > 0 ? CompleteAsync([.. _selected]) : GroupOf(id) is { IsCompleted: true } ? ReopenAsync(id) : CompleteAsync([id]),
        ("#", { } id) => _selected.Count > 0 ? DeleteAsync([.. _selected]) : DeleteAsync([id]),
        ("s", { } id) => Do(() => Snooze(id)),
        ("Enter", { } id) => OpenAsync(id),
        _ => Task.CompletedTask,
    };

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private Task MoveAsync(int step)
    {
        if (Neighbour(step) is not { } next)
        {
            return Task.CompletedTask;
        }

        _current = next;
        _focusNext = RowSelector(next);
        Reveal(next);
        return FillSeenAsync();
    }

    /// <summary>The task after the current one, or before it; at the end the current one itself. Without one, the first or the last of all.</summary>
    private Guid? Neighbour(int step)
    {
        Guid? last = null;
        foreach (var (id, _) in Listed())
        {
            if (step > 0 && last == _current)
            {
                return id;
            }

            if (step < 0 && id == _current)
            {
                return last ?? id;
            }

            last = id;
        }

        return last;
    }

    /// <summary>Before tasks leave the list: the next one becomes current, so that the keyboard goes on from there.</summary>
    private void MoveOn(IReadOnlyCollection<Guid> leaving)
    {
        if (_current is not { } current || !leaving.Contains(current))
        {
            return;
        }

        var gone = leaving.ToHashSet();
        var staying = Listed().Select(task => task.Id).Where(id => id == current || !gone.Contains(id)).ToList();
        var index = staying.IndexOf(current);
        _current = index + 1 < staying.Count ? staying[index + 1] : index > 0 ? staying[index - 1] : null;
        _focusNext = _current is { } next ? RowSelector(next) : "h1";
    }

    private static string RowSelector(Guid id) => $"[data-task-id='{id}']";

    private Task ShowKeysAsync() => Dialogs.ShowAsync<KeysDialog>((string?)null, new DialogOptions { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true, CloseOnEscapeKey = true });
}
