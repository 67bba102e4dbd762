using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Tests.Engine;

namespace TaskSync.Tests.Simulation;

/// <summary>
/// Watches what people do on both sides and says afterwards what must be true. It knows nothing of the engine: it counts tasks, compares values and
/// looks for every value that somebody typed.
/// </summary>
public sealed class Oracle(SyncWorld world)
{
    private readonly Dictionary<string, Story> _byRemote = [];
    private readonly Dictionary<Guid, Story> _byLocal = [];
    private readonly List<Story> _stories = [];

    public async Task CreatedHereAsync(SyncWorld.Rep rep, Guid id)
    {
        var task = await rep.TaskAsync(id);
        var story = Begin(task.Subject!);
        story.MaySync = task.Origin == TaskOrigin.HereWhileOn;
        _byLocal[id] = story;
    }

    public void CreatedThere(SimulatedTask task) => _byRemote[task.Id] = Begin(task.Subject!);

    public void EditedHere(Guid id, TaskField field, string token) => Local(id)?.Edits.Add(new Edit(field, token, Now, Here: true));

    public void EditedThere(string id, TaskField field, string token) => Remote(id)?.Edits.Add(new Edit(field, token, Now, Here: false));

    public void DeletedHere(Guid id) => Local(id)?.Deletions.Add((Now, true));

    public void DeletedThere(string id) => Remote(id)?.Deletions.Add((Now, false));

    public void RestoredHere(Guid id) => Local(id)?.Restores.Add(Now);

    public void RestoredThere(string id) => Remote(id)?.Restores.Add(Now);

    public void Reassigned(string id)
    {
        if (Remote(id) is { } story)
        {
            story.WasReassigned = true;
        }
    }

    public void Switched(SyncWorld.Rep rep, bool on)
    {
        // While a rep is off, a deletion there beats an edit here (F6): such stories are judged by equality alone.
        foreach (var story in _stories)
        {
            story.WasOff = true;
        }
    }

    public async Task CheckAsync(IReadOnlyList<SyncWorld.Rep> reps)
    {
        await EqualAsync(reps);
        NothingTwice();
        await NothingLostAsync();
        await NewestWinsAsync();
    }

    /// <summary>Every live task of a rep in Salesforce has exactly one counterpart in that rep's list, field for field, and the other way round.</summary>
    private static async Task EqualAsync(IReadOnlyList<SyncWorld.Rep> reps)
    {
        foreach (var rep in reps)
        {
            var here = (await rep.ListAsync()).Where(t => t.Link is { State: LinkState.Open } link && link.ConnectionId == rep.ConnectionId).ToList();
            var there = rep.Remote().ToDictionary(t => t.Id);
            Assert.Equal(there.Keys.Order(), here.Select(t => t.Link!.SalesforceId).Order());
            foreach (var task in here)
            {
                var row = there[task.Link!.SalesforceId!];
                Assert.Equal((row.Subject, row.ActivityDate, row.Status, row.Priority, row.Description), (task.Subject, task.DueDate, task.Status, task.Priority, task.Details));
                Assert.Equal(row.IsClosed, task.IsCompleted);
            }

            Assert.Equal(0, await rep.WaitingAsync());
            Assert.Empty(await rep.ProblemsAsync());
        }
    }

    /// <summary>No key was inserted twice, and what must stay here is not there.</summary>
    private void NothingTwice()
    {
        var all = world.Org.Tasks(includeDeleted: true);
        Assert.All(all.Where(t => t.Key is not null).GroupBy(t => t.Key), same => Assert.Single(same));
        var details = all.Where(t => t.Description?.StartsWith("details", StringComparison.Ordinal) == true).GroupBy(t => t.Description);
        Assert.All(details, same => Assert.Single(same));
        foreach (var local in _stories.Where(s => !s.MaySync))
        {
            Assert.DoesNotContain(all, t => t.Subject == local.Name);
        }
    }

    /// <summary>Each value that somebody typed is somewhere: on a side, or in the history.</summary>
    private async Task NothingLostAsync()
    {
        var history = await world.ReadAsync(db => db.History.AsNoTracking().ToListAsync());
        var known = new HashSet<string?>(history.SelectMany(h => h.Changes).SelectMany(c => new[] { c.Before, c.After }));
        var tasks = await world.ReadAsync(db => db.Tasks.AsNoTracking().ToListAsync());
        known.UnionWith(tasks.SelectMany(t => new[] { t.Subject, t.Details }));
        known.UnionWith(world.Org.Tasks(includeDeleted: true).SelectMany(t => new[] { t.Subject, t.Description }));
        foreach (var story in _stories)
        {
            // Of several edits there, only the last of a field may not be lost: the others were overwritten there.
            var kept = story.Edits.Where(e => e.Here).Concat(story.Edits.Where(e => !e.Here).GroupBy(e => e.Field).Select(g => g.Last()));
            Assert.All(kept, edit => Assert.Contains(edit.Token, known));
        }
    }

    /// <summary>The newest edit of a field is what both sides show, and what was deleted last and touched by nobody since is gone.</summary>
    private async Task NewestWinsAsync()
    {
        var links = await world.ReadAsync(db => db.Links.AsNoTracking().Include(l => l.Task).ToListAsync());
        foreach (var story in _stories.Where(s => s is { MaySync: true, WasOff: false, WasReassigned: false }))
        {
            var id = _byLocal.FirstOrDefault(pair => pair.Value == story).Key;
            var remoteId = _byRemote.FirstOrDefault(pair => pair.Value == story).Key;
            var link = links.FirstOrDefault(l => (id != default && l.TaskId == id) || (remoteId is not null && l.SalesforceId == remoteId));
            if (link is null)
            {
                continue;
            }

            var lastDeletion = story.Deletions.Select(d => (DateTimeOffset?)d.At).Max();
            var lastLife = story.Edits.Select(e => (DateTimeOffset?)e.At).Concat(story.Restores.Select(r => (DateTimeOffset?)r)).Max();
            if (lastDeletion is not null && (lastLife is null || lastLife < lastDeletion))
            {
                Assert.True(link.Task!.RemovedAt is not null, $"{story.Name} was deleted last and came back.");
            }

            if (story.Deletions.Count == 0)
            {
                Assert.True(link.Task!.RemovedAt is null, $"{story.Name} was deleted by nobody and is gone.");
                foreach (var edits in story.Edits.GroupBy(e => e.Field))
                {
                    var newest = edits.Last();
                    if (!newest.Here || !story.Edits.Any(e => !e.Here && e.At > newest.At))
                    {
                        Assert.Equal(newest.Token, edits.Key == TaskField.Subject ? link.Task.Subject : link.Task.Details);
                    }
                }
            }
        }
    }

    private DateTimeOffset Now => world.Time.GetUtcNow();

    private Story Begin(string name)
    {
        var story = new Story(name);
        _stories.Add(story);
        return story;
    }

    private Story? Local(Guid id)
    {
        if (_byLocal.TryGetValue(id, out var story))
        {
            return story;
        }

        using var db = world.Database.CreateDbContext();
        var link = db.Links.AsNoTracking().FirstOrDefault(l => l.TaskId == id);
        if (link?.SalesforceId is { } remote && _byRemote.TryGetValue(remote, out story))
        {
            _byLocal[id] = story;
        }

        return story;
    }

    private Story? Remote(string id)
    {
        if (_byRemote.TryGetValue(id, out var story))
        {
            return story;
        }

        // By the key, which is there before the answer to the create was stored.
        using var db = world.Database.CreateDbContext();
        var key = world.Org.FindTask(id)?.Key;
        var link = db.Links.AsNoTracking().FirstOrDefault(l => l.SalesforceId == id || (key != null && l.Key == key));
        if (link is not null && _byLocal.TryGetValue(link.TaskId, out story))
        {
            _byRemote[id] = story;
        }

        return story;
    }

    private sealed record Edit(TaskField Field, string Token, DateTimeOffset At, bool Here);

    private sealed class Story(string name)
    {
        public string Name => name;

        public bool MaySync { get; set; } = true;

        public bool WasOff { get; set; }

        public bool WasReassigned { get; set; }

        public List<Edit> Edits { get; } = [];

        public List<(DateTimeOffset At, bool Here)> Deletions { get; } = [];

        public List<DateTimeOffset> Restores { get; } = [];
    }
}
