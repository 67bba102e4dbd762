using TaskSync.Simulator.Hosting;

namespace TaskSync.Simulator.Ui;

internal sealed class UiEndpoint(SimulatorCore core)
{
    public Reply Run(WebRequest request) => Page.Render(request, "Tasks", Html.Of($"<h1>{core.Options.OrganizationName}</h1>"));
}
