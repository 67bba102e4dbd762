using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>
/// One connection's work: asks the agenda what comes next, does it, and asks again until it says to rest. Reads are applied before the next call is made,
/// so observations of one connection cannot overtake each other.
/// </summary>
public sealed class ConnectionCycle(
    IDbContextFactory<TaskSyncDb> databases, SyncContexts contexts, CycleTerms terms, CycleDuties duties, CycleStates states, ReaderRoster roster)
{
    /// <summary>Duties in a row that brought no progress before the connection backs off.</summary>
    private const int MostFruitless = 3;

    /// <summary>Does everything that is due for the connection. One cycle of a connection at a time: a second one returns at once.</summary>
    /// <param name="connectionId">Which one.</param>
    /// <param name="pulse">What is remembered of it.</param>
    /// <param name="yields">Whether others wait for their turn: a page of an import is then followed by them.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    /// <returns>When there is something to do next (UTC), or null when nothing will be until somebody rings.</returns>
    internal async Task<DateTimeOffset?> RunAsync(Guid connectionId, ConnectionPulse pulse, Func<bool> yields, CancellationToken cancellationToken)
    {
        if (!pulse.TryEnter())
        {
            return terms.SoonAgain;
        }

        try
        {
            return await RunUntilQuietAsync(connectionId, pulse, yields, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return await states.UnexpectedAsync(e, connectionId, pulse, cancellationToken);
        }
        finally
        {
            await pulse.DropPageAsync();
            pulse.Leave();
        }
    }

    private async Task<DateTimeOffset?> RunUntilQuietAsync(Guid connectionId, ConnectionPulse pulse, Func<bool> yields, CancellationToken cancellationToken)
    {
        SyncContext? context = null;
        pulse.Last = null;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (before, now) = (context, terms.Now);
                context = await contexts.OpenAsync(connectionId, cancellationToken);
                if (context is null)
                {
                    await (before is null ? Task.CompletedTask : duties.FinishAsync(before, pulse, cancellationToken));
                    return await states.BackingOffUntilAsync(connectionId, now, cancellationToken);
                }

                pulse.IsCrowded = yields();
                if (await StepAsync(context, pulse, cancellationToken) is { } rest)
                {
                    return rest.Until;
                }

                if (pulse.Last is Duty.ImportPage && yields())
                {
                    return terms.Now;
                }
            }
        }
        catch (SyncStoppedException)
        {
            return null;
        }
        catch (FenceLostException)
        {
            states.LogFenceLost(connectionId);
            return null;
        }
        catch (SalesforceCallException e) when (context is not null)
        {
            return await states.FailedAsync(context, pulse, e.Failure, cancellationToken);
        }
    }

    /// <summary>Does the next duty.</summary>
    /// <returns>Until when to rest; null when the agenda is to be asked again.</returns>
    private async Task<Duty.Rest?> StepAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        if (await terms.StoppedUntilAsync(context, cancellationToken) is { } stopped)
        {
            return new Duty.Rest(stopped);
        }

        pulse.Hold(context.Fence);
        var facts = await CycleFacts.ReadAsync(databases, roster, context, cancellationToken);
        pulse.WriteDueAt = facts.WriteDueAt;
        if (facts.Standing.Follows)
        {
            // Should the reader stand down, the cursor it leaves counts, and it is read at once.
            (pulse.FastReached, pulse.NextPollAt) = (default, default);
        }

        var now = await terms.OfAsync(context, pulse, cancellationToken);
        var duty = Agenda.Next(facts, now);
        if (duty is Duty.Rest rest)
        {
            return await RestAsync(rest, context, facts, pulse, cancellationToken);
        }

        if (duty is Duty.Audit { Reason: AuditReason.RestoredBackup })
        {
            states.LogRestored(context.ConnectionId);
        }

        var progress = duty is Duty.Join ? await JoinAsync(context, pulse, cancellationToken) : await duties.DoAsync(duty, context, now, cancellationToken);
        pulse.Last = duty;
        pulse.Fruitless = progress switch { Progress.Made => 0, Progress.None => pulse.Fruitless + 1, _ => pulse.Fruitless };
        if (progress == Progress.Quiet && Agenda.Next(facts, await terms.OfAsync(context, pulse, cancellationToken)) is Duty.Rest quiet)
        {
            // Whoever edits meanwhile rings.
            return await RestAsync(quiet, context, facts, pulse, cancellationToken);
        }

        return progress == Progress.None && pulse.Fruitless >= MostFruitless
            ? new Duty.Rest(await states.FruitlessAsync(context, pulse.Fruitless - MostFruitless + 1, duty, cancellationToken))
            : null;
    }

    private async Task<Duty.Rest> RestAsync(Duty.Rest rest, SyncContext context, CycleFacts facts, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        // What was read ahead is not the newest sight after a rest.
        pulse.Ahead = null;
        await states.SucceededAsync(context, facts.Standing, pulse, cancellationToken);
        return rest;
    }

    private async Task<Progress> JoinAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        await roster.JoinAsync(context, pulse.FastReached, cancellationToken);
        return Progress.Some;
    }
}
