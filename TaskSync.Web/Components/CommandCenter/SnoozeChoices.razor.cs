using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>Days to move a task to.</summary>
public sealed partial class SnoozeChoices
{
    private ElementReference _first;

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter, EditorRequired]
    public DateOnly Today { get; set; }

    [Parameter]
    public EventCallback<DateOnly?> OnPick { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    private DateOnly Monday => QuickAdd.NextWeekday(DayOfWeek.Monday, Today);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            try
            {
                await _first.FocusAsync();
            }
            catch (Exception failure) when (failure is Microsoft.JSInterop.JSException or Microsoft.JSInterop.JSDisconnectedException or InvalidOperationException or OperationCanceledException)
            {
                // Closed before it was drawn.
            }
        }
    }

    private static string Day(DateOnly day) => day.ToString("ddd d MMM", CultureInfo.InvariantCulture);

    private async Task PickAsync(ChangeEventArgs e)
    {
        if (DateOnly.TryParseExact(e.Value?.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1700 and <= 4000)
        {
            await OnPick.InvokeAsync(day);
        }
    }

    private Task OnKeyDownAsync(KeyboardEventArgs e) => e.Key == "Escape" ? OnClose.InvokeAsync() : Task.CompletedTask;
}
