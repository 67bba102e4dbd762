using Microsoft.AspNetCore.Components;
using TaskSync.Web.Browser;

namespace TaskSync.Web.Components.Layout;

/// <summary>Light, dark or as the system has it; the browser remembers.</summary>
public sealed partial class ThemeMenu
{
    private static readonly (string Value, string Label)[] Choices = [("light", "Light"), ("dark", "Dark"), ("system", "As the system")];
    private string _choice = "system";

    [Inject]
    public required BrowserPage Browser { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _choice = await Browser.ThemeAsync();
            StateHasChanged();
        }
    }

    private async Task ChooseAsync(string value)
    {
        _choice = value;
        await Browser.SetThemeAsync(value);
    }
}
