using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>What the look-up of creates without an answer came to.</summary>
/// <param name="ByTask">What bears the key of each task that was looked up.</param>
/// <param name="Waiting">Tasks whose create cannot be decided in this round.</param>
internal sealed record LookedUp(IReadOnlyDictionary<Guid, KeyLookUp> ByTask, IReadOnlySet<Guid> Waiting)
{
    public KeyLookUp Of(Guid taskId) => ByTask.GetValueOrDefault(taskId);
}

/// <summary>Step two of a push: where a lost create is recognised. Its key is looked up before anything is sent again (S5).</summary>
public sealed class CreateLookUp(SalesforceApi api, ObservationApplier applier, PushPlan plan)
{
    /// <summary>Looks up what has to be looked up, and adopts what is found.</summary>
    internal async Task<LookedUp> FindAsync(PushTurn turn, IReadOnlyList<DueTask> due, CancellationToken cancellationToken)
    {
        var nothing = FreshRows.Nothing(default);
        var open = due.Where(d => d.Link.SalesforceId is null && d.Link.AttemptsJson is not null).Select(d => (d.Link, Step: plan.Step(turn, d.Link, nothing, KeyLookUp.NotDone))).ToList();
        var lookUps = open.Where(o => o.Step is PushStep.LookUp).Select(o => o.Link).ToList();
        var waiting = open.Where(o => o.Step is PushStep.Wait or PushStep.Ask).Select(o => o.Link.TaskId).ToHashSet();
        if (lookUps.Count == 0)
        {
            return new LookedUp(new Dictionary<Guid, KeyLookUp>(), waiting);
        }

        var context = turn.Context;
        var rows = await api.TasksByKeyAsync(context.Caller, ApiPurpose.Read, context.Schema.Key, [.. lookUps.Select(l => l.Key)], cancellationToken);
        turn.Result.Applied.Add(await applier.ApplyAsync(context, context.Reading(ReadKind.Present, rows), null, cancellationToken));
        var keys = rows.Select(row => row.Key).ToHashSet();
        return new LookedUp(lookUps.ToDictionary(l => l.TaskId, l => keys.Contains(l.Key) ? KeyLookUp.SomebodyElses : KeyLookUp.Nothing), waiting);
    }
}
