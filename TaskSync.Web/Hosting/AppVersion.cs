using System.Reflection;

namespace TaskSync.Web.Hosting;

/// <summary>Which TaskSync this is, for admins and the log. It is not told to people who are not signed in.</summary>
public static partial class AppVersion
{
    private const int ShortRevision = 12;

    /// <summary>This program's version, and the revision of the source when it was built where git is.</summary>
    public static string Words { get; } = Of(typeof(AppVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);

    /// <param name="informationalVersion">As the SDK writes it: the version, then a plus sign and the revision where one is known.</param>
    public static string Of(string informationalVersion) => informationalVersion.Split('+', 2) switch
    {
        [var version, var revision] => $"TaskSync {version}, build {revision[..Math.Min(ShortRevision, revision.Length)]}",
        [var version, ..] => $"TaskSync {version}",
        [] => "TaskSync",
    };

    public static void LogVersion(this WebApplication app) => LogStart(app.Logger, Words);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Version} starts.")]
    private static partial void LogStart(ILogger logger, string version);
}
