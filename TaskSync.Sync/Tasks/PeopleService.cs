using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Tasks;

/// <summary>Knows who signs in.</summary>
public sealed class PeopleService(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, ChangeFeed feed)
{
    private const int MaxName = 200;
    private const int MaxEmail = 320;

    /// <summary>Called at each sign-in: finds or adds the person, and keeps name and address fresh. Safe when called twice at once.</summary>
    /// <param name="subjectId">Who it is for the identity provider, or the demo name; at most 200 characters.</param>
    /// <param name="name">Shown on the pages and in histories.</param>
    /// <param name="email">Null when the identity provider tells none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The person's id, the same at each sign-in.</returns>
    public async Task<Guid> EnsureAsync(string subjectId, string name, string? email, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(subjectId);
        name = Texts.Fitting(name, MaxName) ?? "Somebody";
        email = Texts.OneLine(email) is { Length: <= MaxEmail } line ? line : null;

        var known = await FindAsync(subjectId, cancellationToken) ?? await AddAsync(subjectId, name, email, cancellationToken);
        if (known.Name != name || known.Email != email)
        {
            await databases.ChangePersonAsync(known.Id, person => (person.Name, person.Email) = (name, email), cancellationToken);
            feed.Publish(known.Id);
        }

        return known.Id;
    }

    /// <summary>Remembers the browser's IANA zone; an unknown one is ignored.</summary>
    public async Task SetBrowserZoneAsync(Guid personId, string? zone, CancellationToken cancellationToken)
    {
        if (RepTime.Find(zone) is null)
        {
            return;
        }

        var changed = false;
        await databases.ChangePersonAsync(personId, person =>
        {
            changed = person.BrowserTimeZone != zone;
            person.BrowserTimeZone = zone;
        }, cancellationToken);
        if (changed)
        {
            feed.Publish(personId);
        }
    }

    private async Task<Known?> FindAsync(string subjectId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.People.AsNoTracking().Where(p => p.SubjectId == subjectId).Select(p => new Known(p.Id, p.Name, p.Email)).SingleOrDefaultAsync(cancellationToken);
    }

    private async Task<Known> AddAsync(string subjectId, string name, string? email, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var person = new Person { SubjectId = subjectId, Name = name, Email = email, CreatedAt = clock.GetUtcNow() };
        db.People.Add(person);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return new Known(person.Id, name, email);
        }
        catch (DbUpdateException)
        {
            // Two tabs signed in at once: the other one's row counts.
            if (await FindAsync(subjectId, cancellationToken) is { } other)
            {
                return other;
            }

            throw;
        }
    }

    private sealed record Known(Guid Id, string Name, string? Email);
}
