using Microsoft.AspNetCore.Components;
using MudBlazor;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.Shared;

/// <summary>How one task's sync is, as icon and word: never by colour alone.</summary>
public sealed partial class SyncStateChip
{
    [Parameter, EditorRequired]
    public RowSyncState State { get; set; }

    private string CssClass => State switch
    {
        RowSyncState.InStep => "chip-ok",
        RowSyncState.Waiting => "chip-waiting",
        RowSyncState.Problem => "chip-problem",
        RowSyncState.Conflict => "chip-conflict",
        _ => "",
    };

    private MarkupString Icon => State switch
    {
        RowSyncState.InStep => Glyph.Check,
        RowSyncState.Waiting => Glyph.Schedule,
        RowSyncState.Problem => Glyph.ErrorOutline,
        RowSyncState.Conflict => Glyph.CallSplit,
        _ => Glyph.Home,
    };
}
