using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Privacy;

/// <summary>How much is known of a person.</summary>
/// <param name="Name">Theirs.</param>
/// <param name="Tasks">In their list, removed ones that are kept included.</param>
/// <param name="Waiting">Changes that have not reached Salesforce.</param>
/// <param name="History">Lines of history.</param>
public sealed record PersonHoldings(string Name, int Tasks, int Waiting, int History);

/// <summary>How an erasure ended. A closed set.</summary>
public abstract record Erasure
{
    private Erasure()
    {
    }

    /// <summary>Nothing of the person is left.</summary>
    /// <param name="GrantRevoked">False when Salesforce did not take the grant back. TaskSync has forgotten it; somebody has to revoke it there.</param>
    /// <param name="Overwritten">False when the rows are deleted, but may still be read in unused places of a SQLite file.</param>
    public sealed record Done(bool GrantRevoked, bool Overwritten = true) : Erasure
    {
        /// <summary>What is left to do, a sentence each.</summary>
        public IEnumerable<string> LeftToDo()
        {
            if (!GrantRevoked)
            {
                yield return "Salesforce did not take the permission back: revoke TaskSync there, in the user's OAuth connections.";
            }

            if (!Overwritten)
            {
                yield return "The database file could not be written anew, so what is deleted may still lie in it: stop TaskSync and run VACUUM, as docs/operations.md says.";
            }
        }
    }

    /// <summary>Nothing changed.</summary>
    /// <param name="Words">Why, and what to do first.</param>
    public sealed record Refused(string Words) : Erasure;

    /// <summary>There is no such person, or not any more.</summary>
    public sealed record Unknown : Erasure;
}

/// <summary>What is known of one person: found, exported, erased. For admins, and for the operator at the command line.</summary>
public sealed partial class PersonalData(IDbContextFactory<TaskSyncDb> databases, ConnectionService connections, SalesforceGrants grants, ChangeFeed feed, ILogger<PersonalData> logger)
{
    /// <summary>The people whom a text names: by id, by account at the identity provider, by e-mail address or by Salesforce username, in any case.</summary>
    public async Task<IReadOnlyList<Guid>> FindAsync(Actor admin, string text, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.KnowEveryLetterAsync(cancellationToken);
        var id = Guid.TryParse(text, out var parsed) ? parsed : (Guid?)null;
#pragma warning disable CA1304, CA1308, CA1311, CA1862 // Translated to SQL, where case is the database's.
        var named = text.Trim().ToLowerInvariant();
        return await db.People
            .Where(p => p.Id == id || TaskSyncDb.Lower(p.SubjectId) == named || TaskSyncDb.Lower(p.Email) == named || db.Connections.Any(c => c.PersonId == p.Id && c.Kind == ConnectionKind.Rep && TaskSyncDb.Lower(c.Username) == named))
            .Select(p => p.Id).ToListAsync(cancellationToken);
#pragma warning restore CA1304, CA1308, CA1311, CA1862
    }

    /// <summary>How much there is; null when there is no such person.</summary>
    public async Task<PersonHoldings?> LookAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.People.Where(p => p.Id == personId)
            .Select(p => new PersonHoldings(
                p.Name, db.Tasks.Count(t => t.PersonId == personId), db.PendingWrites.Count(w => w.Link!.Task!.PersonId == personId), db.History.Count(h => h.PersonId == personId)))
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Writes a zip with everything of the person, as JSON and as CSV. Nothing is written when there is no such person.</summary>
    /// <returns>Whether there is such a person.</returns>
    public async Task<bool> ExportAsync(Actor admin, Guid personId, Stream output, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.People.AnyAsync(p => p.Id == personId, cancellationToken))
        {
            return false;
        }

        await PersonArchive.WriteAsync(db, personId, output, cancellationToken);
        LogExported(admin.Id, personId);
        return true;
    }

    /// <summary>
    /// Stops the sync, gives the Salesforce grant back and deletes everything of the person in one transaction. No task in Salesforce is touched.
    /// Interrupted before that transaction, it can be called again. A SQLite file is then written anew, since deleted bytes stay in it.
    /// </summary>
    public async Task<Erasure> EraseAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (await WhyNotAsync(db, personId, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        // Before its row goes: afterwards nobody could give it back any more.
        var isRevoked = await connections.DisconnectAsync(personId, cancellationToken);
        var (refused, tokens) = await databases.TransactAsync(db => DeleteAsync(db, personId, cancellationToken), cancellationToken);
        if (refused is not null)
        {
            return refused;
        }

        foreach (var token in tokens)
        {
            isRevoked &= await grants.RevokeAsync(token);
        }

        LogErased(admin.Id, personId);
        feed.Publish(personId);
        if (await databases.OverwriteDeletedAsync() is { } trouble)
        {
            LogNotOverwritten(personId, trouble);
            return new Erasure.Done(isRevoked, Overwritten: false);
        }

        return new Erasure.Done(isRevoked);
    }

    private static async Task<Erasure?> WhyNotAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        if (!await db.People.AnyAsync(p => p.Id == personId, cancellationToken))
        {
            return new Erasure.Unknown();
        }

        var reads = await db.Readers.Where(r => r.Connection!.PersonId == personId).Select(r => r.Connection!.OrganizationName).FirstOrDefaultAsync(cancellationToken);
        return reads is null ? null : new Erasure.Refused(
            $"This person set up the reader of {reads}, which reads for everybody there. On the page Organizations have another admin set it up again, or remove it. Then erase.");
    }

    /// <returns>Why not; else the sealed tokens of a sign-in that came in between.</returns>
    private static async Task<(Erasure? Refusal, IReadOnlyList<string> Tokens)> DeleteAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        await ShardFences.HoldAllAsync(db, cancellationToken);
        if (await WhyNotAsync(db, personId, cancellationToken) is { } refusal)
        {
            return (refusal, []);
        }

        var tokens = await db.Connections.Where(c => c.PersonId == personId && (c.RefreshToken ?? c.AccessToken) != null).Select(c => c.RefreshToken ?? c.AccessToken!).ToListAsync(cancellationToken);
        await Mentions.ForgetAsync(db, personId, await db.People.Where(p => p.Id == personId).Select(p => p.Name).SingleAsync(cancellationToken), cancellationToken);
        foreach (var table in PersonTable.In(db.Model))
        {
            await table.Of(db, personId).DeleteInPartsAsync(cancellationToken);
        }

        return (null, tokens);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} exported what is known of person {PersonId}.")]
    private partial void LogExported(Guid adminId, Guid personId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} erased person {PersonId}.")]
    private partial void LogErased(Guid adminId, Guid personId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was deleted of person {PersonId} may still lie in the database file, which could not be written anew: {Trouble}.")]
    private partial void LogNotOverwritten(Guid personId, DatabaseTrouble trouble);
}
