#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;

namespace TaskSync.Sync.Tasks;

/// <summary>Knows who signs in.</summary>
public sealed class PeopleService(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, ChangeFeed feed)
{
    /// <summary>Called at each sign-in: finds or adds the person, and keeps name and address fresh. Safe when called twice at once.</summary>
    /// <param name="subjectId">Who it is for the identity provider, or the demo name.</param>
    /// <returns>The person's id, the same at each sign-in.</returns>
    public Task<Guid> EnsureAsync(string subjectId, string name, string? email, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Remembers the browser's IANA zone; an unknown one is ignored.</summary>
    public Task SetBrowserZoneAsync(Guid personId, string? zone, CancellationToken cancellationToken) => throw new NotImplementedException();
}
