using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.Settings;

/// <summary>The checkbox that makes two lists one. Nothing happens until Save (F1).</summary>
public sealed partial class SyncCardView
{
    private static readonly (ImportWindow, string)[] Windows =
    [
        (ImportWindow.Last24Hours, "Tasks created or updated in the last 24 hours"),
        (ImportWindow.Last7Days, "Tasks created or updated in the last 7 days"),
        (ImportWindow.AllOpen, "All open tasks"),
    ];

    private bool _on;
    private ImportWindow _window;
    private bool _ticked;
    private bool _windowChosen;
    private bool _saving;
    private string? _said;
    private string? _problem;

    [Parameter, EditorRequired]
    public required SyncCard Card { get; set; }

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    /// <summary>Saves; null, or why it was not saved.</summary>
    [Parameter, EditorRequired]
    public required Func<bool, ImportWindow, Task<string?>> OnSave { get; set; }

    /// <summary>Looks at what Save would do.</summary>
    [Parameter, EditorRequired]
    public required Func<ImportWindow, CancellationToken, Task<PreviewAnswer>> OnLook { get; set; }

    /// <summary>Links two tasks that look the same; null, or why not.</summary>
    [Parameter, EditorRequired]
    public required Func<LookAlike, Task<string?>> OnLink { get; set; }

    /// <summary>The box cannot be ticked now. A ticked one can always be unticked (F7).</summary>
    private bool Locked => Card.CannotEnableReason is not null && !Card.Enabled;

    protected override void OnParametersSet()
    {
        // What was chosen and not saved yet stays chosen when the page refreshes itself.
        _on = _ticked ? _on : Card.Enabled;
        _window = _windowChosen ? _window : Card.Window;
    }

    private void Tick(bool on) => (_on, _ticked, _said, _problem) = (on, true, null, null);

    private void ChooseWindow(ImportWindow window) => (_window, _windowChosen, _said, _problem) = (window, true, null, null);

    private async Task SaveAsync()
    {
        _saving = true;
        var turnedOn = _on && !Card.Enabled;
        var turnedOff = !_on && Card.Enabled;
        try
        {
            _problem = await OnSave(_on, _window);
            if (_problem is null)
            {
                (_ticked, _windowChosen) = (false, false);
                _said = turnedOn ? "Saved. Sync is on. You can keep working." : turnedOff ? "Saved. Sync is off. Nothing was deleted." : "Saved.";
            }
        }
        finally
        {
            _saving = false;
        }
    }
}
