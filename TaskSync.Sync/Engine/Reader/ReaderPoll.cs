using Microsoft.Extensions.Options;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>A reader's poll: one query for everybody of the org, whatever the number of reps and tasks.</summary>
public sealed class ReaderPoll(SalesforceApi api, ReaderRouter router, ReaderSight sight, ReaderStates states, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>Reads what changed, and brings it to whom it concerns.</summary>
    /// <returns>Why the reader may no longer serve, null when it may.</returns>
    internal async Task<string?> RunAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        if (pulse.Roster != scope.Reader.Roster)
        {
            // Somebody joined since: what was read before may have passed them by. The stored cursor is where all of them are.
            await states.LetGoAsync(scope, cancellationToken);
            (pulse.Roster, pulse.FastReached, pulse.WitnessAge) = (scope.Reader.Roster, scope.Reader.Fast, 0);
        }

        await sight.ChooseAsync(scope, pulse, cancellationToken);
        var read = await ReadAsync(scope, pulse, cancellationToken);
        if (read.Missing.Count > 0 && await sight.DoubtAsync(scope, pulse, read.Missing, cancellationToken) is { } blind)
        {
            return blind;
        }

        if (read.MayAdvance)
        {
            pulse.FastReached = read.UpTo;
            if (read.Applied)
            {
                await states.AdvanceAsync(scope, pulse.Roster, pulse.FastReached, cancellationToken);
            }
        }

        pulse.NextPollAt = scope.Pace.ReadFrom(scope.Id, at, options.Value.PollInterval);
        return null;
    }

    /// <summary>Reads and applies all pages.</summary>
    private async Task<Result> ReadAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        var since = pulse.FastReached - options.Value.Overlap;
        var query = TaskQuery.ChangedInOrganization(since, [.. pulse.Witnesses.Keys]);
        var page = await api.QueryChangesAsync(scope.Caller, query, cancellationToken);
        var readUpTo = page.ServerTime;
        var missing = pulse.Witnesses.Keys.ToHashSet(StringComparer.Ordinal);
        var (applied, mayAdvance) = (false, true);
        while (true)
        {
            missing.ExceptWith(page.Tasks.Select(t => t.Id));

            // Older rows are there as witnesses only.
            List<RemoteTask> changed = [.. page.Tasks.Where(t => t.SystemModstamp >= since)];
            if (changed.Count > 0)
            {
                var routed = await router.ApplyAsync(scope, changed, began, byId: false, cancellationToken);
                applied |= routed.Applied;
                mayAdvance &= routed.Settled && routed.Roster == pulse.Roster;
            }

            if (page.NextPage is null)
            {
                return new Result(missing, readUpTo, applied, mayAdvance);
            }

            page = await api.NextTasksAsync(scope.Caller, ApiPurpose.Poll, page.NextPage, cancellationToken);
        }
    }

    /// <param name="Missing">Witnesses that no page showed.</param>
    /// <param name="UpTo">Salesforce's time at the first page.</param>
    /// <param name="Applied">Whether anything was done.</param>
    /// <param name="MayAdvance">Every row is settled, for everybody who follows now.</param>
    private readonly record struct Result(HashSet<string> Missing, DateTimeOffset UpTo, bool Applied, bool MayAdvance);
}
