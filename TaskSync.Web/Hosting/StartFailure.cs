using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;

namespace TaskSync.Web.Hosting;

/// <summary>What stops the start is said in words to whoever starts the program. A fault of ours shows itself whole.</summary>
public static class StartFailure
{
    /// <summary>The same; null as well for a host that was started by another program, which hears of it itself.</summary>
    public static string? Words(Exception failure) => Assembly.GetEntryAssembly() == typeof(StartFailure).Assembly ? Of(failure) : null;

    /// <summary>The words; null for a failure that nobody can put right by a setting.</summary>
    public static string? Of(Exception failure) => failure switch
    {
        SetupException => failure.Message,
        OptionsValidationException invalid => string.Join(' ', invalid.Failures),
        AggregateException several when several.InnerExceptions.All(one => Of(one) is not null) => string.Join(' ', several.InnerExceptions.Select(Of)),
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } => $"{failure.Message} docs/operations.md says what the key takes.",
        IOException { InnerException: AddressInUseException } => $"{failure.Message} Set ASPNETCORE_URLS to another address, or end the program that has this one.",
        _ => null,
    };
}
