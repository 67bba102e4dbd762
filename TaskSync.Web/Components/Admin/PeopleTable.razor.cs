using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>Everybody's sync, one row each.</summary>
public sealed partial class PeopleTable
{
    private const int PageSize = 50;
    private PeoplePage? _page;
    private int _number;
    private string? _name;
    private bool _failed;
    private string? _said;
    private bool _problem;
    private int _shown = -1;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SyncStatusQuery Query { get; set; }

    [Inject]
    public required AdminActions Actions { get; set; }

    [Inject]
    public required AccountActions Accounts { get; set; }

    [Inject]
    public required ILogger<PeopleTable> Logger { get; set; }

    [Parameter, EditorRequired]
    public required RepTime Time { get; set; }

    /// <summary>Another number means: read again.</summary>
    [Parameter, EditorRequired]
    public int Version { get; set; }

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
            _page = await Query.PeopleAsync(await Person.ActorAsync(), _name, _number, PageSize, CancellationToken.None);
            _failed = false;
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "people", failure);
            _failed = true;
        }
    }

    private Task SearchAsync(ChangeEventArgs e)
    {
        (_name, _number) = (e.Value?.ToString(), 0);
        return LoadAsync();
    }

    private Task GoAsync(int number)
    {
        _number = number;
        return LoadAsync();
    }

    private Task SyncNowAsync(PersonRow row) => DoAsync(
        async admin => await Actions.SyncNowAsync(admin, row.PersonId, CancellationToken.None) != AskedRead.Off, $"Looking for changes of {row.Name} now.", $"{row.Name} does not sync.");

    private Task PauseAsync(PersonRow row) => DoAsync(
        admin => Actions.PauseAsync(admin, row.PersonId, null, CancellationToken.None), $"{row.Name} is paused. Changes wait.", $"{row.Name} is not there any more.");

    private Task SignOutAsync(PersonRow row) => DoAsync(
        async admin =>
        {
            await Accounts.SignOutAsync(admin, row.PersonId, CancellationToken.None);
            return true;
        },
        $"{row.Name} is signed out on every device within seconds. Their sync goes on.", "");

    private Task ResumeAsync(PersonRow row) => DoAsync(
        admin => Actions.ResumeAsync(admin, row.PersonId, CancellationToken.None), $"Sync of {row.Name} goes on.", $"{row.Name} is not there any more.");

    private async Task DoAsync(Func<Actor, Task<bool>> act, string good, string bad)
    {
        try
        {
            _problem = !await act(await Person.ActorAsync());
            _said = _problem ? bad : good;
            await LoadAsync();
        }
        catch (UnauthorizedAccessException)
        {
            (_said, _problem) = ("You may not do this any more: it takes the role of an admin.", true);
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "people", failure);
            (_said, _problem) = ("That did not work just now: the database is busy. Please try again.", true);
        }
    }

    private static string StateClass(SyncPillState state) => state switch
    {
        SyncPillState.InStep => "chip-ok",
        SyncPillState.Waiting or SyncPillState.Paused => "chip-waiting",
        SyncPillState.Syncing => "chip-info",
        SyncPillState.NeedsYou or SyncPillState.Reconnect => "chip-problem",
        _ => "",
    };
}
