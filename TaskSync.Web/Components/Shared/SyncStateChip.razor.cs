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

    private string IconPath => State switch
    {
        RowSyncState.InStep => Icons.Material.Rounded.Check,
        RowSyncState.Waiting => Icons.Material.Rounded.Schedule,
        RowSyncState.Problem => Icons.Material.Rounded.ErrorOutline,
        RowSyncState.Conflict => Icons.Material.Rounded.CallSplit,
        _ => Icons.Material.Rounded.Home,
    };
}
