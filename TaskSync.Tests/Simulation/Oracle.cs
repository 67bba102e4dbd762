using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulation;

/// <summary>
/// Watches what people do on both sides and says afterwards what must be true. It knows nothing of the engine: it counts tasks, compares values and
/// looks for every value that somebody typed.
/// </summary>
internal sealed class Oracle(SyncWorld world)
{
    /// <summary>How far the clock jumps at most while requests hang.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Story> _byRemote = [];
    private readonly Dictionary<Guid, Story> _byLocal = [];
    private readonly List<Story> _stories = [];
    private readonly HashSet<string?> _purged = [];
    private readonly HashSet<string> _reassigned = [];
    private readonly HashSet<string> _deletedUnseen = [];
    private readonly List<(string Id, string State)> _foreign = [];
    private readonly List<(DateTimeOffset From, DateTimeOffset Until)> _hanging = [];

    private DateTimeOffset Now => world.Time.GetUtcNow();

    /// <summary>Tasks of a user that no rep is connected as: nobody may touch them.</summary>
    public void Foreign(SimulatedTask task) => _foreign.Add((task.Id, StateOf(task)));

    public async Task CreatedHereAsync(SyncWorld.Rep rep, Guid id)
    {
        var task = await rep.TaskAsync(id);
        _stories.Add(_byLocal[id] = new Story(task.Subject!, rep.Id) { MaySync = task.Origin == TaskOrigin.HereWhileOn });
    }

    public void CreatedThere(SyncWorld.Rep rep, SimulatedTask task) => _stories.Add(_byRemote[task.Id] = new Story(task.Subject!, rep.Id));

    public void EditedHere(TaskItem task, TaskField field, string value) => Of(task)?.Edited(field, value, Now, here: true);

    public void EditedThere(SimulatedTask task, TaskField field, string value) => Of(task)?.Edited(field, value, Now, here: false);

    public void DeletedHere(TaskItem task) => Of(task)?.Deleted(Now, here: true);

    public void DeletedThere(SimulatedTask task)
    {
        Of(task)?.Deleted(Now, here: false);
        if (!world.Org.Options.QueryAllShowsForeignDeletions)
        {
            _deletedUnseen.Add(task.Id);
        }
    }

    public void RestoredHere(TaskItem task) => Of(task)?.Restored(Now);

    public void RestoredThere(SimulatedTask task) => Of(task)?.Restored(Now);

    public void Reassigned(SimulatedTask task)
    {
        _reassigned.Add(task.Id);
        if (Of(task) is { } story)
        {
            story.WasReassigned = true;
        }
    }

    /// <summary>A request hangs on the wire and is carried out after this time, over whatever has been edited meanwhile.</summary>
    public void Hangs(TimeSpan delay) => _hanging.Add((Now, Now + delay));

    /// <summary>Salesforce empties the recycle bin: what was in it is nobody's loss.</summary>
    public void Purged(IEnumerable<SimulatedTask> tasks) => _purged.UnionWith(tasks.SelectMany(t => new[] { t.Subject, t.Description, t.Status, t["CallDisposition"] as string }));

    /// <summary>The rep's sync went off or on, or somebody else was connected.</summary>
    public void Interrupted(SyncWorld.Rep rep)
    {
        foreach (var story in _stories.Where(s => s.Owner == rep.Id))
        {
            story.WasOff = true;
        }
    }

    /// <summary>Both lists are equal without the nightly audit, but for what somebody was given who may not see it.</summary>
    /// <param name="reps">Whose lists.</param>
    /// <param name="withDetails">False when Details was hidden for a while: that it is shown again the engine learns within a day.</param>
    public async Task CheckInStepAsync(IReadOnlyList<SyncWorld.Rep> reps, bool withDetails)
    {
        foreach (var rep in reps)
        {
            await EqualAsync(rep, [.. _reassigned, .. await DeletedHereOnlyAsync(rep)], withDetails);
        }
    }

    public async Task CheckAsync(IReadOnlyList<SyncWorld.Rep> reps)
    {
        foreach (var rep in reps)
        {
            await EqualAsync(rep, await DeletedHereOnlyAsync(rep), withDetails: true);
        }

        var history = await world.ReadAsync(db => db.History.AsNoTracking().ToListAsync());
        NothingTwice(history);
        NothingWithoutCause();
        await NothingLostAsync(history);
        await NewestWinsAsync();
    }

    /// <summary>
    /// Given to somebody unseen and back, or deleted where the rep's token does not show it and undeleted, and meanwhile, when it was here only, deleted here:
    /// that was a deletion here only.
    /// </summary>
    private async Task<HashSet<string>> DeletedHereOnlyAsync(SyncWorld.Rep rep)
    {
        var lost = await world.ReadAsync(db => db.Links.Where(l => l.ConnectionId == rep.ConnectionId && l.State == LinkState.Lost && l.Task!.RemovedAt != null).Select(l => l.SalesforceId!).ToListAsync());
        return [.. lost.Where(id => _reassigned.Contains(id) || _deletedUnseen.Contains(id))];
    }

    /// <summary>Every live task of a rep in Salesforce has exactly one counterpart in that rep's list, field for field, and the other way round.</summary>
    private static async Task EqualAsync(SyncWorld.Rep rep, HashSet<string> except, bool withDetails)
    {
        var here = (await rep.ListAsync()).Where(t => t.Link is { State: LinkState.Open } link && link.ConnectionId == rep.ConnectionId && !except.Contains(link.SalesforceId ?? "")).ToList();
        var there = rep.Remote().Where(t => !except.Contains(t.Id)).ToDictionary(t => t.Id);
        var known = here.Select(t => t.Link!.SalesforceId).ToHashSet();
        Assert.True(known.SetEquals(there.Keys) && known.Count == here.Count, $"{rep.User.Name}: only there: {string.Join(", ", there.Values.Where(t => !known.Contains(t.Id)))}; only here: "
            + string.Join(", ", here.Where(t => !there.ContainsKey(t.Link!.SalesforceId ?? "")).Select(t => t.Subject)));
        foreach (var task in here)
        {
            var row = there[task.Link!.SalesforceId!];
            Assert.Equal((row.Subject, row.ActivityDate, row.Status, row.Priority, row["CallDisposition"]), (task.Subject, task.DueDate, task.Status, task.Priority, task.CallResult));
            Assert.True(!withDetails || row.Description == task.Details, $"{row.Subject}: \"{row.Description}\" there, \"{task.Details}\" here.");
            Assert.Equal(row.IsClosed, task.IsCompleted);
        }

        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    /// <summary>
    /// No key was inserted twice and no text stands in two tasks, unless its history says that Salesforce's bin no longer had it and it was created anew;
    /// and what must stay here is not there.
    /// </summary>
    private void NothingTwice(List<HistoryEntry> history)
    {
        var everything = world.Org.Tasks(includeDeleted: true);
        var all = everything.Except(LandedLate(everything)).ToList();
        Assert.All(all.Where(t => t.Key is not null).GroupBy(t => t.Key).Where(same => !MayBeInvisible(same)), same => Assert.Single(same));
        var anew = history.Count(h => h.Note?.Contains("created there anew", StringComparison.Ordinal) == true);
        var twice = all.Where(t => t.Description?.StartsWith("details", StringComparison.Ordinal) == true)
            .GroupBy(t => t.Description).Where(same => !MayBeInvisible(same)).SelectMany(same => same.Skip(1)).ToList();
        Assert.True(twice.Count <= anew, $"These stand twice in Salesforce, only {anew} were created anew on purpose: {string.Join(", ", twice.Select(t => $"{t} {t.Description} by {t.CreatedById} at {t.CreatedDate:HH:mm:ss}"))}");
        var subjects = all.Select(t => t.Subject).ToHashSet();
        Assert.All(_stories.Where(s => !s.MaySync), local => Assert.DoesNotContain(local.Name, subjects));
    }

    /// <summary>
    /// Where the key is unique a create is repeated at once. If what the repetition made was deleted, the first request, which hung, may still be carried out: it
    /// makes the same task once more.
    /// </summary>
    private IEnumerable<SimulatedTask> LandedLate(IEnumerable<SimulatedTask> all)
    {
        var skew = world.Org.Options.TimeProvider.GetUtcNow() - Now;
        return all.Where(t => t.Key is not null && world.Org.Options.HasKeyField).GroupBy(t => t.Key).Where(same => same.Count(t => !t.IsDeleted) <= 1)
            .SelectMany(same => same.OrderBy(t => t.CreatedDate).Skip(1))
            .Where(t => _hanging.Any(request => t.CreatedDate - skew >= request.Until - ConflictPolicy.TooClose && t.CreatedDate - skew <= request.Until + LongestStep));
    }

    /// <summary>
    /// A create whose answer was lost cannot be found when, before it was looked up, somebody gave its task to a person whose tasks the rep does not see, or deleted
    /// it where the rep's token does not show what others deleted: no read of the rep's would tell. With the unique field Salesforce refuses a second one, unless
    /// the first is deleted.
    /// </summary>
    private bool MayBeInvisible(IEnumerable<SimulatedTask> same) => same.Any(t => _reassigned.Contains(t.Id) ? t.IsDeleted || !world.Org.Options.HasKeyField
        : t.IsDeleted && !world.Org.Options.QueryAllShowsForeignDeletions);

    /// <summary>Nobody else's tasks were touched, and nothing was deleted in Salesforce that nobody deleted here, be it that a deleted task was made once more.</summary>
    private void NothingWithoutCause()
    {
        Assert.All(_foreign, foreign => Assert.Equal(foreign.State, StateOf(world.Org.FindTask(foreign.Id)!)));
        Assert.True(world.Org.Calls.RowsDeleted <= _stories.Sum(s => s.DeletionsHere) + LandedLate(world.Org.Tasks(includeDeleted: true)).Count(), "More was deleted in Salesforce than anybody deleted here.");
    }

    /// <summary>Each value that somebody typed is somewhere: on a side, or in the history.</summary>
    private async Task NothingLostAsync(List<HistoryEntry> history)
    {
        var known = new HashSet<string?>(history.SelectMany(h => h.Changes).SelectMany(c => new[] { c.Before, c.After }));
        known.UnionWith(_purged);
        known.UnionWith((await world.ReadAsync(db => db.Tasks.AsNoTracking().ToListAsync())).SelectMany(t => new[] { t.Subject, t.Details, t.Status, t.CallResult }));
        known.UnionWith(world.Org.Tasks(includeDeleted: true).SelectMany(t => new[] { t.Subject, t.Description, t.Status, t["CallDisposition"] as string }));
        Assert.All(_stories.SelectMany(s => s.MustBeKept).Where(edit => !MayBeOverwritten(edit)), edit => Assert.Contains(edit.Value, known));
    }

    /// <summary>Made in Salesforce, or committed there (a long transaction takes up to ten minutes), while a request of ours hung that may have overwritten it before anybody could read it.</summary>
    private bool MayBeOverwritten(Story.Edit edit) => !edit.Here && _hanging.Any(request => edit.At <= request.Until
        && edit.At + (edit.Value.StartsWith("late", StringComparison.Ordinal) ? TimeSpan.FromMinutes(10) : TimeSpan.Zero) >= request.From);

    /// <summary>The newest edit of a field is what both sides show, and what was deleted last and touched by nobody since is gone.</summary>
    private async Task NewestWinsAsync()
    {
        var links = await world.ReadAsync(db => db.Links.AsNoTracking().Include(l => l.Task).ToListAsync());
        foreach (var link in links.Where(l => l.State == LinkState.Open))
        {
            if (Find(link) is not { MaySync: true, WasOff: false, WasReassigned: false } story)
            {
                continue;
            }

            Assert.True(!story.EndsDeleted || link.Task!.RemovedAt is not null, $"{story.Name} was deleted last and came back.");
            Assert.True(!story.NeverDeleted || link.Task!.RemovedAt is null, $"{story.Name} was deleted by nobody and is gone.");
            if (link.Task!.RemovedAt is not null)
            {
                continue;
            }

            Assert.All(story.Newest, edit => Assert.Equal(edit.Value, link.Task.Values[edit.Field]));
        }
    }

    private static string StateOf(SimulatedTask task) => $"{task.Subject}|{task.Status}|{task.Priority}|{task.Description}|{task["CallDisposition"]}|{task.ActivityDate}|{task.OwnerId}|{task.IsDeleted}|{task.SystemModstamp:O}";

    private Story? Of(TaskItem task)
    {
        if (!_byLocal.TryGetValue(task.Id, out var story) && task.Link?.SalesforceId is { } remote && _byRemote.TryGetValue(remote, out story))
        {
            _byLocal[task.Id] = story;
        }

        return story;
    }

    private Story? Of(SimulatedTask task)
    {
        if (_byRemote.TryGetValue(task.Id, out var story))
        {
            return story;
        }

        // Made here. By the key as well, which is there before the answer to the create was stored.
        using var db = world.Database.CreateDbContext();
        var link = db.Links.AsNoTracking().FirstOrDefault(l => l.SalesforceId == task.Id || (task.Key != null && l.Key == task.Key));
        return link is not null && _byLocal.TryGetValue(link.TaskId, out story) ? _byRemote[task.Id] = story : null;
    }

    private Story? Find(TaskLink link) =>
        _byLocal.TryGetValue(link.TaskId, out var story) || (link.SalesforceId is { } remote && _byRemote.TryGetValue(remote, out story)) ? story : null;
}
