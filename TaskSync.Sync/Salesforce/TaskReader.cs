using System.Globalization;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>Everything that reads tasks.</summary>
internal sealed class TaskReader(SalesforceGateway gateway, SchemaStore schemas)
{
    /// <summary>Salesforce's limit of one retrieve.</summary>
    public const int MostSlots = 2000;

    /// <summary>So that the address stays well below 16,384 bytes with all headers: an id takes 27 characters of it, a key 45.</summary>
    private const int IdsPerQuery = 200;
    private const int KeysPerQuery = 100;

    public Task<TaskPage> QueryAsync(
        Guid connectionId, ApiPurpose purpose, string where, string? orderBy, bool includeDeleted, CancellationToken cancellationToken, bool withRelated = true) =>
        schemas.WithSchemaAsync(
            connectionId,
            async schema =>
            {
                var soql = $"SELECT {string.Join(',', TaskColumns.ToRead(schema, schemas.KeyField, withNames: true, withRelated))} FROM Task WHERE {where}";
                var answer = await SendAsync(connectionId, purpose, orderBy is null ? soql : $"{soql} ORDER BY {orderBy}", includeDeleted, cancellationToken);
                return QueryBody.Page(answer, TaskColumns.KeyName(schema, schemas.KeyField));
            },
            cancellationToken);

    public async Task<TaskPage> NextAsync(Guid connectionId, ApiPurpose purpose, string nextPage, CancellationToken cancellationToken)
    {
        if (!QueryBody.IsNextPage(nextPage))
        {
            throw new SalesforceCallException(new CallFailure(
                FailureClass.Intermittent, "INVALID_QUERY_LOCATOR", "What was kept of a long list is not the address of its next page.", HttpStatus: null, NotApplied: true));
        }

        var schema = await schemas.CurrentAsync(connectionId, cancellationToken);
        var answer = await gateway.SendAsync(connectionId, new ApiRequest(HttpMethod.Get, nextPage, purpose), cancellationToken);
        return QueryBody.Page(answer, TaskColumns.KeyName(schema, schemas.KeyField));
    }

    public async Task<int> CountAsync(Guid connectionId, ApiPurpose purpose, string where, CancellationToken cancellationToken) =>
        QueryBody.Count(await SendAsync(connectionId, purpose, $"SELECT COUNT() FROM Task WHERE {where}", includeDeleted: false, cancellationToken));

    public Task<IReadOnlyList<RemoteTask>> ByIdAsync(
        Guid connectionId, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        InChunksAsync(connectionId, purpose, ids.Select(SalesforceId.Normalize), IdsPerQuery, chunk => Soql.In("Id", chunk), cancellationToken);

    public async Task<IReadOnlyList<RemoteTask>> ByKeyAsync(
        Guid connectionId, ApiPurpose purpose, KeyPlace place, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var schema = await schemas.CurrentAsync(connectionId, cancellationToken);
        var keyName = (schema.Key == place ? TaskColumns.KeyName(schema, schemas.KeyField) : null) ?? throw new SalesforceCallException(new CallFailure(
            FailureClass.AccessOrValidation, FailureCodes.NoKeyField, "The organization has no field that holds TaskSync's keys.", HttpStatus: null, NotApplied: true));
        return await InChunksAsync(connectionId, purpose, keys, KeysPerQuery, chunk => Soql.In(keyName, chunk), cancellationToken);
    }

    public async Task<IReadOnlyList<RemoteTask>> KeyedAsync(Guid connectionId, ApiPurpose purpose, string ownerId, string keyStart, CancellationToken cancellationToken)
    {
        var tasks = new List<RemoteTask>();
        if (TaskColumns.KeyName(await schemas.CurrentAsync(connectionId, cancellationToken), schemas.KeyField) is { } keyName)
        {
            var where = Soql.And($"OwnerId = {Soql.Id(ownerId)}", Soql.StartsWith(keyName, keyStart));
            await AllPagesAsync(connectionId, purpose, where, includeDeleted: false, tasks, cancellationToken);
        }

        return tasks;
    }

    public async Task<IReadOnlyDictionary<string, RemoteTask?>> RetrieveAsync(
        Guid connectionId, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.Select(SalesforceId.Normalize).Distinct(StringComparer.Ordinal).ToList();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted.Count, MostSlots);
        if (wanted.Count == 0)
        {
            return new Dictionary<string, RemoteTask?>();
        }

        return await schemas.WithSchemaAsync(
            connectionId,
            async schema =>
            {
                var columns = TaskColumns.ToRead(schema, schemas.KeyField, withNames: false).ToList();
                var request = new ApiRequest(HttpMethod.Post, $"{schemas.DataPath}/composite/sobjects/Task", purpose)
                {
                    Content = _ => WriteBody.Retrieve(wanted, columns),
                    IsRead = true,
                };
                return QueryBody.Slots(await gateway.SendAsync(connectionId, request, cancellationToken), wanted, TaskColumns.KeyName(schema, schemas.KeyField));
            },
            cancellationToken);
    }

    public async Task<UpdatedAnswer> UpdatedAsync(Guid connectionId, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        ReplicationBody.Updated(await ReplicationAsync(connectionId, "updated", start, end, cancellationToken));

    public async Task<DeletedAnswer> DeletedAsync(Guid connectionId, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        ReplicationBody.Deleted(await ReplicationAsync(connectionId, "deleted", start, end, cancellationToken));

    private Task<ApiAnswer> ReplicationAsync(Guid connectionId, string feed, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{schemas.DataPath}/sobjects/Task/{feed}/?start={Uri.EscapeDataString(Soql.Instant(start))}&end={Uri.EscapeDataString(Soql.Instant(end))}");
        return gateway.SendAsync(connectionId, new ApiRequest(HttpMethod.Get, path, ApiPurpose.Sweep), cancellationToken);
    }

    private async Task<IReadOnlyList<RemoteTask>> InChunksAsync(
        Guid connectionId, ApiPurpose purpose, IEnumerable<string> values, int size, Func<string[], string> where, CancellationToken cancellationToken)
    {
        var tasks = new List<RemoteTask>();
        foreach (var chunk in values.Distinct(StringComparer.Ordinal).Chunk(size))
        {
            await AllPagesAsync(connectionId, purpose, where(chunk), includeDeleted: true, tasks, cancellationToken);
        }

        return tasks;
    }

    private async Task AllPagesAsync(Guid connectionId, ApiPurpose purpose, string where, bool includeDeleted, List<RemoteTask> tasks, CancellationToken cancellationToken)
    {
        var page = await QueryAsync(connectionId, purpose, where, orderBy: null, includeDeleted, cancellationToken);
        tasks.AddRange(page.Tasks);
        while (page.NextPage is { } next)
        {
            page = await NextAsync(connectionId, purpose, next, cancellationToken);
            tasks.AddRange(page.Tasks);
        }
    }

    private Task<ApiAnswer> SendAsync(Guid connectionId, ApiPurpose purpose, string soql, bool includeDeleted, CancellationToken cancellationToken) =>
        gateway.SendAsync(
            connectionId,
            new ApiRequest(HttpMethod.Get, $"{schemas.DataPath}/{(includeDeleted ? "queryAll" : "query")}?q={Uri.EscapeDataString(soql)}", purpose),
            cancellationToken);
}
