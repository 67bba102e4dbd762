using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>What each connection's Task object looks like: read at connect, and again when Salesforce says that a field is not there.</summary>
internal sealed partial class SchemaStore(
    SalesforceGateway gateway, ApiCallCounter counter, StoredSchemas schemas, IOptions<SalesforceOptions> options, TimeProvider time, ILogger<SchemaStore> logger)
{
    /// <summary>A fault that reading again did not explain is not read again for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Nobody tells us of a new status or of a field that was made visible, so it is looked at once a day.</summary>
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(1);

    /// <summary>Looking costs two calls: once a week while calls are scarce.</summary>
    private static readonly TimeSpan LongestAgeWhenScarce = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _readInVain = new();

    public string KeyField => options.Value.KeyField;

    public string DataPath => $"/services/data/v{options.Value.ApiVersion}";

    public string SoapPath => $"/services/Soap/u/{options.Value.ApiVersion}";

    /// <summary>As stored; read from Salesforce when it never was, and when it is a day old.</summary>
    public async Task<OrgSchema> CurrentAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (await schemas.FindAsync(caller, cancellationToken) is { } stored)
        {
            var isOld = time.GetUtcNow() - stored.ReadAt > (counter.IsScarce(stored.OrganizationId) ? LongestAgeWhenScarce : LongestAge);
            return isOld ? await ReadAgainAsync(caller, stored.Schema, cancellationToken) ?? stored.Schema : stored.Schema;
        }

        try
        {
            return await ReadAsync(caller, cancellationToken);
        }
        catch (SalesforceCallException e)
        {
            // Whatever the caller is about to send has not been sent.
            throw new SalesforceCallException(e.Failure with { NotApplied = true }, e);
        }
    }

    /// <summary>Two API calls: describe, and one composite of TaskStatus and TaskPriority.</summary>
    public async Task<OrgSchema> ReadAsync(Caller caller, CancellationToken cancellationToken)
    {
        var describe = await gateway.SendAsync(
            caller, new ApiRequest(HttpMethod.Get, $"{DataPath}/sobjects/Task/describe", ApiPurpose.Connect), cancellationToken);
        string[] queries =
        [
            "SELECT ApiName, MasterLabel, IsClosed, IsDefault FROM TaskStatus ORDER BY SortOrder",
            "SELECT ApiName, MasterLabel, IsHighPriority, IsDefault FROM TaskPriority ORDER BY SortOrder",
        ];
        var composite = await gateway.SendAsync(
            caller,
            new ApiRequest(HttpMethod.Post, $"{DataPath}/composite", ApiPurpose.Connect)
            {
                Content = _ => CompositeBody.Write([.. queries.Select(soql => new CompositePart("GET", $"{DataPath}/query?q={Uri.EscapeDataString(soql)}"))]),
                IsRead = true,
            },
            cancellationToken);
        var parts = CompositeBody.Answers(composite.Http, queries.Length);
        if (parts.FirstOrDefault(part => !part.IsSuccess) is { } failed)
        {
            throw new SalesforceCallException(ErrorBody.Of(failed));
        }

        return await schemas.StoreAsync(caller.ConnectionId, DescribeBody.Schema(describe.Http, parts[0], parts[1], KeyField));
    }

    /// <summary>
    /// Does something that names fields. When Salesforce says that one is not there (an admin hid it since), the schema is read again and it is
    /// done once more: a read harms nothing, and a write that was answered so was not applied.
    /// </summary>
    public async Task<T> WithSchemaAsync<T>(Caller caller, Func<OrgSchema, Task<T>> work, CancellationToken cancellationToken)
    {
        var schema = await CurrentAsync(caller, cancellationToken);
        try
        {
            return await work(schema);
        }
        catch (SalesforceCallException e) when (e.Failure is { NotApplied: true, NamesMissingField: true })
        {
            if (await ReadAgainAsync(caller, schema, cancellationToken) is { } fresh)
            {
                return await work(fresh);
            }

            throw;
        }
    }

    /// <summary>The schema if it is another one by now; null when it is not, was just looked at, or cannot be read now.</summary>
    public async Task<OrgSchema?> ReadAgainAsync(Caller caller, OrgSchema known, CancellationToken cancellationToken)
    {
        if (_readInVain.TryGetValue(caller.ConnectionId, out var at) && time.GetUtcNow() - at < Patience)
        {
            return null;
        }

        OrgSchema fresh;
        try
        {
            fresh = await ReadAsync(caller, cancellationToken);
        }
        catch (SalesforceCallException)
        {
            _readInVain[caller.ConnectionId] = time.GetUtcNow();
            return null;
        }

        if (fresh.ToJson() == known.ToJson())
        {
            _readInVain[caller.ConnectionId] = time.GetUtcNow();
            return null;
        }

        LogChanged(logger, caller.ConnectionId, fresh.Readable, fresh.Updateable, fresh.Key);
        return fresh;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fields of connection {ConnectionId} changed: readable {Readable}, updateable {Updateable}, key in {Key}")]
    private static partial void LogChanged(ILogger logger, Guid connectionId, TaskFields readable, TaskFields updateable, KeyPlace key);
}
