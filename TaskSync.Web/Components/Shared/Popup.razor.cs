using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace TaskSync.Web.Components.Shared;

/// <summary>A button that opens a small panel below it. Escape and a click elsewhere close it.</summary>
public sealed partial class Popup
{
    private bool _open;

    /// <summary>Accessible name of the button; null when its content says enough.</summary>
    [Parameter]
    public string? Label { get; set; }

    [Parameter]
    public string? PanelLabel { get; set; }

    [Parameter]
    public string? Title { get; set; }

    [Parameter]
    public string Class { get; set; } = "";

    [Parameter]
    public string ButtonClass { get; set; } = "icon-button";

    [Parameter, EditorRequired]
    public required RenderFragment Activator { get; set; }

    [Parameter, EditorRequired]
    public required RenderFragment ChildContent { get; set; }

    [Parameter]
    public EventCallback OnOpen { get; set; }

    public void Close() => _open = false;

    private async Task Toggle()
    {
        _open = !_open;
        if (_open)
        {
            await OnOpen.InvokeAsync();
        }
    }

    private void OnKeyDown(KeyboardEventArgs e)
    {
        if (e.Key == "Escape")
        {
            _open = false;
        }
    }
}
