using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>What an admin can do with somebody's account.</summary>
public sealed partial class AccountActions(IDbContextFactory<TaskSyncDb> databases, SignIns signIns, ConnectionService connections, ChangeFeed feed, ILogger<AccountActions> log)
{
    /// <summary>Ends all sign-ins of a person. Their sync goes on.</summary>
    public async Task SignOutAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await signIns.EndAllAsync(personId, except: null, SignInEnd.EndedByAdmin, cancellationToken);
        LogSignedOut(log, admin.Id, personId);
    }

    /// <summary>
    /// Takes a person out: their sync stops, their sign-ins end, the Salesforce grant is revoked, and nobody signs in with their account until
    /// <see cref="LetInAsync"/>. Tasks, links and history stay. Doing it again does no harm.
    /// </summary>
    /// <returns>False when there is no such person, or it is the admin: the last one would lock everybody out.</returns>
    public async Task<bool> RemoveAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        if (personId == admin.Id || !await connections.RemoveAsync(personId, cancellationToken))
        {
            return false;
        }

        // They counted no longer from the moment of the removal; ended, they do not come back when the person does.
        await signIns.EndAllAsync(personId, except: null, SignInEnd.RemovedByAdmin, CancellationToken.None);
        LogRemoved(log, admin.Id, personId);
        return true;
    }

    /// <summary>Lets somebody sign in again who was removed. They connect Salesforce again and tick the box themselves: that is a catch-up (F6).</summary>
    /// <returns>False when there is no such person.</returns>
    public async Task<bool> LetInAsync(Actor admin, Guid personId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await signIns.EndAllAsync(personId, except: null, SignInEnd.RemovedByAdmin, cancellationToken);
        if (!await databases.ChangePersonAsync(personId, person => person.RemovedAt = null, cancellationToken))
        {
            return false;
        }

        LogLetIn(log, admin.Id, personId);
        feed.Publish(personId);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} ended the sign-ins of person {PersonId}.")]
    private static partial void LogSignedOut(ILogger log, Guid adminId, Guid personId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} removed person {PersonId}.")]
    private static partial void LogRemoved(ILogger log, Guid adminId, Guid personId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} let person {PersonId} in again.")]
    private static partial void LogLetIn(ILogger log, Guid adminId, Guid personId);
}
