#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;

namespace TaskSync.Sync.Status;

/// <summary>Reads the page Sync status. The page checks that an admin asks.</summary>
public sealed class SyncStatusQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, IOptions<SyncOptions> options)
{
    public Task<SyncOverview> OverviewAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>One page of runs; <paramref name="page"/> counts from 0.</summary>
    public Task<RunPage> RunsAsync(RunFilter filter, int page, int pageSize, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Null when there is no such run.</summary>
    public Task<RunRow?> RunAsync(Guid runId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Writes all runs of the filter as CSV (RFC 4180), formulas neutralised, times in UTC.</summary>
    public Task WriteRunsCsvAsync(RunFilter filter, TextWriter output, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>One page of people by name; <paramref name="page"/> counts from 0.</summary>
    public Task<PeoplePage> PeopleAsync(string? name, int page, int pageSize, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Open problems grouped by code, the most frequent first.</summary>
    public Task<IReadOnlyList<ProblemGroup>> ProblemsAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
