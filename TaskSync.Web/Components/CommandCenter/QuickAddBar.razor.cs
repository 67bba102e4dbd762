using Microsoft.AspNetCore.Components;
using TaskSync.Web.Browser;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>One line, Enter, done. What was understood is shown before it is saved; what could not be saved stays in the line.</summary>
public sealed partial class QuickAddBar
{
    private string _text = "";
    private string? _error;
    private bool _saving;
    private bool _isBack;
    private QuickAddText _read = new("", null, null);

    [Inject]
    public required BrowserPage Browser { get; set; }

    [Parameter, EditorRequired]
    public DateOnly Today { get; set; }

    /// <summary>Whose draft it is: somebody else who signs in at this browser must not see it.</summary>
    [Parameter, EditorRequired]
    public Guid PersonId { get; set; }

    /// <summary>Saves it; null, or why it was not saved.</summary>
    [Parameter, EditorRequired]
    public required Func<QuickAddText, Task<string?>> OnAdd { get; set; }

    private string Draft => $"{PersonId}:quick-add";

    /// <summary>What was typed when the page went is offered again (D6).</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && await Browser.DraftAsync(Draft) is { Length: > 0 } draft && _text.Length == 0)
        {
            OnInput(draft);
            _isBack = true;
            StateHasChanged();
        }
    }

    private void OnInput(string? text)
    {
        _isBack = false;
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
                await Browser.ForgetDraftAsync(Draft);
            }
        }
        finally
        {
            _saving = false;
        }
    }
}
