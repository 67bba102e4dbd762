using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Web.Security;

/// <summary>Makes sure that whoever signs in has a Person row.</summary>
public sealed class PeopleAtSignIn(IDbContextFactory<TaskSyncDb> databases, TimeProvider time)
{
    public async Task<Guid> EnsureAsync(string subjectId, string name, string? email, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var person = await db.People.FirstOrDefaultAsync(p => p.SubjectId == subjectId, cancellationToken);
        if (person is null)
        {
            db.People.Add(person = new Person { SubjectId = subjectId, Name = name, Email = email, CreatedAt = time.GetUtcNow() });
        }

        (person.Name, person.Email) = (name, email);
        await db.SaveChangesAsync(cancellationToken);
        return person.Id;
    }

    public Task SeedDemoTasksAsync(Guid personId, CancellationToken cancellationToken) => Task.CompletedTask;
}
