using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Connections;

/// <summary>
/// "Test end to end": creates, finds, edits, completes and deletes one marked task through the real API and tells how long each step took.
/// What may be left behind is stored before the first call; it is cleaned up at the end, at the next run, and every few minutes until it is gone.
/// </summary>
public sealed partial class EndToEndTest(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ClockOffset clocks, TimeProvider time, IOptions<SyncOptions> options, ILogger<EndToEndTest> logger)
{
    /// <summary>The organizations with a test or a clean-up under way: the calls of one org keep no other org waiting.</summary>
    private readonly ConcurrentDictionary<string, byte> _busy = new(StringComparer.Ordinal);

    /// <summary>Allows the test for an org, or forbids it; nothing happens where nobody is connected with it.</summary>
    public async Task AllowAsync(Actor admin, string organizationId, bool allowed, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Connections.AnyAsync(c => c.OrganizationId == organizationId, cancellationToken))
        {
            return;
        }

        var test = await FindAsync(db, organizationId, cancellationToken);
        (test.IsAllowed, test.AllowedBy) = (allowed, admin.Name);
        await db.SaveChangesAsync(cancellationToken);
        LogAllowed(organizationId, allowed);
    }

    /// <summary>Runs the test as the admin's own Salesforce user, else as the org's reader.</summary>
    /// <returns>Null when it ran (see the stored result); else why it did not, in words.</returns>
    public async Task<string?> RunAsync(Actor admin, string organizationId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        if (!_busy.TryAdd(organizationId, 0))
        {
            return "A test is running already.";
        }

        try
        {
            await CleanUpAsync(organizationId, admin.Id, cancellationToken);
            return await RunNextAsync(organizationId, admin.Id, cancellationToken);
        }
        finally
        {
            _busy.TryRemove(organizationId, out _);
        }
    }

    /// <summary>Removes what runs that were interrupted, by a fault or by a restart, left in the orgs.</summary>
    public async Task CleanUpAllAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var organization in await db.OrgTests.Where(t => t.MustCleanUp).Select(t => t.OrganizationId).ToListAsync(cancellationToken))
        {
            if (!_busy.TryAdd(organization, 0))
            {
                continue;
            }

            try
            {
                await CleanUpAsync(organization, personId: null, cancellationToken);
            }
            finally
            {
                _busy.TryRemove(organization, out _);
            }
        }
    }

    private async Task<string?> RunNextAsync(string organizationId, Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var test = await FindAsync(db, organizationId, cancellationToken);
        if (!test.IsAllowed)
        {
            return "The test is not allowed for this organization.";
        }

        if (test.MustCleanUp)
        {
            return "The task of the last test could not be removed yet; it is tried again every few minutes.";
        }

        var connection = await db.Connections.AsNoTracking()
            .Where(c => c.OrganizationId == organizationId && c.State == ConnectionState.Active && (c.PersonId == personId || c.Kind == ConnectionKind.Reader))
            .OrderBy(c => c.Kind).FirstOrDefaultAsync(cancellationToken);
        if (connection is null)
        {
            return "Connect yourself with this organization on Settings first, or set up a reader: the test needs a sign-in.";
        }

        // Not spelt like the key of a rep's task: the sync must not take it for a create that it has forgotten.
        test.Marker = $"TST-{Guid.NewGuid():N}";
        (test.SalesforceId, test.ConnectionId, test.StartedAt, test.FinishedAt, test.MustCleanUp) = (null, connection.Id, time.GetUtcNow(), null, true);
        test.Result = [];
        await db.SaveChangesAsync(cancellationToken);
        var steps = new Steps(time);
        await StepsAsync(db, test, connection, steps, cancellationToken);
        test.Result = steps.Done;
        test.FinishedAt = time.GetUtcNow();
        await db.SaveChangesAsync(CancellationToken.None);
        await CleanUpAsync(organizationId, personId, CancellationToken.None);
        return null;
    }

    private async Task StepsAsync(TaskSyncDb db, OrgTest test, Connection connection, Steps steps, CancellationToken cancellationToken)
    {
        var (caller, schema) = (Caller.Unasked(connection.Id), connection.Schema);
        var subject = Subject(test);
        var values = TaskValues.Unknown.With(TaskField.Subject, subject).With(TaskField.Status, schema.OpenStatus).With(TaskField.Priority, schema.NormalPriority)
            .With(TaskField.DueDate, TaskValues.Text(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)));
        await steps.RunAsync("Create", async () => test.SalesforceId = Written(await api.CreateAsync(caller, [new NewTask(test.Marker!, values)], cancellationToken)));
        await db.SaveChangesAsync(CancellationToken.None);
        if (test.SalesforceId is not { } task)
        {
            return;
        }

        await steps.RunAsync("Find it by a query of what changed", async () =>
        {
            // In Salesforce's time, which its answer to the create has told.
            var since = test.StartedAt!.Value.AddMinutes(-10) + (clocks.OffsetOf(connection.OrganizationId) ?? TimeSpan.Zero);
            var page = await api.QueryTasksAsync(caller, ApiPurpose.Read, TaskQuery.JustChanged(connection.UserId, since), cancellationToken);
            Demand(page.Tasks.Any(t => t.Id == task && t.Values[TaskField.Subject] == subject), "The query did not show it.");
        });
        await steps.RunAsync("Edit", async () => Written(await api.UpdateAsync(caller, [new TaskChange(task, TaskValues.Unknown.With(TaskField.Subject, subject + " (edited)"))], cancellationToken)));
        await steps.RunAsync("Read the edit", async () =>
            Demand((await ReadAsync(caller, task, cancellationToken))?.Values[TaskField.Subject] == subject + " (edited)", "The subject is not what was written: something in the organization changed it."));
        await steps.RunAsync("Complete", async () => Written(await api.UpdateAsync(caller, [new TaskChange(task, TaskValues.Unknown.With(TaskField.Status, schema.ClosedStatus))], cancellationToken)));
        await steps.RunAsync("See it closed", async () => Demand((await ReadAsync(caller, task, cancellationToken))?.IsClosed == true, $"It is not closed after Status was set to {schema.ClosedStatus}."));
        await steps.RunAsync("Delete", async () => Deleted(await api.DeleteAsync(caller, [task], cancellationToken)));
        await steps.RunAsync("See it gone", async () => Demand(await ReadAsync(caller, task, cancellationToken) is null or { IsDeleted: true }, "It is still there after it was deleted."));
    }

    private async Task<RemoteTask?> ReadAsync(Caller caller, string task, CancellationToken cancellationToken) =>
        await api.TasksByIdAsync(caller, ApiPurpose.Read, [task], cancellationToken) is [var row, ..] ? row : null;

    /// <summary>
    /// Has the task removed by whoever may: the sign-in that made it, another one of the same Salesforce user, the person who asks, or the reader.
    /// Where none of them may, that is said, and the organization is free for the next test.
    /// </summary>
    private async Task CleanUpAsync(string organizationId, Guid? personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var test = await FindAsync(db, organizationId, cancellationToken);
        if (!test.MustCleanUp || test.ConnectionId is not { } used)
        {
            return;
        }

        // A create of unknown outcome may still appear: until it no longer can, it is looked for again.
        var mayAppear = time.GetUtcNow() < test.StartedAt + options.Value.UnknownOutcomeWait && !NeverCreated(test);
        var maker = await db.Connections.Where(c => c.Id == used).Select(c => c.UserId).FirstOrDefaultAsync(cancellationToken);
        var left = Left.NotOurs;
        foreach (var connection in await db.Connections.AsNoTracking()
            .Where(c => c.OrganizationId == organizationId && c.State == ConnectionState.Active && (c.UserId == maker || c.PersonId == personId || c.Kind == ConnectionKind.Reader))
            .OrderByDescending(c => c.Id == used).ThenByDescending(c => c.UserId == maker).ThenBy(c => c.Kind).ToListAsync(cancellationToken))
        {
            left = await RemoveAsync(Caller.Unasked(connection.Id), test.Marker!, cancellationToken);
            if (left == Left.NotSeen)
            {
                left = connection.UserId != maker ? Left.NotOurs : mayAppear ? Left.TryLater : Left.Nothing;
            }

            if (left != Left.NotOurs)
            {
                break;
            }
        }

        if (left == Left.Nothing || (left == Left.NotOurs && !mayAppear))
        {
            LetGo(test, left);
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Deletes what bears the marker, as far as this sign-in sees it and may.</summary>
    private async Task<Left> RemoveAsync(Caller caller, string marker, CancellationToken cancellationToken)
    {
        try
        {
            var rows = (await api.QueryTasksAsync(caller, ApiPurpose.Read, TaskQuery.SubjectContains(marker), cancellationToken)).Tasks;
            List<string> live = [.. rows.Where(t => !t.IsDeleted).Select(t => t.Id)];
            IReadOnlyList<WriteOutcome> outcomes = live.Count == 0 ? [] : await api.DeleteAsync(caller, live, cancellationToken);
            return rows.Count == 0 ? Left.NotSeen
                : outcomes.Any(o => o is WriteOutcome.Rejected) ? Left.NotOurs
                : outcomes.All(o => o is WriteOutcome.Written or WriteOutcome.Gone) ? Left.Nothing : Left.TryLater;
        }
        catch (SalesforceCallException e)
        {
            LogNotCleaned(e);
            return e.Failure.Class is FailureClass.Auth or FailureClass.AccessOrValidation ? Left.NotOurs : Left.TryLater;
        }
    }

    private void LetGo(OrgTest test, Left left)
    {
        test.MustCleanUp = false;
        if (left == Left.NotOurs)
        {
            test.FinishedAt ??= time.GetUtcNow();
            test.Result =
            [
                .. test.Result,
                new OrgTestStep("Remove it afterwards", 0, $"TaskSync has no sign-in that may remove the task. If it is in Salesforce, remove it there: its subject holds {test.Marker}."),
            ];
            LogLetGo(test.OrganizationId);
        }
    }

    /// <summary>Salesforce itself refused the create: there is nothing to look for.</summary>
    private static bool NeverCreated(OrgTest test) => test is { SalesforceId: null, FinishedAt: not null } && test.Result is [{ Trouble: not null } create, ..] && create.Trouble.StartsWith(Refused, StringComparison.Ordinal);

    private const string Refused = "Salesforce refused: ";

    private static string Subject(OrgTest test) => $"TaskSync test, removed by itself {test.Marker}";

    private static string Written(IReadOnlyList<WriteOutcome> outcomes) => outcomes[0] switch
    {
        WriteOutcome.Written written => written.Id,
        WriteOutcome.Rejected { Error: var error } => throw new StepFailedException($"{Refused}{error.Message} ({error.Code})"),
        WriteOutcome.Deferred { Error: var error } => throw new StepFailedException($"{Refused}{error.Message} ({error.Code})"),
        _ => throw new StepFailedException("The task is gone, or not visible any more."),
    };

    private static void Deleted(IReadOnlyList<WriteOutcome> outcomes) => _ = outcomes[0] is WriteOutcome.Gone ? "" : Written(outcomes);

    private static void Demand(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new StepFailedException(otherwise);
        }
    }

    private static async Task<OrgTest> FindAsync(TaskSyncDb db, string organizationId, CancellationToken cancellationToken)
    {
        var test = await db.OrgTests.FirstOrDefaultAsync(t => t.OrganizationId == organizationId, cancellationToken);
        if (test is null)
        {
            test = new OrgTest { OrganizationId = organizationId };
            db.OrgTests.Add(test);
        }

        return test;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The end-to-end test of organization {OrganizationId} was allowed: {Allowed}")]
    private partial void LogAllowed(string organizationId, bool allowed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The task of an end-to-end test could not be removed yet.")]
    private partial void LogNotCleaned(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No sign-in may remove the task of an end-to-end test of organization {OrganizationId}: it is given up.")]
    private partial void LogLetGo(string organizationId);

    /// <summary>What a clean-up left in the org.</summary>
    private enum Left
    {
        /// <summary>The task is gone.</summary>
        Nothing,

        /// <summary>This sign-in sees no such task.</summary>
        NotSeen,

        /// <summary>This sign-in may not remove it.</summary>
        NotOurs,

        /// <summary>Salesforce could not say now.</summary>
        TryLater,
    }

    private sealed class StepFailedException(string words) : Exception(words);

    /// <summary>Times the steps; after one that failed the others are left out.</summary>
    private sealed class Steps(TimeProvider time)
    {
        public List<OrgTestStep> Done { get; } = [];

        public async Task RunAsync(string name, Func<Task> work)
        {
            if (Done.Any(step => step.Trouble is not null))
            {
                return;
            }

            var start = time.GetTimestamp();
            string? trouble = null;
            try
            {
                await work();
            }
            catch (StepFailedException e)
            {
                trouble = e.Message;
            }
            catch (SalesforceCallException e)
            {
                trouble = SalesforceErrors.Explain(e.Failure.Code, e.Failure.Message);
            }

            Done.Add(new OrgTestStep(name, (int)time.GetElapsedTime(start).TotalMilliseconds, trouble));
        }
    }
}
