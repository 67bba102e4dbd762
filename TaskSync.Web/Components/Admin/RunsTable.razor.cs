using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>What the engine did, newest first.</summary>
public sealed partial class RunsTable
{
    private const int PageSize = 50;
    private RunFilter _filter = new();
    private RunPage? _page;
    private int _number;
    private string? _failure;
    private int _shown = -1;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SyncStatusQuery Query { get; set; }

    [Inject]
    public required ILogger<RunsTable> Logger { get; set; }

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    /// <summary>Another number means: read again.</summary>
    [Parameter, EditorRequired]
    public int Version { get; set; }

    private string CsvUrl => RunsExport.Url(_filter);

    protected override async Task OnParametersSetAsync()
    {
        if (_shown != Version)
        {
            _shown = Version;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _page = await Query.RunsAsync(await Person.ActorAsync(), _filter, _number, PageSize, CancellationToken.None);
            _failure = null;
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "runs", failure);
            _failure = FailureWords.OfLoad("The runs could not be loaded", failure);
        }
    }

    private Task FilterAsync(RunFilter filter)
    {
        (_filter, _number) = (filter, 0);
        return LoadAsync();
    }

    private Task GoAsync(int number)
    {
        _number = number;
        return LoadAsync();
    }

    private static T? Read<T>(ChangeEventArgs e)
        where T : struct, Enum => Enum.TryParse<T>(e.Value?.ToString(), out var value) ? value : null;

    private static string Name(SyncRunKind kind) => kind switch
    {
        SyncRunKind.FirstSync => "First sync",
        SyncRunKind.CatchUp => "Catch-up",
        SyncRunKind.Pull => "Bring in",
        SyncRunKind.Push => "Send",
        SyncRunKind.Sweep => "Completeness check",
        SyncRunKind.Audit => "Audit",
        _ => kind.ToString(),
    };

    private static string OutcomeClass(SyncRunOutcome outcome) => outcome switch
    {
        SyncRunOutcome.Succeeded => "chip-ok",
        SyncRunOutcome.Running => "chip-info",
        SyncRunOutcome.Partly => "chip-waiting",
        SyncRunOutcome.Failed => "chip-problem",
        _ => "",
    };
}
