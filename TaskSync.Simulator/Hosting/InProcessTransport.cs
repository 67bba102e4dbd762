using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace TaskSync.Simulator.Hosting;

/// <summary>
/// The wire without sockets: HTTP messages are handed to the simulator inside the process, one after the other on the caller's own path. Nothing then
/// depends on the network's or the thread pool's mood, so a run from a seed repeats itself exactly.
/// </summary>
internal sealed class InProcessTransport(SimulatorServer server) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var features = new FeatureCollection();
        using var answer = new MemoryStream();
        var lifetime = new Lifetime();
        features.Set<IHttpRequestFeature>(await RequestAsync(request, cancellationToken));
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        features.Set<IHttpRequestLifetimeFeature>(lifetime);
        var context = new DefaultHttpContext(features);

        // As over a socket: the caller may give up, the server goes on with what it has begun.
        await server.HandleAsync(context, "").WaitAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return lifetime.IsAborted ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was cut before the answer came.") : Response(request, context, answer.ToArray());
    }

    private static async Task<HttpRequestFeature> RequestAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var feature = new HttpRequestFeature
        {
            Method = request.Method.Method,
            Scheme = address.Scheme,
            Path = Uri.UnescapeDataString(address.AbsolutePath),
            RawTarget = address.PathAndQuery,
            QueryString = address.Query,
            Protocol = "HTTP/1.1",
        };
        var headers = request.Content is null ? request.Headers : request.Headers.Concat(request.Content.Headers);
        foreach (var (name, values) in headers)
            feature.Headers[name] = values.ToArray();
        feature.Headers.Host = address.Authority;
        if (request.Content is not null)
            feature.Body = new MemoryStream(await request.Content.ReadAsByteArrayAsync(cancellationToken));
        return feature;
    }

    private static HttpResponseMessage Response(HttpRequestMessage request, DefaultHttpContext context, byte[] body)
    {
        var response = new HttpResponseMessage((HttpStatusCode)context.Response.StatusCode) { RequestMessage = request, Content = new ByteArrayContent(body) };
        foreach (var (name, values) in context.Response.Headers)
            if (!response.Headers.TryAddWithoutValidation(name, values.ToArray()))
                response.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        return response;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }
        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }
}
