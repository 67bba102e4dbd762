using System.Runtime.CompilerServices;

// What an app in this process logs belongs to the test that started it, and is shown when that fails.
[assembly: CaptureConsole]

namespace TaskSync.Tests.Support;

/// <summary>What holds for the process of the tests as a whole.</summary>
internal static class TestProcess
{
    /// <summary>A machine has few watchers of files, and each app that starts would take some to notice changed settings.</summary>
    [ModuleInitializer]
    internal static void Begin() => Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
}
