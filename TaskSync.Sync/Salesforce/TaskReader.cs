using System.Globalization;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>Everything that reads tasks.</summary>
internal sealed class TaskReader(SalesforceGateway gateway, SchemaStore schemas)
{
    /// <summary>A query as a part of a Composite request.</summary>
    public CompositePart Part(OrgSchema schema, TaskQuery query) => new("GET", PathOf(Select(schema, query, withRelated: true), query.IncludeDeleted));

    /// <summary>The page that answers a query with this schema.</summary>
    public TaskPage Page(ApiAnswer answer, OrgSchema schema) => QueryBody.Page(answer, TaskColumns.KeyName(schema, schemas.KeyField)) with { Schema = schema };

    public Task<TaskPage> QueryAsync(Caller caller, ApiPurpose purpose, TaskQuery query, CancellationToken cancellationToken, bool withRelated = true) =>
        schemas.WithSchemaAsync(
            caller,
            async schema =>
            {
                var answer = await SendAsync(caller, purpose, PathOf(Select(schema, query, withRelated), query.IncludeDeleted), cancellationToken);
                return Page(answer, schema);
            },
            cancellationToken);

    public async Task<TaskPage> NextAsync(Caller caller, ApiPurpose purpose, string nextPage, CancellationToken cancellationToken)
    {
        if (!QueryBody.IsNextPage(nextPage))
        {
            throw new SalesforceCallException(new CallFailure(
                FailureClass.Intermittent, ErrorCodes.InvalidQueryLocator, "What was kept of a long list is not the address of its next page.", HttpStatus: null, NotApplied: true));
        }

        var schema = await schemas.CurrentAsync(caller, cancellationToken);
        var answer = await gateway.SendAsync(caller, new ApiRequest(HttpMethod.Get, nextPage, purpose), cancellationToken);
        return Page(answer, schema);
    }

    public async Task<int> CountAsync(Caller caller, ApiPurpose purpose, TaskQuery query, CancellationToken cancellationToken) =>
        QueryBody.Count(await SendAsync(caller, purpose, PathOf($"SELECT COUNT() FROM Task WHERE {query.Where}", includeDeleted: false), cancellationToken));

    public Task<IReadOnlyList<RemoteTask>> ByIdAsync(
        Caller caller, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        InChunksAsync(caller, purpose, ids.Select(SalesforceId.Normalize), SalesforceLimits.IdsPerAddress, TaskQuery.ById, cancellationToken);

    public async Task<TaskPage> ManyByIdAsync(Caller caller, ApiPurpose purpose, IReadOnlyCollection<string> ids, bool useComposite, CancellationToken cancellationToken)
    {
        var wanted = ids.Select(SalesforceId.Normalize).Distinct(StringComparer.Ordinal).ToList();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted.Count, SalesforceLimits.RowsPerPage);
        if (wanted.Count > SalesforceLimits.IdsPerAddress && !useComposite)
        {
            var slots = await RetrieveAsync(caller, purpose, wanted, cancellationToken);
            var silent = wanted.Where(id => slots[id] is null).ToList();
            return new TaskPage([.. slots.Values.OfType<RemoteTask>(), .. await ByIdAsync(caller, purpose, silent, cancellationToken)], wanted.Count, null, default);
        }

        // In the body of a Composite request the condition may be longer than in an address: 2,000 ids take 42,000 of SOQL's 100,000 characters.
        var first = wanted.Count <= SalesforceLimits.IdsPerAddress
            ? await QueryAsync(caller, purpose, TaskQuery.ById(wanted), cancellationToken)
            : await schemas.WithSchemaAsync(caller, schema => InBodyAsync(caller, purpose, schema, TaskQuery.ById(wanted), cancellationToken), cancellationToken);
        return first with { Tasks = await RestAsync(caller, purpose, first, cancellationToken), NextPage = null };
    }

    public async Task<IReadOnlyList<RemoteTask>> ByKeyAsync(
        Caller caller, ApiPurpose purpose, KeyPlace place, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var schema = await schemas.CurrentAsync(caller, cancellationToken);
        var keyName = (schema.Key == place ? TaskColumns.KeyName(schema, schemas.KeyField) : null) ?? throw new SalesforceCallException(new CallFailure(
            FailureClass.AccessOrValidation, FailureCodes.NoKeyField, "The organization has no field that holds TaskSync's keys.", HttpStatus: null, NotApplied: true));
        return await InChunksAsync(caller, purpose, keys, SalesforceLimits.KeysPerAddress, chunk => TaskQuery.ByKey(keyName, chunk), cancellationToken);
    }

    public async Task<IReadOnlyList<RemoteTask>> KeyedAsync(Caller caller, ApiPurpose purpose, string ownerId, string keyStart, CancellationToken cancellationToken)
    {
        var tasks = new List<RemoteTask>();
        if (TaskColumns.KeyName(await schemas.CurrentAsync(caller, cancellationToken), schemas.KeyField) is { } keyName)
        {
            await AllPagesAsync(caller, purpose, TaskQuery.KeyStartsWith(ownerId, keyName, keyStart), tasks, cancellationToken);
        }

        return tasks;
    }

    public async Task<IReadOnlyDictionary<string, RemoteTask?>> RetrieveAsync(
        Caller caller, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.Select(SalesforceId.Normalize).Distinct(StringComparer.Ordinal).ToList();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted.Count, SalesforceLimits.RowsPerPage);
        if (wanted.Count == 0)
        {
            return new Dictionary<string, RemoteTask?>();
        }

        return await schemas.WithSchemaAsync(
            caller,
            async schema =>
            {
                var columns = TaskColumns.ToRead(schema, schemas.KeyField, withNames: false).ToList();
                var request = new ApiRequest(HttpMethod.Post, $"{schemas.DataPath}/composite/sobjects/Task", purpose)
                {
                    Content = _ => WriteBody.Retrieve(wanted, columns),
                    IsRead = true,
                };
                return QueryBody.Slots(await gateway.SendAsync(caller, request, cancellationToken), wanted, TaskColumns.KeyName(schema, schemas.KeyField));
            },
            cancellationToken);
    }

    public async Task<UpdatedAnswer> UpdatedAsync(Caller caller, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        ReplicationBody.Updated(await ReplicationAsync(caller, "updated", start, end, cancellationToken));

    public async Task<DeletedAnswer> DeletedAsync(Caller caller, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        ReplicationBody.Deleted(await ReplicationAsync(caller, "deleted", start, end, cancellationToken));

    private Task<ApiAnswer> ReplicationAsync(Caller caller, string feed, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{schemas.DataPath}/sobjects/Task/{feed}/?start={Uri.EscapeDataString(Soql.Instant(start))}&end={Uri.EscapeDataString(Soql.Instant(end))}");
        return gateway.SendAsync(caller, new ApiRequest(HttpMethod.Get, path, ApiPurpose.Sweep), cancellationToken);
    }

    private async Task<IReadOnlyList<RemoteTask>> InChunksAsync(
        Caller caller, ApiPurpose purpose, IEnumerable<string> values, int size, Func<string[], TaskQuery> query, CancellationToken cancellationToken)
    {
        var tasks = new List<RemoteTask>();
        foreach (var chunk in values.Distinct(StringComparer.Ordinal).Chunk(size))
        {
            await AllPagesAsync(caller, purpose, query(chunk), tasks, cancellationToken);
        }

        return tasks;
    }

    private async Task AllPagesAsync(Caller caller, ApiPurpose purpose, TaskQuery query, List<RemoteTask> tasks, CancellationToken cancellationToken)
    {
        var page = await QueryAsync(caller, purpose, query, cancellationToken);
        tasks.AddRange(await RestAsync(caller, purpose, page, cancellationToken));
    }

    /// <summary>The rows of this page and of all that follow.</summary>
    public async Task<IReadOnlyList<RemoteTask>> RestAsync(Caller caller, ApiPurpose purpose, TaskPage page, CancellationToken cancellationToken)
    {
        var tasks = page.Tasks.ToList();
        while (page.NextPage is { } next)
        {
            page = await NextAsync(caller, purpose, next, cancellationToken);
            tasks.AddRange(page.Tasks);
        }

        return tasks;
    }

    private async Task<TaskPage> InBodyAsync(Caller caller, ApiPurpose purpose, OrgSchema schema, TaskQuery query, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Post, $"{schemas.DataPath}/composite", purpose) { Content = _ => CompositeBody.Write([Part(schema, query)]), IsRead = true };
        var answer = await gateway.SendAsync(caller, request, cancellationToken);
        var part = CompositeBody.Answers(answer.Http, 1)[0];
        return part.IsSuccess ? Page(answer with { Http = part }, schema) : throw new SalesforceCallException(ErrorBody.Of(part));
    }

    private string Select(OrgSchema schema, TaskQuery query, bool withRelated)
    {
        var soql = $"SELECT {string.Join(',', TaskColumns.ToRead(schema, schemas.KeyField, withNames: true, withRelated))} FROM Task WHERE {query.Where}";
        return query.OrderBy is null ? soql : $"{soql} ORDER BY {query.OrderBy}";
    }

    private string PathOf(string soql, bool includeDeleted) => $"{schemas.DataPath}/{(includeDeleted ? "queryAll" : "query")}?q={Uri.EscapeDataString(soql)}";

    private Task<ApiAnswer> SendAsync(Caller caller, ApiPurpose purpose, string path, CancellationToken cancellationToken) =>
        gateway.SendAsync(caller, new ApiRequest(HttpMethod.Get, path, purpose), cancellationToken);
}
