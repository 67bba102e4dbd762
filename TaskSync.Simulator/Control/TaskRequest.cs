using System.Text.Json;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Control;

/// <summary>Body of the control calls that create or change a task.</summary>
/// <param name="Owner">User or queue by id, or user by username; needed to create.</param>
/// <param name="Fields">Values by API name, as the REST API takes them.</param>
/// <param name="AsUser">Who does it; null is the owner.</param>
/// <param name="Audit">Stamps to give instead of the present.</param>
internal sealed record TaskRequest(string? Owner, Dictionary<string, JsonElement>? Fields, string? AsUser, AuditStamps? Audit)
{
    public FieldValues Values(SimulatedOrg org) => new((Fields ?? []).Select(f => KeyValuePair.Create(f.Key,
        FieldValue.TryRead(org.TaskField(f.Key), f.Value, out var value) ? value : throw new ArgumentException($"{f.Key} cannot hold {f.Value}."))));
}
