using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Instances;

/// <summary>Reps who work on both sides all the time, each task on one side, so that it is known what must be on both in the end.</summary>
internal sealed class BusyReps(Fleet fleet, Random random)
{
    private readonly List<(Guid Person, SimulatedUser User)> _reps = [];
    private readonly List<Work> _works = [];
    private int _count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task JoinAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _reps.Add(await fleet.AddRepAsync($"Number{i}"));
        }
    }

    /// <summary>One rep does one thing.</summary>
    public async Task ActAsync()
    {
        var rep = _reps[random.Next(_reps.Count)];
        var open = _works.Where(work => work is { IsDeleted: false, IsDone: false } && work.Person == rep.Person).ToList();
        if (open.Count < 5 || random.Next(4) == 0)
        {
            await CreateAsync(rep.Person, rep.User, isHere: random.Next(2) == 0);
            return;
        }

        var work = open[random.Next(open.Count)];
        await (random.Next(6) switch
        {
            0 => CompleteAsync(work),
            1 => DeleteAsync(work),
            _ => EditAsync(work),
        });
    }

    /// <summary>Whether both sides have what they must, and nothing else.</summary>
    public async Task<bool> AreInStepAsync() => await DifferencesAsync() is [];

    /// <summary>What is not as it must be.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync()
    {
        string[] expected = [.. _works.Where(work => !work.IsDeleted).Select(work => $"{work.Person} {work.Subject} {work.IsDone}")];
        string[] there = [.. _reps.SelectMany(rep => fleet.Org.Tasks(rep.User.Id).Select(task => $"{rep.Person} {task.Subject} {task.IsClosed}"))];
        string[] here = [.. (await fleet.ReadAsync(db => db.Tasks.Where(t => t.RemovedAt == null).Select(t => new { t.PersonId, t.Subject, t.IsCompleted }).ToListAsync(Token))).Select(t => $"{t.PersonId} {t.Subject} {t.IsCompleted}")];
        return
        [
            .. expected.Except(there).Select(line => $"not in Salesforce: {line}"),
            .. there.Except(expected).Select(line => $"in Salesforce: {line}"),
            .. expected.Except(here).Select(line => $"not here: {line}"),
            .. here.Except(expected).Select(line => $"here: {line}"),
            .. there.GroupBy(line => line).Where(same => same.Count() > 1).Select(same => $"twice in Salesforce: {same.Key}"),
            .. here.GroupBy(line => line).Where(same => same.Count() > 1).Select(same => $"twice here: {same.Key}"),
        ];
    }

    /// <summary>What is known of the tasks that are not in step, and who serves which shard: for whoever looks into a failure.</summary>
    public async Task<string> ExplainAsync()
    {
        var subjects = (await DifferencesAsync()).Select(line => line.Split(' ').First(word => word.StartsWith("here", StringComparison.Ordinal) || word.StartsWith("there", StringComparison.Ordinal)) + " ").ToHashSet();
        return await fleet.ReadAsync(async db =>
        {
            var links = await db.Links.AsNoTracking().Include(l => l.Task).Where(l => l.Task!.Subject != null).ToListAsync(Token);
            var pending = await db.PendingWrites.AsNoTracking().ToListAsync(Token);
            var odd = links.Where(link => subjects.Contains(link.Task!.Subject!.Split(' ')[0] + " ")).Select(link => JsonSerializer.Serialize(new { link.Task!.Subject, link.Task.IsCompleted, link.Task.Revision, link.BaseJson, link.AttemptsJson, link.SalesforceId, link.ConnectionId, Pending = pending.Find(p => p.TaskId == link.TaskId) }));
            var fences = (await db.Fences.AsNoTracking().ToListAsync(Token)).Select(fence => JsonSerializer.Serialize(fence));
            var connections = (await db.Connections.AsNoTracking().ToListAsync(Token)).Select(c => $"{c.Id} shard {c.Shard} {c.BackOffUntil} {c.BackOffReason}");
            return string.Join('\n', [.. odd, .. fences, .. connections]);
        });
    }

    /// <summary>Names of tasks that were made more than once in Salesforce, those included that are deleted.</summary>
    public IReadOnlyList<string> MadeTwice() =>
        [.. fleet.Org.Tasks(includeDeleted: true).GroupBy(task => task.Subject?.Split(' ')[0]).Where(same => same.Count() > 1).Select(same => same.Key ?? "")];

    private async Task CreateAsync(Guid person, SimulatedUser user, bool isHere)
    {
        var work = new Work(person, user, isHere) { Subject = $"{(isHere ? "here" : "there")}{++_count} v0" };
        if (isHere)
        {
            work.Here = Assert.IsType<TaskResult.Saved>(await fleet.Get<TaskService>().CreateAsync(person, new TaskDraft { Subject = work.Subject }, Token)).Id;
        }
        else
        {
            work.There = fleet.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = work.Subject }, asUser: user.Id).Id;
        }

        _works.Add(work);
    }

    private async Task EditAsync(Work work)
    {
        var subject = $"{work.Subject.Split(' ')[0]} v{++_count}";
        if (work.IsHere)
        {
            var loaded = new TaskDraft { Subject = work.Subject };
            Assert.IsType<TaskResult.Saved>(await fleet.Get<TaskService>().EditAsync(work.Person, work.Here, loaded, loaded with { Subject = subject }, Token));
        }
        else
        {
            fleet.Org.UpdateTask(work.There, new FieldValues { ["Subject"] = subject }, asUser: work.User.Id);
        }

        work.Subject = subject;
    }

    private async Task CompleteAsync(Work work)
    {
        if (work.IsHere)
        {
            await fleet.Get<TaskService>().CompleteAsync(work.Person, [work.Here], Token);
        }
        else
        {
            fleet.Org.CompleteTask(work.There, work.User.Id);
        }

        work.IsDone = true;
    }

    private async Task DeleteAsync(Work work)
    {
        if (work.IsHere && _works.Count(other => other is { IsHere: true, IsDeleted: true } && other.Person == work.Person) >= DeleteBrake.MostTasks)
        {
            // More of them would be asked about (S10).
            return;
        }

        if (work.IsHere)
        {
            await fleet.Get<TaskService>().DeleteAsync(work.Person, [work.Here], Token);
        }
        else
        {
            fleet.Org.DeleteTask(work.There, work.User.Id);
        }

        work.IsDeleted = true;
    }

    private sealed class Work(Guid person, SimulatedUser user, bool isHere)
    {
        public Guid Person { get; } = person;

        public SimulatedUser User { get; } = user;

        public bool IsHere { get; } = isHere;

        public Guid Here { get; set; }

        public string There { get; set; } = "";

        public required string Subject { get; set; }

        public bool IsDone { get; set; }

        public bool IsDeleted { get; set; }
    }
}
