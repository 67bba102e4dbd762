using System.Data.Common;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TaskSync.Sync.Data;

namespace TaskSync.Web.Hosting;

/// <summary>
/// Stands before every log, whatever provider and level the configuration names. What the framework says in words that people typed does not pass:
/// its talkative categories below Warning, and the database's own words in a failure.
/// </summary>
public sealed class DiscreetLogs(LoggerFactory inner) : ILoggerFactory
{
    /// <summary>
    /// Categories, with all below them, that tell too much below Warning: whole addresses, with the OAuth code and state, an e-mail address or a search in them,
    /// and (SignalR) all that is typed.
    /// </summary>
    private static readonly string[] Talkative =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Http.Result",
        "Microsoft.AspNetCore.Authentication.OpenIdConnect",
        "Microsoft.AspNetCore.SignalR",
        "Microsoft.AspNetCore.Components.Server",
    ];

    public ILogger CreateLogger(string categoryName) =>
        new Logger(inner.CreateLogger(categoryName), Talkative.Any(category => categoryName.StartsWith(category, StringComparison.Ordinal)) ? LogLevel.Warning : LogLevel.Trace);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>The container ends the factory inside.</summary>
    public void Dispose()
    {
    }

    private sealed class Logger(ILogger inner, LogLevel lowest) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            if (exception is not null && DatabaseFailures.CauseOf(exception) is { } cause)
            {
                // EF Core repeats the failure in its own line.
                var words = formatter(state, exception);
                var safe = words.Contains(cause.Message, StringComparison.Ordinal) ? eventId.Name ?? "The database failed." : words;
                var wordless = new WordlessException(exception, cause);
                inner.Log(logLevel, eventId, safe, wordless, (line, _) => line);
                return;
            }

            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    /// <summary>Where a failure of the database happened and what kind it is. Its words may be values that were to be stored (SQL Server's 2628 is).</summary>
    private sealed class WordlessException(Exception failure, DbException cause) : Exception(DatabaseFailures.KindOf(cause))
    {
        public override string ToString()
        {
            List<string> lines = [Message];
            for (var told = failure; told is not null; told = told.InnerException)
            {
                lines.Add($"{told.GetType().FullName}{Environment.NewLine}{told.StackTrace}");
            }

            return string.Join(Environment.NewLine, lines);
        }
    }
}

/// <summary>Registers <see cref="DiscreetLogs"/>.</summary>
public static class DiscreetLogsServices
{
    public static IServiceCollection AddDiscreetLogs(this IServiceCollection services) =>
        services.AddSingleton<LoggerFactory>().Replace(ServiceDescriptor.Singleton<ILoggerFactory, DiscreetLogs>());
}
