using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Connections;

/// <summary>Words about how connecting ended.</summary>
/// <param name="Words">Ours.</param>
/// <param name="Exact">Salesforce's; null when there are none.</param>
public sealed record ConnectWords(string Words, string? Exact);

/// <summary>What the way back from Salesforce leaves in the database for a few minutes, because the next request may reach another instance.</summary>
public sealed class ConnectNotes(IDbContextFactory<TaskSyncDb> databases, TimeProvider time)
{
    /// <summary>Whether a state comes back for the first time: a callback is answered once, even if the browser still sends its cookie.</summary>
    public async Task<bool> UseStateAsync(Guid personId, string state, CancellationToken cancellationToken)
    {
        try
        {
            await AddAsync(new Note { Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state))), PersonId = personId, At = time.GetUtcNow() }, cancellationToken);
            return true;
        }
        catch (DbUpdateException failure) when (DatabaseFailures.IsRace(failure))
        {
            return false;
        }
    }

    /// <summary>Keeps words for the person that must not be in an address.</summary>
    /// <returns>Their id.</returns>
    public async Task<string> KeepAsync(Guid personId, ConnectWords words, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        await AddAsync(new Note { Id = id, PersonId = personId, Words = words.Words, Exact = words.Exact, At = time.GetUtcNow() }, cancellationToken);
        return id;
    }

    /// <summary>The words of this person's note; null for anybody else's or an old one.</summary>
    public async Task<ConnectWords?> FindAsync(Guid personId, string id, CancellationToken cancellationToken)
    {
        var old = time.GetUtcNow() - Note.Lifetime;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Notes.Where(n => n.Id == id && n.PersonId == personId && n.At >= old && n.Words != null).Select(n => new ConnectWords(n.Words!, n.Exact)).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task AddAsync(Note note, CancellationToken cancellationToken)
    {
        var old = note.At - Note.Lifetime;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Notes.Where(n => n.At < old).ExecuteDeleteAsync(cancellationToken);
        db.Notes.Add(note);
        await db.SaveChangesAsync(cancellationToken);
    }
}
