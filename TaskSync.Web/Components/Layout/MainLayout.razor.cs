using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
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

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required SignedInPerson Person { get; set; }

    [Inject]
    public required SessionEnds Sessions { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += OnLocationChanged;
        if (RendererInfo.IsInteractive && (await Person.UserAsync()).SessionId() is { } session)
        {
            _session = Sessions.OnEnd(session, () => _ = InvokeAsync(() => Navigation.NavigateTo("/sign-in", forceLoad: true)));
        }
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => _boundary?.Recover();

    public void Dispose()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _session?.Dispose();
    }
}
