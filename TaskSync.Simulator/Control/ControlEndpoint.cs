using TaskSync.Simulator.Hosting;

namespace TaskSync.Simulator.Control;

internal sealed class ControlEndpoint(SimulatedOrg org)
{
    public const string Root = "/simulator-control";

    public Reply Run(WebRequest request) => Reply.Plain(404, org.OrganizationId + request.Path);
}
