using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary>Finds the resource of a request. A refusal leaves none of the request's own writes behind.</summary>
internal sealed class RestRouter
{
    private readonly Platform _platform;
    private readonly RowResource _rows;
    private readonly CollectionsResource _collections;
    private readonly QueryResource _queries;
    private readonly ReplicationResource _replication;
    private readonly DescribeResource _describe;
    private readonly CompositeResource _composite;
    private readonly BatchResource _batch;

    public RestRouter(Platform platform)
    {
        _platform = platform;
        var operations = new RowOperations(platform);
        _rows = new RowResource(platform, operations);
        _collections = new CollectionsResource(platform, operations);
        _queries = new QueryResource(platform);
        _replication = new ReplicationResource(platform);
        _describe = new DescribeResource(platform.Store);
        _composite = new CompositeResource(platform, Part);
        _batch = new BatchResource(Part);
    }

    public Reply Dispatch(ApiRequest request)
    {
        var mark = request.Transaction.Mark;
        try
        {
            if (!OverviewResource.Supports(request.Version))
                throw Errors.NoSuchVersion();
            return Route(request);
        }
        catch (ApiException error)
        {
            request.Transaction.RollBack(mark);
            return Reply.Error(error);
        }
    }

    /// <summary>Composite requests do not nest, except for Collections.</summary>
    private Reply Part(ApiRequest request) => request.Path is ["composite"] or ["composite", "batch"]
        ? throw new ApiException(400, "INVALID_INPUT", "This resource cannot be a subrequest")
        : Dispatch(request);

    private Reply Route(ApiRequest request) => (request.Method, request.Path) switch
    {
        ("GET", []) => OverviewResource.Resources(request),
        ("GET", ["limits"]) => OverviewResource.Limits(_platform.Usage),
        ("GET", ["query"]) => _queries.Run(request, false),
        ("GET", ["queryAll"]) => _queries.Run(request, true),
        ("GET", ["query" or "queryAll", var locator]) => _queries.Next(request, locator),
        ("POST", ["composite"]) => _composite.Run(request),
        ("POST", ["composite", "batch"]) => _batch.Run(request),
        (_, ["composite", "sobjects", ..]) => Collections(request),
        ("GET", ["sobjects"]) => _describe.List(request),
        (_, ["sobjects", var name, .. var rest]) => Object(request, TypeOf(name), rest),
        (_, ["limits" or "query" or "queryAll" or "composite" or "sobjects", ..]) => throw Errors.MethodNotAllowed(request.Method),
        _ => throw Errors.NotFound(),
    };

    private Reply Object(ApiRequest request, ObjectType type, string[] rest) => (request.Method, rest) switch
    {
        ("GET", []) => DescribeResource.Summary(request, type),
        ("POST", []) or ("POST", ["Id"]) => _rows.Create(request, type),
        ("GET", ["describe"]) => _describe.Describe(request, type),
        ("GET", ["updated"]) => _replication.Updated(request, type),
        ("GET", ["deleted"]) => _replication.Deleted(request, type),
        ("GET", [var id]) => _rows.Read(request, type, id),
        ("PATCH", [var id]) => _rows.Update(request, type, id),
        ("DELETE", [var id]) => _rows.Delete(request, type, id),
        ("GET", [var key, var value]) => _rows.ReadByKey(request, type, key, value),
        ("PATCH", [var key, var value]) => _rows.Upsert(request, type, key, value),
        (_, [] or [_] or [_, _]) => throw Errors.MethodNotAllowed(request.Method),
        _ => throw Errors.NotFound(),
    };

    private Reply Collections(ApiRequest request) => (request.Method, request.Path) switch
    {
        ("POST", [_, _]) => _collections.Create(request),
        ("PATCH", [_, _]) => _collections.Update(request),
        ("DELETE", [_, _]) => _collections.Delete(request),
        ("GET" or "POST", [_, _, var name]) => _collections.Retrieve(request, TypeOf(name)),
        ("PATCH", [_, _, var name, var key]) => _collections.Upsert(request, TypeOf(name), key),
        _ => throw Errors.MethodNotAllowed(request.Method),
    };

    private ObjectType TypeOf(string name) => _platform.Store.Schema.Find(name) ?? throw Errors.NotFound();
}
