namespace TaskSync.Tests.Support;

/// <summary>The machine's clock, where a fake one cannot be: a running host, tokens and certificates that a library checks, the patience of a wait.</summary>
internal static class WallClock
{
#pragma warning disable RS0030 // This is the one place of the tests that names the machine's clock.
    public static TimeProvider Time { get; } = TimeProvider.System;
#pragma warning restore RS0030

    public static DateTimeOffset Now => Time.GetUtcNow();
}
