using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace TaskSync.Web.Hosting;

/// <summary>One appsettings.json at the root of the repository serves `dotnet run` and the published app alike.</summary>
public static class RootSettings
{
    /// <summary>The program's own folder when it was published, whatever folder it is started from; null lets ASP.NET Core decide (the project folder).</summary>
    public static string? PublishedContentRoot() =>
        Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot")) ? AppContext.BaseDirectory : null;

    /// <summary>
    /// Reads the copy of appsettings.json beside the program first (with `dotnet run` the content root is the project folder, which has none),
    /// so that everything else, environment variables above all, still wins. Also says where the embedded database lives when nobody said so.
    /// </summary>
    public static void AddRootSettings(this WebApplicationBuilder builder)
    {
        var sources = builder.Configuration.Sources;
        var firstFile = sources.TakeWhile(source => source is not JsonConfigurationSource).Count();
        sources.Insert(Math.Min(firstFile, sources.Count), new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = "appsettings.json",
            Optional = true,
        });

        var data = Path.Combine(builder.Environment.ContentRootPath, "App_Data");
        var provider = builder.Configuration["Database:Provider"];
        if (string.IsNullOrEmpty(provider) || string.Equals(provider, "Sqlite", StringComparison.OrdinalIgnoreCase))
        {
            AddDefault(builder.Configuration, "ConnectionStrings:TaskSync", $"Data Source={Path.Combine(data, "tasksync.db")}");
        }

        AddDefault(builder.Configuration, "Simulator:DataDirectory", Path.Combine(data, "simulator"));
    }

    private static void AddDefault(ConfigurationManager configuration, string key, string value)
    {
        if (string.IsNullOrEmpty(configuration[key]))
        {
            configuration[key] = value;
        }
    }
}
