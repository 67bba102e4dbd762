using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Salesforce's Task object as one connection sees it. Every method takes the caller, uses its own token (refreshed once on 401),
/// counts the call and either returns a whole, checked answer or throws <see cref="SalesforceCallException"/>.
/// </summary>
public sealed class SalesforceApi
{
    private readonly SalesforceGateway _gateway;
    private readonly SchemaStore _schemas;
    private readonly TaskReader _reader;
    private readonly TaskWriter _writer;
    private readonly CompositePush _push;
    private readonly RecordSearch _search;

    internal SalesforceApi(SalesforceGateway gateway, SchemaStore schemas)
    {
        (_gateway, _schemas) = (gateway, schemas);
        _reader = new TaskReader(gateway, schemas);
        _writer = new TaskWriter(gateway, schemas);
        _push = new CompositePush(gateway, schemas, _reader, _writer);
        _search = new RecordSearch(gateway, schemas);
    }

    /// <summary>The first page of a query.</summary>
    /// <param name="caller">Whose token, and who says whether the call may still be made.</param>
    /// <param name="purpose">What the call is counted as; Import may take 120 s, others 30 s.</param>
    /// <param name="query">Which rows, in which order.</param>
    /// <param name="cancellationToken">Stops waiting; a call under way may still be counted.</param>
    public Task<TaskPage> QueryTasksAsync(Caller caller, ApiPurpose purpose, TaskQuery query, CancellationToken cancellationToken) =>
        _reader.QueryAsync(caller, purpose, query, cancellationToken);

    /// <summary>
    /// What an org's reader reads: without the names of related records, which a rep might not be allowed to see and which make the query too large for a
    /// user without View All Data.
    /// </summary>
    public Task<TaskPage> QueryChangesAsync(Caller reader, TaskQuery query, CancellationToken cancellationToken) =>
        _reader.QueryAsync(reader, ApiPurpose.Poll, query, cancellationToken, withRelated: false);

    /// <summary>The page after <see cref="TaskPage.NextPage"/>. INVALID_QUERY_LOCATOR after two days: query again.</summary>
    public Task<TaskPage> NextTasksAsync(Caller caller, ApiPurpose purpose, string nextPage, CancellationToken cancellationToken) =>
        _reader.NextAsync(caller, purpose, nextPage, cancellationToken);

    /// <summary>How many live tasks a query finds.</summary>
    public Task<int> CountTasksAsync(Caller caller, ApiPurpose purpose, TaskQuery query, CancellationToken cancellationToken) =>
        _reader.CountAsync(caller, purpose, query, cancellationToken);

    /// <summary>Tasks by id, deleted and archived ones included. One that is absent is not visible to this user, or purged.</summary>
    public Task<IReadOnlyList<RemoteTask>> TasksByIdAsync(
        Caller caller, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        _reader.ByIdAsync(caller, purpose, ids, cancellationToken);

    /// <summary>
    /// Up to 2,000 tasks by id in as few calls as can be: by Composite one, with deleted and archived rows and with names; by Collections one, and another
    /// one for every 200 of which the first said nothing. What is absent is not visible to this user, or purged. Never a page of it only.
    /// </summary>
    public Task<TaskPage> ManyByIdAsync(Caller caller, ApiPurpose purpose, IReadOnlyCollection<string> ids, bool useComposite, CancellationToken cancellationToken) =>
        _reader.ManyByIdAsync(caller, purpose, ids, useComposite, cancellationToken);

    /// <summary>The rows of this page and of all pages that follow it, which are calls of their own.</summary>
    public Task<IReadOnlyList<RemoteTask>> RestAsync(Caller caller, ApiPurpose purpose, TaskPage page, CancellationToken cancellationToken) =>
        _reader.RestAsync(caller, purpose, page, cancellationToken);

    /// <summary>Tasks by idempotency key, deleted and archived ones included (S5). Fails with NO_KEY_FIELD where the org keeps no keys in that place (any more).</summary>
    public Task<IReadOnlyList<RemoteTask>> TasksByKeyAsync(
        Caller caller, ApiPurpose purpose, KeyPlace place, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        _reader.ByKeyAsync(caller, purpose, place, keys, cancellationToken);

    /// <summary>Live tasks of one owner whose idempotency key begins with a text, all pages; none where the org has no place for keys.</summary>
    public Task<IReadOnlyList<RemoteTask>> KeyedTasksAsync(Caller caller, ApiPurpose purpose, string ownerId, string keyStart, CancellationToken cancellationToken) =>
        _reader.KeyedAsync(caller, purpose, ownerId, keyStart, cancellationToken);

    /// <summary>Up to 2,000 tasks in one call (REST guide, "Get Records with POST Using sObject Collections"). Null where not readable or deleted; names of related records are not part of the answer.</summary>
    public Task<IReadOnlyDictionary<string, RemoteTask?>> RetrieveAsync(
        Caller caller, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        _reader.RetrieveAsync(caller, purpose, ids, cancellationToken);

    /// <summary>getUpdated. Start at most 30 days back and more than a minute before end; seconds are cut off by Salesforce.</summary>
    public Task<UpdatedAnswer> UpdatedAsync(Caller caller, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        _reader.UpdatedAsync(caller, start, end, cancellationToken);

    /// <summary>getDeleted. Start at most 15 days back and more than a minute before end.</summary>
    public Task<DeletedAnswer> DeletedAsync(Caller caller, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        _reader.DeletedAsync(caller, start, end, cancellationToken);

    /// <summary>Plain inserts, never upserts (S5); at most 200. Results in request order.</summary>
    public Task<IReadOnlyList<WriteOutcome>> CreateAsync(Caller caller, IReadOnlyList<NewTask> tasks, CancellationToken cancellationToken) =>
        _writer.WriteAsync(caller, new WriteBatch.Creates(tasks), cancellationToken);

    /// <summary>Writes only the changed fields; at most 200. Results in request order.</summary>
    public Task<IReadOnlyList<WriteOutcome>> UpdateAsync(Caller caller, IReadOnlyList<TaskChange> changes, CancellationToken cancellationToken) =>
        _writer.WriteAsync(caller, new WriteBatch.Updates(changes), cancellationToken);

    /// <summary>Puts tasks into the recycle bin; at most 200. Results in request order; Gone means that it was gone already.</summary>
    public Task<IReadOnlyList<WriteOutcome>> DeleteAsync(Caller caller, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        _writer.WriteAsync(caller, new WriteBatch.Deletes(ids), cancellationToken);

    /// <summary>One batch in a call of its own; at most 200 rows. Results in request order.</summary>
    public Task<IReadOnlyList<WriteOutcome>> WriteAsync(Caller caller, WriteBatch batch, CancellationToken cancellationToken) =>
        _writer.WriteAsync(caller, batch, cancellationToken);

    /// <summary>
    /// A read, up to three batches and a poll in one Composite request: one API call. Thrown when the whole request failed, and then for every write of it;
    /// what became of each batch is in the answer otherwise.
    /// </summary>
    public Task<PushAnswer> PushAsync(Caller caller, PushCall call, CancellationToken cancellationToken) => _push.SendAsync(caller, call, cancellationToken);

    /// <summary>Takes tasks out of the recycle bin (SOAP undelete, there is no REST verb); at most 200. Results in request order.</summary>
    public Task<IReadOnlyList<UndeleteOutcome>> UndeleteAsync(Caller caller, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        _writer.UndeleteAsync(caller, ids, cancellationToken);

    /// <summary>Reads what the org's Task object looks like to this user and stores it with the connection. Two API calls.</summary>
    public Task<OrgSchema> ReadSchemaAsync(Caller caller, CancellationToken cancellationToken) => _schemas.ReadAsync(caller, cancellationToken);

    /// <summary>Records whose name contains the text, for the pickers of the task form; at most 10 of each type, none for empty text. One API call.</summary>
    public Task<IReadOnlyList<RecordHit>> SearchAsync(Caller caller, RecordKind kind, string text, CancellationToken cancellationToken) =>
        _search.SearchAsync(caller, kind, text, cancellationToken);

    /// <summary>Salesforce's clock (UTC, whole seconds), from an address that needs no token and counts against no limit.</summary>
    public async Task<DateTimeOffset> ServerTimeAsync(Caller caller, CancellationToken cancellationToken)
    {
        var answer = await _gateway.SendAsync(caller, new ApiRequest(HttpMethod.Get, "/services/data/", ApiPurpose.Read) { IsOpen = true }, cancellationToken);
        return answer.Http.Date ?? throw WireJson.Unreadable(answer.Http);
    }
}
