using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads the page My sync, and what can be done there.</summary>
public sealed class MySyncQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, SyncDoorbell doorbell, ChangeFeed feed, AskedReads asked)
{
    /// <summary>How many lines of each list are shown.</summary>
    public const int MaxRows = 200;

    /// <summary>Null when there is no such person.</summary>
    public async Task<MySync?> LoadAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { } rep)
        {
            return null;
        }

        var time = rep.Time(clock.GetUtcNow());
        var runs = await db.Runs.AsNoTracking().Where(r => r.PersonId == personId).OrderByDescending(r => r.StartedAt).Take(MaxRows).ToListAsync(cancellationToken);
        return new MySync(
            time,
            [.. runs.Select(RunWords.Line)],
            await ProblemsAsync(db, personId, cancellationToken),
            await ConflictsAsync(db, personId, time, cancellationToken),
            await DeletedAsync(db, personId, time.Now, cancellationToken),
            await OnlyHereAsync(db, personId, cancellationToken));
    }

    /// <summary>Sends again what a problem holds up. False when there is no such problem of this person.</summary>
    public async Task<bool> RetryAsync(Guid personId, Guid problemId, CancellationToken cancellationToken)
    {
        var retried = await ProblemRetry.RunAsync(databases, clock, db => db.Problems.Where(p => p.Id == problemId && p.PersonId == personId), cancellationToken);
        retried.Announce(doorbell, feed);
        return retried.Problems > 0;
    }

    /// <summary>The person knows and lets it be: it no longer counts, and nothing is sent for it. False when there is no such problem of this person.</summary>
    public async Task<bool> IgnoreAsync(Guid personId, Guid problemId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Problems.SingleOrDefaultAsync(p => p.Id == problemId && p.PersonId == personId, cancellationToken) is not { } problem)
        {
            return false;
        }

        if (ProblemBook.Ignore(problem))
        {
            await db.SaveChangesAsync(cancellationToken);
            feed.Publish(personId);
        }

        return true;
    }

    /// <summary>Has Salesforce looked at for the person now.</summary>
    public async Task<AskedRead> SyncNowAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { IsSyncing: true, Connection: { } connection })
        {
            return AskedRead.Off;
        }

        return asked.Ask(await db.ReaderOfAsync(connection, cancellationToken));
    }

    private static async Task<IReadOnlyList<ProblemCard>> ProblemsAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        var rows = await db.Problems.AsNoTracking()
            .Where(p => p.PersonId == personId && p.State != ProblemState.Resolved)
            .OrderBy(p => p.State).ThenByDescending(p => p.LastSeenAt).Take(MaxRows)
            .LeftJoin(db.Tasks, p => p.TaskId, t => t.Id, (p, t) => new { Problem = p, t!.Subject })
            .ToListAsync(cancellationToken);
        var questions = rows.Where(row => row.Problem.Code == ProblemCodes.ManyDeleted).Select(row => row.Problem.Id).ToList();
        var deletions = (questions.Count == 0 ? [] : await db.PendingWrites.AsNoTracking()
            .Where(w => questions.Contains(w.ProblemId!.Value)).OrderBy(w => w.Link!.Task!.Subject)
            .Select(w => new { Question = w.ProblemId, w.Link!.Task!.Subject }).ToListAsync(cancellationToken)).ToLookup(w => w.Question, w => TaskTitle.Of(w.Subject));
        return [.. rows.Select(row => Cards.Of(row.Problem, row.Problem.TaskId is null ? null : TaskTitle.Of(row.Subject)) with
        {
            Deletions = row.Problem.Code == ProblemCodes.ManyDeleted ? [.. deletions[row.Problem.Id]] : null,
        })];
    }

    private static async Task<IReadOnlyList<ConflictCard>> ConflictsAsync(TaskSyncDb db, Guid personId, RepTime time, CancellationToken cancellationToken)
    {
        var rows = await db.Conflicts.AsNoTracking()
            .Where(c => c.PersonId == personId && c.SettledAt == null)
            .Join(db.Tasks.Where(t => t.RemovedAt == null), c => c.TaskId, t => t.Id, (c, t) => new { Conflict = c, t.Subject })
            .OrderByDescending(row => row.Conflict.At).Take(MaxRows).ToListAsync(cancellationToken);
        var records = rows.Select(row => row.Conflict).Where(c => c.Field.Entry().Kind == FieldKind.Record).SelectMany(c => new[] { c.OurValue, c.TheirValue });
        var words = await db.WordsAsync(personId, time.Zone, records, cancellationToken);
        return [.. rows.Select(row => Cards.Of(row.Conflict, TaskTitle.Of(row.Subject), words))];
    }

    private static async Task<IReadOnlyList<DeletedRow>> DeletedAsync(TaskSyncDb db, Guid personId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var oldest = now - SalesforceLimits.RecycleBin;
        var rows = await db.Tasks.AsNoTracking()
            .Include(t => t.Link)
            .Where(t => t.PersonId == personId && t.RemovedAt != null && (t.RemovedAt > oldest || t.Link!.GoneConfirmedAt > oldest
                || (t.Removal == Removal.DeletedHere && t.Link!.State == LinkState.Open && t.Link.SalesforceId != null && !t.Link.AgreedGone)))
            .OrderByDescending(t => t.RemovedAt).Take(MaxRows)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(Row)];

        DeletedRow Row(TaskItem task)
        {
            var (removal, until) = (task.Removal ?? Removal.DeletedHere, TaskService.RestorableUntil(task));
            return new DeletedRow(
                task.Id, TaskTitle.Of(task.Subject), task.RemovedAt!.Value, removal, Where(removal),
                until == DateTimeOffset.MaxValue ? null : (int)Math.Ceiling((until - now).TotalDays),
                removal is Removal.DeletedHere or Removal.DeletedInSalesforce && until > now);
        }

        static string Where(Removal removal) => removal switch
        {
            Removal.DeletedHere => "Deleted here",
            Removal.DeletedInSalesforce => "Deleted in Salesforce",
            _ => "Reassigned in Salesforce",
        };
    }

    private static async Task<IReadOnlyList<OnlyHereRow>> OnlyHereAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        var rows = await db.Tasks.AsNoTracking()
            .Where(t => t.PersonId == personId && t.RemovedAt == null && t.Link!.State == LinkState.Lost)
            .OrderBy(t => t.Subject).Take(MaxRows)
            .Select(t => new { t.Id, t.Subject, Note = db.History.Where(h => h.TaskId == t.Id && h.Kind == HistoryKind.Lost).OrderByDescending(h => h.At).ThenByDescending(h => h.Order).Select(h => h.Note).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        return [.. rows.Select(t => new OnlyHereRow(t.Id, TaskTitle.Of(t.Subject), t.Note ?? "No longer visible in Salesforce."))];
    }
}
