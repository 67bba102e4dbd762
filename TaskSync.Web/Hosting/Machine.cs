namespace TaskSync.Web.Hosting;

/// <summary>Time and chance of the machine. Everything else is given them, so that a test decides what they are.</summary>
public static class Machine
{
    public static IServiceCollection AddMachine(this IServiceCollection services)
    {
#pragma warning disable RS0030 // This is the one place of the app that names the machine's clock and dice.
        return services.AddSingleton(TimeProvider.System).AddSingleton(Random.Shared);
#pragma warning restore RS0030
    }
}
