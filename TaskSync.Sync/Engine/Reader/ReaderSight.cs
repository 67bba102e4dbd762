using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>
/// Sees to it that a reader sees what it must. Each poll asks for a few linked tasks of different reps as well, in the same call: a reader that lost
/// its sight gets an empty answer, which looks exactly like a quiet day otherwise.
/// </summary>
public sealed class ReaderSight(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, SyncContexts contexts, TimeProvider time, Random random)
{
    private const int MostWitnesses = 5;
    private const int MostTried = SalesforceLimits.IdsPerAddress;
    private const int PollsPerChoice = 40;

    /// <summary>Chooses witnesses anew when the roster changed, when there are none, and every ten minutes or so.</summary>
    internal async Task ChooseAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        if (pulse.WitnessAge++ % PollsPerChoice != 0 && pulse.Witnesses.Count > 0)
        {
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var others = await Followers.Active(db, scope.OrganizationId).Where(c => c.UserId != scope.Connection.UserId).Select(c => c.Id).ToListAsync(cancellationToken);
        var chosen = Some(others);
        pulse.Witnesses.Clear();
        foreach (var link in await KnownAsync(db, chosen, cancellationToken))
        {
            pulse.Witnesses[link.SalesforceId] = link.ConnectionId;
        }
    }

    private List<Guid> Some(List<Guid> connectionIds)
    {
        // A seeded source of chance is for one thread at a time.
        lock (random)
        {
            return [.. connectionIds.OrderBy(_ => random.Next()).Take(MostWitnesses)];
        }
    }

    /// <summary>Witnesses were missing from an answer. Their reps' own tokens say whether the tasks are gone, or the reader blind.</summary>
    /// <returns>Why the reader may no longer serve, null when it may.</returns>
    internal async Task<string?> DoubtAsync(ReaderScope scope, ReaderPulse pulse, IReadOnlyCollection<string> missing, CancellationToken cancellationToken)
    {
        foreach (var id in missing)
        {
            var connectionId = pulse.Witnesses[id];
            if (await ContextAsync(scope, connectionId, cancellationToken) is not { } context)
            {
                pulse.Witnesses.Remove(id);
                continue;
            }

            IReadOnlyList<RemoteTask> seen;
            try
            {
                seen = await api.TasksByIdAsync(context.Caller, ApiPurpose.Sweep, [id], cancellationToken);
            }
            catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
            {
                // The rep cannot tell now; the next poll asks again.
                continue;
            }

            if (seen.Any(row => !row.IsDeleted && row.OwnerId == context.Connection.UserId))
            {
                return $"It no longer sees tasks of {context.Connection.DisplayName}, who sees them. Give the integration user View All Data, or a role above all reps.";
            }

            pulse.Witnesses.Remove(id);
            if (seen.Count == 0)
            {
                await applier.LoseAsync(context, [id], LinkVerifier.LostNote, cancellationToken);
            }
        }

        return null;
    }

    /// <summary>Examines the reader: fields, key, other people's tasks, deleted ones, the replication API. Up to seven API calls, a few more where something is missing.</summary>
    /// <exception cref="SalesforceCallException">Salesforce did not answer: nothing can be said.</exception>
    internal async Task<ReaderReport> ExamineAsync(ReaderScope scope, CancellationToken cancellationToken)
    {
        var findings = new List<ReaderFinding>();
        var schema = await api.ReadSchemaAsync(scope.Caller, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var reps = await db.Connections.AsNoTracking()
            .Where(c => c.OrganizationId == scope.OrganizationId && c.Kind == ConnectionKind.Rep && c.State == ConnectionState.Active && c.SchemaJson != null)
            .ToListAsync(cancellationToken);
        findings.Add(Fields(schema, reps));
        findings.Add(KeyOf(schema, reps));
        findings.Add(await SightAsync(scope, db, reps, cancellationToken));
        findings.Add(await DeletedAsync(scope, db, cancellationToken));
        findings.Add(await ReplicationAsync(scope, cancellationToken));
        return new ReaderReport(findings);
    }

    private static ReaderFinding Fields(OrgSchema schema, List<Connection> reps)
    {
        var hidden = reps.Aggregate(TaskFields.None, (set, rep) => set | rep.Schema.Readable) & ~schema.Readable;
        return hidden == TaskFields.None
            ? new(ReaderVerdict.Good, "Fields", "It sees every field that the reps sync.")
            : new(ReaderVerdict.Lacking, "Fields",
                $"It does not see {string.Join(", ", hidden.Each().Select(f => f.DisplayName()))}: reps who do are read one by one. Give its permission set read access to the field.");
    }

    private static ReaderFinding KeyOf(OrgSchema schema, List<Connection> reps)
    {
        var apart = reps.Count(rep => rep.Schema.Key != schema.Key);
        return schema.Key == KeyPlace.None
                ? new(ReaderVerdict.Lacking, "Key field", "It does not see the key field nor CallObject, by which new tasks are recognised: reps are read one by one. Give its permission set read access to the key field.")
            : apart > 0
                ? new(ReaderVerdict.Lacking, "Key field", $"{apart} of {reps.Count} reps use another key field than the reader sees: they are read one by one. Give everybody the permission set of the package.")
            : new(ReaderVerdict.Good, "Key field", schema.Key == KeyPlace.KeyField ? "It sees the key field." : "It sees CallObject, which holds the keys of new tasks.");
    }

    private async Task<ReaderFinding> SightAsync(ReaderScope scope, TaskSyncDb db, List<Connection> reps, CancellationToken cancellationToken)
    {
        // A rep whose sync is off is not asked: no call is made with their token.
        var people = await db.People.AsNoTracking()
            .Where(p => p.SyncEnabled && p.PausedAt == null && db.Connections.Any(c => c.Id == p.ConnectionId && c.PersonId == p.Id && c.OrganizationId == scope.OrganizationId))
            .ToDictionaryAsync(p => p.ConnectionId!.Value, cancellationToken);
        var others = reps.Where(r => r.UserId != scope.Connection.UserId && people.ContainsKey(r.Id)).Take(MostTried).ToDictionary(r => r.Id);
        var known = await KnownAsync(db, [.. others.Keys], cancellationToken);
        if (known.Count == 0)
        {
            return new(ReaderVerdict.Unknown, "Other people's tasks", "No task of another user is linked yet, so this could not be tried. It is tried with every poll as soon as one is.");
        }

        var seen = (await api.QueryChangesAsync(scope.Caller, TaskQuery.ById(known.Select(k => k.SalesforceId)), cancellationToken)).Tasks.Select(t => t.Id).ToHashSet();
        var blindTo = new List<string>();
        foreach (var link in known.Where(k => !seen.Contains(k.SalesforceId)).Take(MostWitnesses))
        {
            var rep = others[link.ConnectionId];
            try
            {
                var own = await api.TasksByIdAsync(contexts.Of(people[rep.Id], rep, scope.Fence).Caller, ApiPurpose.Sweep, [link.SalesforceId], cancellationToken);
                if (own.Any(row => row.OwnerId == rep.UserId))
                {
                    blindTo.Add(rep.DisplayName);
                }
            }
            catch (SyncStoppedException)
            {
                // The rep's sync was switched off just now: the other reps tell.
            }
        }

        return blindTo.Count == 0
            ? new(ReaderVerdict.Good, "Other people's tasks", $"Tried with linked tasks of {known.Count} {(known.Count == 1 ? "rep" : "reps")}: it sees them.")
            : new(ReaderVerdict.Blocking, "Other people's tasks",
                $"It does not see tasks of {string.Join(", ", blindTo)}{(known.Count - seen.Count > blindTo.Count ? " and others" : "")}. Give the integration user View All Data, or a role above all reps.");
    }

    private async Task<ReaderFinding> DeletedAsync(ReaderScope scope, TaskSyncDb db, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - SalesforceLimits.DeletedHorizon;
        var gone = await db.Links
            .Where(l => l.OrganizationId == scope.OrganizationId && l.AgreedGone && l.SalesforceId != null && l.GoneConfirmedAt >= since)
            .OrderByDescending(l => l.GoneConfirmedAt).Select(l => l.SalesforceId!).Take(MostWitnesses).ToListAsync(cancellationToken);
        if (gone.Count == 0)
        {
            return new(ReaderVerdict.Unknown, "Deleted tasks", "No linked task was deleted lately, so this could not be tried. If the query does not show deletions, they come in with the sweep instead.");
        }

        var seen = (await api.QueryChangesAsync(scope.Caller, TaskQuery.ById(gone), cancellationToken)).Tasks.Any(t => t.IsDeleted);
        return seen
            ? new(ReaderVerdict.Good, "Deleted tasks", "It sees tasks in the recycle bin.")
            : new(ReaderVerdict.Lacking, "Deleted tasks", "The query does not show it deleted tasks: deletions come in with the sweep, minutes later. View All Data or Modify All Data would show them at once.");
    }

    private async Task<ReaderFinding> ReplicationAsync(ReaderScope scope, CancellationToken cancellationToken)
    {
        try
        {
            var end = scope.ToSalesforce(time.GetUtcNow());
            await api.UpdatedAsync(scope.Caller, end - SalesforceLimits.ShortestWindow, end, cancellationToken);
            await api.DeletedAsync(scope.Caller, end - SalesforceLimits.ShortestWindow, end, cancellationToken);
            return new(ReaderVerdict.Good, "Sweep", "getUpdated and getDeleted answer.");
        }
        catch (SalesforceCallException e) when (e.Failure.Class is FailureClass.AccessOrValidation)
        {
            return new(ReaderVerdict.Blocking, "Sweep", $"getUpdated or getDeleted is refused ({e.Failure.Code}): {SalesforceErrors.For(e.Failure).Words}");
        }
    }

    /// <summary>One open link of each connection, any.</summary>
    private static async Task<List<KnownTask>> KnownAsync(TaskSyncDb db, List<Guid> connectionIds, CancellationToken cancellationToken) =>
        connectionIds.Count == 0 ? [] : await db.Links
            .Where(l => connectionIds.Contains(l.ConnectionId) && l.State == LinkState.Open && !l.AgreedGone && l.SalesforceId != null)
            .GroupBy(l => l.ConnectionId).Select(own => new KnownTask(own.Key, own.Max(l => l.SalesforceId)!)).ToListAsync(cancellationToken);

    private async Task<SyncContext?> ContextAsync(ReaderScope scope, Guid connectionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var connection = await Followers.Active(db, scope.OrganizationId).FirstOrDefaultAsync(c => c.Id == connectionId, cancellationToken);
        return connection is null ? null
            : contexts.Of(await db.People.AsNoTracking().FirstAsync(p => p.Id == connection.PersonId, cancellationToken), connection, scope.Fence);
    }

    private sealed record KnownTask(Guid ConnectionId, string SalesforceId);
}
