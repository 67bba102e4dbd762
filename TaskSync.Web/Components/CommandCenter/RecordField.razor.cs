using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Components.Shared;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>Finds a Salesforce record while one types: a combobox with a list.</summary>
public sealed partial class RecordField : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private IReadOnlyList<RecordHit> _hits = [];
    private string _text = "";
    private string? _message;
    private int _active = -1;
    private CancellationTokenSource _search = new();

    [Inject]
    public required RecordPicker Picker { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required ILogger<RecordField> Logger { get; set; }

    /// <summary>Of the input, for its label.</summary>
    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [Parameter, EditorRequired]
    public RecordKind Kind { get; set; }

    [Parameter, EditorRequired]
    public Guid PersonId { get; set; }

    [Parameter]
    public string? RecordId { get; set; }

    [Parameter]
    public string? Name { get; set; }

    [Parameter]
    public bool Disabled { get; set; }

    [Parameter]
    public string? DescribedBy { get; set; }

    /// <summary>The record that was picked, null when it was cleared.</summary>
    [Parameter]
    public EventCallback<RecordHit?> OnPick { get; set; }

    private string ListId => Id + "-list";

    public void Dispose()
    {
        _search.Cancel();
        _search.Dispose();
    }

    private async Task OnInputAsync(string? text)
    {
        _text = text ?? "";
        await _search.CancelAsync();
        _search.Dispose();
        _search = new CancellationTokenSource();
        var token = _search.Token;
        if (_text.Trim().Length < RecordPicker.MinLength)
        {
            Show([], null);
            return;
        }

        try
        {
            await Task.Delay(Pause, Clock, token);
            var answer = await Picker.SearchAsync(PersonId, Kind, _text, token);
            Show(answer.Hits, answer.Reason ?? (answer.Hits.Count == 0 ? "Nothing found in Salesforce." : null));
        }
        catch (OperationCanceledException)
        {
            // Somebody typed on.
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "record search", failure);
            Show([], FailureWords.Of("The search did not work just now", failure));
        }
    }

    private void Show(IReadOnlyList<RecordHit> hits, string? message) => (_hits, _message, _active) = (hits, message, hits.Count > 0 ? 0 : -1);

    private async Task OnKeyDownAsync(KeyboardEventArgs e)
    {
        switch (e.Key)
        {
            case "ArrowDown" when _hits.Count > 0:
                _active = (_active + 1) % _hits.Count;
                break;
            case "ArrowUp" when _hits.Count > 0:
                _active = (_active + _hits.Count - 1) % _hits.Count;
                break;
            case "Enter" or "Tab" when _active >= 0:
                await PickAsync(_hits[_active]);
                break;
            case "Escape":
                Close();
                break;
        }
    }

    private async Task PickAsync(RecordHit hit)
    {
        _text = "";
        Close();
        await OnPick.InvokeAsync(hit);
    }

    private Task ClearAsync() => OnPick.InvokeAsync(null);

    private void Close() => Show([], null);
}
