using Microsoft.AspNetCore.Components.Web;
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

        if (key is not ("Enter" or "ArrowDown" or "ArrowUp") && !model.ShortcutsEnabled)
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
        ("j" or "ArrowDown", _) => Move(1),
        ("k" or "ArrowUp", _) => Move(-1),
        ("z", _) => UndoAsync(),
        ("?", _) => ShowKeysAsync(),
        ("x", { } id) => Do(() => ToggleSelected(id)),
        ("e", { } id) => _selected.Count > 0 ? CompleteAsync([.. _selected]) : Rows().First(row => row.Id == id).IsCompleted ? ReopenAsync(id) : CompleteAsync([id]),
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

    private Task Move(int step)
    {
        var rows = Rows().ToList();
        if (rows.Count > 0)
        {
            var index = rows.FindIndex(row => row.Id == _current);
            var next = index < 0 ? (step > 0 ? 0 : rows.Count - 1) : Math.Clamp(index + step, 0, rows.Count - 1);
            _current = rows[next].Id;
            _focusNext = RowSelector(rows[next].Id);
        }

        return Task.CompletedTask;
    }

    /// <summary>Before rows leave the list: the next one becomes current, so that the keyboard goes on from there.</summary>
    private void MoveOn(IReadOnlyCollection<Guid> leaving)
    {
        if (_current is not { } current || !leaving.Contains(current))
        {
            return;
        }

        var rows = Rows().ToList();
        var index = rows.FindIndex(row => row.Id == current);
        var next = rows.Skip(index + 1).FirstOrDefault(row => !leaving.Contains(row.Id)) ?? rows.Take(Math.Max(index, 0)).LastOrDefault(row => !leaving.Contains(row.Id));
        _current = next?.Id;
        _focusNext = next is null ? "h1" : RowSelector(next.Id);
    }

    private static string RowSelector(Guid id) => $"[data-task-id='{id}']";

    private void OnKeyDown(KeyboardEventArgs e)
    {
        if (e.Key == "Escape")
        {
            _snoozing = null;
        }
    }

    private Task ShowKeysAsync() => Dialogs.ShowAsync<KeysDialog>((string?)null, new DialogOptions { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true, CloseOnEscapeKey = true });
}
