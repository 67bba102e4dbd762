using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Gives a demo person a believable list to begin with.</summary>
public sealed class DemoTasks(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    private static readonly string[] People = ["Ana Ruiz", "Tom Becker", "Priya Nair", "Luc Martin", "Mia Jansen", "Sam Okafor"];
    private static readonly string[] Companies = ["Northwind", "Alpine Labs", "Bluefin Logistics", "Cedar Health", "Delta Foods", "Everett & Sons"];

    /// <summary>Adds local tasks once: a person who has, or ever had, any task gets none.</summary>
    public async Task SeedAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { } rep || await db.Tasks.AnyAsync(t => t.PersonId == personId, cancellationToken))
        {
            return;
        }

        foreach (var task in Tasks(rep, clock.GetUtcNow()))
        {
            db.Tasks.Add(task);
            db.History.Add(new HistoryEntry { TaskId = task.Id, PersonId = personId, At = task.CreatedAt, Side = TaskSide.TaskSync, Kind = HistoryKind.Created, Actor = rep.Person.Name });
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static IEnumerable<TaskItem> Tasks(Rep rep, DateTimeOffset now)
    {
        var time = rep.Time(now);

        // Everybody gets the same kinds of tasks, with other people and companies.
        var turn = rep.Person.SubjectId.Sum(letter => letter);
        string Who(int i) => People[(turn + i) % People.Length];
        string What(int i) => Companies[(turn + i) % Companies.Length];

        yield return Noted(New($"Call {Who(0)} about the renewal", 0, "Call", "High", reminderHour: 15), "Contract ends this quarter. Ask about the two new sites.");
        yield return New($"Send {What(0)} the revised quote", 0, "Email", "High");
        yield return Noted(New($"Prepare the demo for {What(1)}", 1, "Custom"), "Focus on reporting; they know the basics.");
        yield return New($"Follow up with {Who(1)}", 1, "Email");
        yield return New($"Quarterly review with {What(2)}", 4, "Custom", reminderHour: 9);
        yield return New($"Connect with {Who(2)}", null, "InMail", "Low");
        yield return New($"Ask {Who(3)} for a reference", -2, "Call");
        var done = New($"Thank {Who(4)} for the visit", -1, "Email");
        done.Status = rep.Schema.ClosedStatus;
        done.IsCompleted = true;
        done.CompletedAt = now.AddHours(-20);
        yield return done;

        static TaskItem Noted(TaskItem task, string details)
        {
            task.Details = details;
            return task;
        }

        TaskItem New(string subject, int? days, string type, string? priority = null, int? reminderHour = null) => new()
        {
            PersonId = rep.Person.Id,
            Subject = subject,
            DueDate = days is { } fromToday ? time.Today.AddDays(fromToday) : null,
            Status = rep.Schema.OpenStatus,
            Priority = priority ?? rep.Schema.NormalPriority,
            Type = type,
            ReminderAt = reminderHour is { } hour ? time.Instant(time.Today.AddDays(days ?? 0).ToDateTime(new TimeOnly(hour, 0))) : null,
            Origin = TaskOrigin.HereWhileOff,
            CreatedAt = now.AddDays(-3),
            UpdatedAt = now.AddDays(-3),
        };
    }
}
