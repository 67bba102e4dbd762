using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Web.Salesforce;

namespace TaskSync.Web.Components.Settings;

/// <summary>How connecting ended, in words.</summary>
internal sealed record ConnectNote(bool Good, string Words, string? Exact)
{
    public string CssClass => Good ? "note-ok" : "note-problem";

    /// <param name="key">A word, or the id of a note.</param>
    /// <param name="find">Finds the note.</param>
    public static async Task<ConnectNote?> OfAsync(string? key, Func<string, Task<ConnectWords?>> find)
    {
        if (key is not { Length: > 0 } || Of(key) is not null)
        {
            return Of(key);
        }

        try
        {
            return await find(key) is { } kept ? new(false, kept.Words, kept.Exact) : null;
        }
        catch (Exception failure) when (DatabaseFailures.TroubleOf(failure) is not null)
        {
            // The page says itself that the database is away.
            return null;
        }
    }

    public static ConnectNote? Of(string? key) => key switch
    {
        ConnectMessage.Connected => new(true, "Salesforce is connected. Tick the box below and save to begin syncing.", null),
        ConnectMessage.ConnectedAsAnother => new(true, "Salesforce is connected as another user than before. Sync was switched off: tasks of the former user stay here and nothing is written for them. Tick the box and save to begin with this user.", null),
        ConnectMessage.Disconnected => new(true, "Salesforce is disconnected and the sign-in was revoked. Nothing was deleted on either side, and links are kept for when you connect again.", null),
        ConnectMessage.Denied => new(false, "You did not allow TaskSync to use your Salesforce account, so nothing was connected. You can try again at any time.", null),
        ConnectMessage.Stale => new(false, "That answer from Salesforce did not belong to a sign-in begun on this page, or it came too late. Nothing was connected; please try again.", null),
        _ => null,
    };
}
