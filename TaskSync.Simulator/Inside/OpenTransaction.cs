using TaskSync.Simulator.Org;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Inside;

/// <summary>
/// A long transaction in Salesforce, begun by <see cref="SimulatedOrg.BeginTransaction"/>. Its changes are stamped when they are made but
/// seen only after <see cref="Commit"/>; until then its rows are locked and <c>latestDateCovered</c> stays at its start. Disposing without
/// committing takes everything back.
/// </summary>
public sealed class OpenTransaction : IDisposable
{
    private readonly SimulatedOrg _org;
    private readonly HeldTransaction _held;

    internal OpenTransaction(SimulatedOrg org, HeldTransaction held) => (_org, _held) = (org, held);

    /// <summary>Creates a task; see <see cref="SimulatedOrg.CreateTask"/>.</summary>
    public SimulatedTask CreateTask(string ownerUserId, FieldValues? values = null) => _org.WriteIn(_held, transaction => _org.CreateIn(transaction, ownerUserId, values, null, null));

    /// <summary>Changes a task; see <see cref="SimulatedOrg.UpdateTask"/>.</summary>
    public SimulatedTask UpdateTask(string id, FieldValues values, string? asUser = null) => _org.WriteIn(_held, transaction => _org.UpdateIn(transaction, id, values, asUser, null));

    /// <summary>Deletes a task.</summary>
    public void DeleteTask(string id, string? asUser = null) => _org.WriteIn(_held, transaction => _org.DeleteIn(transaction, id, asUser));

    /// <summary>Makes everything visible, under the stamps it got when it was done.</summary>
    public void Commit() => _org.Locked(_held.Commit);

    /// <inheritdoc/>
    public void Dispose() => _org.Locked(_held.Abandon);
}
