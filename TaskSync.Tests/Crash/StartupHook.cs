using TaskSync.Tests.Crash;

/// <summary>
/// Runs before Main in a process started with DOTNET_STARTUP_HOOKS naming this assembly (the runtime wants this name, and no namespace).
/// So the test program is also the program that is killed, and the product needs no hook of its own.
/// </summary>
#pragma warning disable CA1050
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(EngineWorker.Switch) is { Length: > 0 } settings)
        {
            Environment.Exit(EngineWorker.RunAsync(settings).GetAwaiter().GetResult());
        }
    }
}
#pragma warning restore CA1050
