using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;

namespace TaskSync.Web.Components.Shared;

/// <summary>
/// The icons, each a reference to the symbol of its name in wwwroot/icons.svg. Markup and no component: a list shows hundreds, and each component is kept by the circuit.
/// </summary>
public static class Glyph
{
    public static MarkupString Add { get; } = Of();

    public static MarkupString AddTask { get; } = Of();

    public static MarkupString Block { get; } = Of();

    public static MarkupString Business { get; } = Of();

    public static MarkupString CalendarMonth { get; } = Of();

    public static MarkupString Call { get; } = Of();

    public static MarkupString CallSplit { get; } = Of();

    public static MarkupString Check { get; } = Of();

    public static MarkupString CheckCircleOutline { get; } = Of();

    public static MarkupString Close { get; } = Of();

    public static MarkupString CloudDownload { get; } = Of();

    public static MarkupString CloudOff { get; } = Of();

    public static MarkupString CloudQueue { get; } = Of();

    public static MarkupString CloudUpload { get; } = Of();

    public static MarkupString ContentCopy { get; } = Of();

    public static MarkupString Contrast { get; } = Of();

    public static MarkupString DeleteOutline { get; } = Of();

    public static MarkupString Download { get; } = Of();

    public static MarkupString Edit { get; } = Of();

    public static MarkupString ErrorOutline { get; } = Of();

    public static MarkupString Event { get; } = Of();

    public static MarkupString Forum { get; } = Of();

    public static MarkupString Handshake { get; } = Of();

    public static MarkupString HelpOutline { get; } = Of();

    public static MarkupString History { get; } = Of();

    public static MarkupString Home { get; } = Of();

    public static MarkupString KeyboardDoubleArrowUp { get; } = Of();

    public static MarkupString Label { get; } = Of();

    public static MarkupString Link { get; } = Of();

    public static MarkupString LinkOff { get; } = Of();

    public static MarkupString Logout { get; } = Of();

    public static MarkupString MailOutline { get; } = Of();

    public static MarkupString MonitorHeart { get; } = Of();

    public static MarkupString MoveToInbox { get; } = Of();

    public static MarkupString NextWeek { get; } = Of();

    public static MarkupString NotificationsNone { get; } = Of();

    public static MarkupString Pause { get; } = Of();

    public static MarkupString PauseCircleOutline { get; } = Of();

    public static MarkupString PersonOutline { get; } = Of();

    public static MarkupString PlayArrow { get; } = Of();

    public static MarkupString RadioButtonChecked { get; } = Of();

    public static MarkupString RadioButtonUnchecked { get; } = Of();

    public static MarkupString Refresh { get; } = Of();

    public static MarkupString Schedule { get; } = Of();

    public static MarkupString Search { get; } = Of();

    public static MarkupString SearchOff { get; } = Of();

    public static MarkupString Snooze { get; } = Of();

    public static MarkupString SwapHoriz { get; } = Of();

    public static MarkupString Sync { get; } = Of();

    public static MarkupString SyncAlt { get; } = Of();

    public static MarkupString SyncDisabled { get; } = Of();

    public static MarkupString TaskAlt { get; } = Of();

    public static MarkupString ThumbUpOffAlt { get; } = Of();

    public static MarkupString Tune { get; } = Of();

    public static MarkupString Update { get; } = Of();

    public static MarkupString WarningAmber { get; } = Of();

    public static MarkupString WbSunny { get; } = Of();

    public static MarkupString West { get; } = Of();

    private static MarkupString Of([CallerMemberName] string name = "") => new($"<svg class=\"icon\" aria-hidden=\"true\"><use href=\"icons.svg#{name}\"/></svg>");
}
