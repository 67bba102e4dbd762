using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Web.Browser;
using TaskSync.Web.Components.Shared;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Layout;

/// <summary>
/// App bar, navigation and the place of the page. Until the circuit is up only the frame is shown, with a skeleton in it: nothing can be clicked
/// that would not answer.
/// </summary>
public sealed partial class MainLayout : IDisposable
{
    private ErrorBoundary? _boundary;
    private IDisposable? _session;
    private SignInEnd? _ended;
    private IDisposable? _visit;
    private bool _zoneTold;

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required OpenPages Pages { get; set; }

    [Inject]
    public required Presence Presence { get; set; }

    [Inject]
    public required PeopleService People { get; set; }

    [Inject]
    public required BrowserPage Browser { get; set; }

    [Inject]
    public required ILogger<MainLayout> Logger { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        if (!RendererInfo.IsInteractive)
        {
            return;
        }

        var user = await Person.UserAsync();
        if (user.SessionId() is { } session)
        {
            _session = Pages.OnEnd(session, end => _ = InvokeAsync(() => SayEnded(end)));
        }

        if (user.PersonId() is { } personId)
        {
            _visit = Presence.Enter(personId);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_zoneTold || !RendererInfo.IsInteractive || (await Person.UserAsync()).PersonId() is not { } personId)
        {
            return;
        }

        _zoneTold = true;
        try
        {
            await People.SetBrowserZoneAsync(personId, await Browser.TimeZoneAsync(), CancellationToken.None);
        }
        catch (Exception failure)
        {
            PageLog.ActionFailed(Logger, "frame", failure);
        }
    }

    /// <summary>
    /// What was typed stays under the notice, where nothing works any more. The page goes nowhere by itself: it may be the one that is signing out,
    /// and on its way to Microsoft, with the answer that takes the cookie away still to come.
    /// </summary>
    private void SayEnded(SignInEnd end)
    {
        _ended = end;
        _visit?.Dispose();
        StateHasChanged();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => _boundary?.Recover();

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _session?.Dispose();
        _visit?.Dispose();
    }
}
