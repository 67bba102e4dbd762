using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using TaskSync.Web.Browser;

namespace TaskSync.Web.Components.Shared;

/// <summary>One tab: its key, its name and how much is in it.</summary>
public sealed record TabItem(string Key, string Name, int? Count = null);

/// <summary>Tabs as the ARIA patterns have them: one stop of the tab key, arrows move.</summary>
public sealed partial class TabStrip
{
    private readonly string _id = "t" + Guid.NewGuid().ToString("N")[..8];

    [Inject]
    public required BrowserPage Browser { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<TabItem> Tabs { get; set; }

    [Parameter, EditorRequired]
    public required string Current { get; set; }

    [Parameter]
    public EventCallback<string> CurrentChanged { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    private string PanelId => _id + "-panel";

    private string TabId(string key) => $"{_id}-{key}";

    private async Task OnKeyDownAsync(KeyboardEventArgs e)
    {
        var index = Tabs.TakeWhile(tab => tab.Key != Current).Count();
        int? next = e.Key switch
        {
            "ArrowRight" => (index + 1) % Tabs.Count,
            "ArrowLeft" => (index + Tabs.Count - 1) % Tabs.Count,
            "Home" => 0,
            "End" => Tabs.Count - 1,
            _ => null,
        };
        if (next is { } to)
        {
            await CurrentChanged.InvokeAsync(Tabs[to].Key);
            await Browser.FocusAsync("#" + TabId(Tabs[to].Key));
        }
    }
}
