namespace TaskSync.Simulator;

/// <summary>Runs the simulated Salesforce org on its own: <c>dotnet run --project TaskSync.Simulator</c>.</summary>
internal static class Program
{
    /// <summary>Where the simulator listens when neither <c>--urls</c> nor <c>ASPNETCORE_URLS</c> says otherwise.</summary>
    private const string DefaultUrl = "http://localhost:5300";

    public static async Task Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
            builder.WebHost.UseUrls(DefaultUrl);
        builder.Services.AddSalesforceSimulator();

        var app = builder.Build();
        app.MapSalesforceSimulator();
        await app.RunAsync();
    }
}
