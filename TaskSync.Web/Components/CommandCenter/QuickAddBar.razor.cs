using Microsoft.AspNetCore.Components;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>One line, Enter, done. What was understood is shown before it is saved; what could not be saved stays in the line.</summary>
public sealed partial class QuickAddBar
{
    private string _text = "";
    private string? _error;
    private bool _saving;
    private QuickAddText _read = new("", null, null);

    [Parameter, EditorRequired]
    public DateOnly Today { get; set; }

    /// <summary>Saves it; null, or why it was not saved.</summary>
    [Parameter, EditorRequired]
    public required Func<QuickAddText, Task<string?>> OnAdd { get; set; }

    private void OnInput(string? text)
    {
        _text = text ?? "";
        _read = QuickAdd.Read(_text, Today);
        _error = null;
    }

    private async Task AddAsync()
    {
        if (_saving || _text.Trim().Length == 0)
        {
            return;
        }

        _saving = true;
        try
        {
            var sent = _text;
            _error = await OnAdd(QuickAdd.Read(sent, Today));
            if (_error is null && _text == sent)
            {
                _text = "";
            }
        }
        finally
        {
            _saving = false;
        }
    }
}
