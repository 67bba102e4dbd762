using Microsoft.AspNetCore.Components;
using MudBlazor;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Web.Browser;
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
    private string? _failure;
    private string? _said;
    private bool _problem;
    private int _shown = -1;
    private Guid _self;
    private Guid? _asking;
    private string? _focus;

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SyncStatusQuery Query { get; set; }

    [Inject]
    public required AdminActions Actions { get; set; }

    [Inject]
    public required AccountActions Accounts { get; set; }

    [Inject]
    public required IDialogService Dialogs { get; set; }

    [Inject]
    public required BrowserPage Browser { get; set; }

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

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus is { } selector)
        {
            _focus = null;
            await Browser.FocusAsync(selector);
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            var admin = await Person.ActorAsync();
            _self = admin.Id;
            _page = await Query.PeopleAsync(admin, _name, _number, PageSize, CancellationToken.None);
            _failure = null;
        }
        catch (Exception failure)
        {
            PageLog.LoadFailed(Logger, "people", failure);
            _failure = FailureWords.OfLoad("The people could not be loaded", failure);
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
        async admin => await Actions.SyncNowAsync(admin, row.PersonId, CancellationToken.None) switch
        {
            AskedRead.Off => $"{row.Name} does not sync.",
            AskedRead.JustLooked => $"{row.Name}: {Words.Of(AskedRead.JustLooked)}",
            _ => null,
        },
        $"Looking for changes of {row.Name} now.");

    private Task PauseAsync(PersonRow row) => DoAsync(
        async admin => await Actions.PauseAsync(admin, row.PersonId, null, CancellationToken.None) ? null : NotThere(row), $"{row.Name} is paused. Changes wait.");

    private Task ResumeAsync(PersonRow row) => DoAsync(
        async admin => await Actions.ResumeAsync(admin, row.PersonId, CancellationToken.None) ? null : NotThere(row), $"Sync of {row.Name} goes on.");

    private Task SignOutAsync(PersonRow row) => DoAsync(
        async admin =>
        {
            await Accounts.SignOutAsync(admin, row.PersonId, CancellationToken.None);
            return null;
        },
        $"{row.Name} is signed out on every device within seconds. Their sync goes on.");

    /// <summary>Asks before somebody is removed, or takes the question back; the focus stays in the row.</summary>
    private void Ask(PersonRow row, bool really) => (_asking, _focus) = (really ? row.PersonId : null, $"{InRow(row)} .btn-danger");

    private async Task RemoveAsync(PersonRow row)
    {
        await DoAsync(
            async admin => await Accounts.RemoveAsync(admin, row.PersonId, CancellationToken.None) ? null : NotThere(row), $"{row.Name} is removed: sync has stopped, and every device is signed out within seconds.");
        (_asking, _focus) = (null, $"{InRow(row)} .btn");
    }

    private async Task LetInAsync(PersonRow row)
    {
        await DoAsync(
            async admin => await Accounts.LetInAsync(admin, row.PersonId, CancellationToken.None) ? null : NotThere(row), $"{row.Name} may sign in again. Sync starts when they connect Salesforce and save.");
        _focus = $"{InRow(row)} .btn";
    }

    private static string NotThere(PersonRow row) => $"{row.Name} is not there any more.";

    private static string InRow(PersonRow row) => $"[data-person='{row.PersonId}']";

    /// <summary>The dialog says what will be lost, asks, and erases.</summary>
    private async Task EraseAsync(PersonRow row)
    {
        var dialog = await Dialogs.ShowAsync<EraseDialog>(
            (string?)null,
            new DialogParameters<EraseDialog> { { d => d.PersonId, row.PersonId }, { d => d.Name, row.Name } },
            new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true, BackdropClick = false });
        if (await dialog.Result is { Canceled: false, Data: string words })
        {
            (_said, _problem) = (words, false);
            await LoadAsync();
        }
    }

    /// <param name="act">Does it; null, or why it was not done.</param>
    /// <param name="done">What to say when it was.</param>
    private async Task DoAsync(Func<Actor, Task<string?>> act, string done)
    {
        try
        {
            var why = await act(await Person.ActorAsync());
            (_said, _problem) = (why ?? done, why is not null);
            await LoadAsync();
        }
        catch (UnauthorizedAccessException)
        {
            (_said, _problem) = (Words.NoAdmin, true);
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "people", failure);
            (_said, _problem) = (FailureWords.Of("That did not work just now", failure), true);
        }
    }

    private static string StateClass(SyncPillState state) => state switch
    {
        SyncPillState.InStep => "chip-ok",
        SyncPillState.Waiting or SyncPillState.Paused or SyncPillState.Away => "chip-waiting",
        SyncPillState.Syncing => "chip-info",
        SyncPillState.NeedsYou or SyncPillState.Reconnect => "chip-problem",
        _ => "",
    };
}
