using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.Shared;

/// <summary>How one task's sync is, as icon and word: never by colour alone.</summary>
public static class SyncStateChip
{
    private static readonly Dictionary<RowSyncState, MarkupString> Chips = Enum.GetValues<RowSyncState>().ToDictionary(state => state, Chip);

    public static MarkupString Of(RowSyncState state) => Chips[state];

    private static MarkupString Chip(RowSyncState state)
    {
        var (colour, icon) = state switch
        {
            RowSyncState.InStep => (" chip-ok", Glyph.Check),
            RowSyncState.Waiting => (" chip-waiting", Glyph.Schedule),
            RowSyncState.Problem => (" chip-problem", Glyph.ErrorOutline),
            RowSyncState.Conflict => (" chip-conflict", Glyph.CallSplit),
            _ => ("", Glyph.Home),
        };
        return new MarkupString($"<span class=\"chip{colour}\">{icon}{state.Word()}</span>");
    }
}
