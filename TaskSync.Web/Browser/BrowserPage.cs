using Microsoft.JSInterop;

namespace TaskSync.Web.Browser;

/// <summary>What pages ask the browser for; the other half is wwwroot/boot.js. A circuit whose browser is gone gets defaults.</summary>
public sealed class BrowserPage(IJSRuntime js)
{
    public async Task<string> ThemeAsync() => await TryAsync<string>("taskSync.theme") ?? "system";

    public Task SetThemeAsync(string choice) => TryAsync<object>("taskSync.setTheme", choice);

    /// <summary>The browser's IANA zone, null when it does not say.</summary>
    public Task<string?> TimeZoneAsync() => TryAsync<string>("taskSync.timeZone");

    /// <summary>What was typed into the field with this <c>data-draft</c> before its page went; null when nothing was, or it was saved.</summary>
    public Task<string?> DraftAsync(string name) => TryAsync<string>("taskSync.draft", name);

    /// <summary>The draft was saved.</summary>
    public Task ForgetDraftAsync(string name) => TryAsync<object>("taskSync.forgetDraft", name);

    /// <summary>Puts a text on the clipboard; false when the browser does not allow it.</summary>
    public async Task<bool> CopyAsync(string text) => await TryAsync<bool>("taskSync.copy", text);

    /// <summary>Moves the focus to the first element that matches.</summary>
    public Task FocusAsync(string selector) => TryAsync<object>("taskSync.focus", selector);

    /// <summary>Sends single keys of the page (not those typed into fields) to <c>OnKey</c> of the target, until the result is disposed.</summary>
    public async Task ListenToKeysAsync<T>(DotNetObjectReference<T> target) where T : class => await TryAsync<object>("taskSync.listenToKeys", target);

    public Task StopKeysAsync() => TryAsync<object>("taskSync.stopKeys");

    /// <summary>Whether the pointer is over the element just now.</summary>
    public async Task<bool> IsPointerOverAsync(string selector) => await TryAsync<bool>("taskSync.isPointerOver", selector);

    private async Task<T?> TryAsync<T>(string identifier, params object?[] arguments)
    {
        try
        {
            return await js.InvokeAsync<T?>(identifier, arguments);
        }
        catch (Exception failure) when (failure is JSDisconnectedException or JSException or TaskCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return default;
        }
    }
}
