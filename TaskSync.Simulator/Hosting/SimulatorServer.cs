using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.OAuth;
using TaskSync.Simulator.Rest;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Hosting;

/// <summary>Answers HTTP requests: reads them, lets faults happen, has the work done under the org's gate, sends the answer.</summary>
internal sealed class SimulatorServer(SimulatorCore core, SimulatedOrg org)
{
    private const int WorthCompressing = 1024;

    private readonly Endpoints _endpoints = new(core, org);
    private readonly ConcurrentDictionary<string, bool> _refreshing = new(StringComparer.Ordinal);

    /// <param name="context">The request; its path begins with the prefix.</param>
    /// <param name="prefix">Where the simulator is mounted, like <c>/simulator</c>; empty at the root.</param>
    public async Task HandleAsync(HttpContext context, string prefix)
    {
        var request = await ReadAsync(context, prefix);
        if (!Endpoints.IsApi(request.Path))
        {
            await SendAsync(context, _endpoints.RunPages(request));
            return;
        }
        // Salesforce refuses to use one refresh token twice at the same time.
        var refreshToken = request.Path == "/services/oauth2/token" ? TokenEndpoint.RefreshTokenOf(request) : null;
        if (refreshToken is not null && !_refreshing.TryAdd(refreshToken, true))
        {
            await SendAsync(context, OAuthException.InvalidGrant("token request is already being processed").Answer());
            return;
        }
        try
        {
            await ExchangeAsync(context, request);
        }
        finally
        {
            if (refreshToken is not null)
                _refreshing.TryRemove(refreshToken, out _);
        }
    }

    private async Task ExchangeAsync(HttpContext context, WebRequest request)
    {
        var method = request.Method == "POST" && request.Query.GetValueOrDefault("_HttpMethod") is { Length: > 0 } other ? other.ToUpperInvariant() : request.Method;
        var resource = Resources.NameOf(request.Path);
        var userId = _endpoints.UserOf(request);
        var target = new FaultTarget(method, resource, Uri.UnescapeDataString(request.Path + request.QueryString), userId, Encoding.UTF8.GetString(request.Body.Span));
        var (fault, itemFaults) = core.Faults.Find(target);

        if (fault?.Kind == FaultKind.DelayRequest)
            await WaitAsync(fault);
        var exchange = FaultReplies.Prepare(fault, itemFaults);
        var (reply, counted) = FaultReplies.Instead(fault, request, core) is { } instead ? (instead, 0) : _endpoints.Run(request, method, exchange);
        if (fault?.Kind is FaultKind.DelayAnswer or FaultKind.LateCommit)
            await WaitAsync(fault);
        _endpoints.Commit(exchange);

        reply = FaultReplies.Spoil(fault, reply);
        core.Calls.Record(new ApiCall(core.Options.TimeProvider.GetUtcNow(), method, resource, userId, reply.Status, counted, request.Path + request.QueryString));
        if (reply.IsCut)
            context.Abort();
        else
            await SendAsync(context, reply);
    }

    /// <summary>Waits without regard to the client: Salesforce does not notice either that nobody listens any more.</summary>
    private Task WaitAsync(FaultRule fault) =>
        fault.Delay is { } delay ? Task.WhenAny(Task.Delay(delay, core.Options.TimeProvider), fault.Released) : fault.Released;

    private static async Task<WebRequest> ReadAsync(HttpContext context, string prefix)
    {
        using var buffer = new MemoryStream();
        if (string.Equals(context.Request.Headers.ContentEncoding, "gzip", StringComparison.OrdinalIgnoreCase))
        {
            await using var plain = new GZipStream(context.Request.Body, CompressionMode.Decompress);
            await plain.CopyToAsync(buffer, context.RequestAborted);
        }
        else
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var path = context.Request.Path.ToUriComponent();
        path = path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? path[prefix.Length..] : path;
        string? instance = null;
        if (path.StartsWith("/~", StringComparison.Ordinal))
        {
            var end = path.IndexOf('/', 1);
            (instance, path) = end < 0 ? (path[2..], "/") : (path[2..end], path[end..]);
        }
        var pathBase = context.Request.PathBase.ToUriComponent() + prefix;
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        return new WebRequest(context.Request.Method, path.Length == 0 ? "/" : path, context.Request.QueryString.Value ?? "", headers, buffer.ToArray(),
            $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}{pathBase}", pathBase, instance);
    }

    private async Task SendAsync(HttpContext context, Reply reply)
    {
        var response = context.Response;
        response.StatusCode = reply.Status;
        response.Headers.Date = core.Options.TimeProvider.GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        foreach (var (name, value) in reply.Headers)
            response.Headers[name] = value;
        if (reply.Body.IsEmpty)
            return;
        response.ContentType = reply.ContentType;
        var body = reply.Body;
        if (body.Length > WorthCompressing && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.ContentEncoding = "gzip";
            body = Compress(body);
        }
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        try
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The caller is gone; what was done stays done.
        }
    }

    private static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(body.Span);
        return packed.ToArray();
    }
}
