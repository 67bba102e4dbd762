using TaskSync.Simulator.Org;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Writing;

namespace TaskSync.Simulator.Rest;

/// <summary>What the REST resources work with.</summary>
internal sealed record Platform(OrgStore Store, Records Records, QueryRunner Queries, Cursors Cursors, ApiUsage Usage, SimulatorOptions Options);
