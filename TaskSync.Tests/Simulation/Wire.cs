namespace TaskSync.Tests.Simulation;

/// <summary>The way to Salesforce: the power may fail before a request and before its answer, and people there act while requests are under way.</summary>
internal sealed class Wire(HttpMessageHandler org, PowerSwitch power) : DelegatingHandler(org)
{
    /// <summary>Called before each request: the instance that sends it may be stopped here.</summary>
    public Func<Task>? BeforeRequest { get; set; }

    /// <summary>Called before each request that only reads.</summary>
    public Action? BeforeRead { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        power.Pass();
        await (BeforeRequest?.Invoke() ?? Task.CompletedTask);
        if (request.Method == HttpMethod.Get)
        {
            BeforeRead?.Invoke();
        }

        var response = await base.SendAsync(request, cancellationToken);
        power.Pass();
        return response;
    }
}
