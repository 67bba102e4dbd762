using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Tests.Data;
using TaskSync.Tests.Salesforce;
using TaskSync.Web.Hosting;

namespace TaskSync.Tests.Web;

/// <summary>What no setting of Logging lets into a log.</summary>
public sealed class DiscreetLogsTests
{
    private const string Typed = "Call Ana about the divorce";

    public static TheoryData<DbException> Failures => [new SqliteException($"The value '{Typed}' failed.", 19), SqlServerError.Of(2628, $"Truncated value: '{Typed}'.")];

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Microsoft.AspNetCore.SignalR.HubConnectionHandler")]
    [InlineData("Microsoft.AspNetCore.Components.Server.Circuits.RemoteRenderer")]
    [InlineData("Microsoft.AspNetCore.Authentication.OpenIdConnect.OpenIdConnectHandler")]
    public void Section7_what_the_framework_hears_is_not_logged_by_a_rule_of_a_provider(string category)
    {
        using var sink = new LogSink();
        using var services = Services(sink, logging => logging.AddFilter<LogSink>(category, LogLevel.Trace));
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        logger.LogInformation("heard");
        logger.LogWarning("needs somebody");

        Assert.False(logger.IsEnabled(LogLevel.Debug));
        Assert.Contains("needs somebody", Assert.Single(sink.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Section7_the_words_of_a_database_are_in_no_line(DbException cause)
    {
        using var sink = new LogSink();
        using var services = Services(sink);
        var failure = Assert.Throws<DbUpdateException>(void () => throw new DbUpdateException("It could not be saved.", cause));
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.EntityFrameworkCore.Update");

        logger.LogError(new EventId(10000, "SaveChangesFailed"), failure, "It failed: {Error}", failure);
        logger.LogError(failure, "Of connection {Connection}.", "0HN");

        Assert.DoesNotContain(sink.Lines, line => line.Contains(Typed, StringComparison.Ordinal));
        Assert.Contains("SaveChangesFailed", sink.Lines.First(), StringComparison.Ordinal);
        Assert.Contains("Of connection 0HN.", sink.Lines.Last(), StringComparison.Ordinal);
        Assert.All(sink.Lines, line =>
        {
            Assert.Contains(cause is SqliteException ? "SqliteException 19" : "SqlException 2628", line, StringComparison.Ordinal);
            Assert.Contains("DbUpdateException", line, StringComparison.Ordinal);
            Assert.Contains(nameof(Section7_the_words_of_a_database_are_in_no_line), line, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Another_failure_is_logged_as_it_is()
    {
        using var sink = new LogSink();
        using var services = Services(sink);

        services.GetRequiredService<ILogger<DiscreetLogsTests>>().LogError(new InvalidOperationException("It cannot be."), "Job {Job}", 7);

        var line = Assert.Single(sink.Lines);
        Assert.Contains("It cannot be.", line, StringComparison.Ordinal);
        Assert.Contains("[Job, 7]", line, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(LogSink sink, Action<ILoggingBuilder>? configure = null) => new ServiceCollection()
        .AddLogging(logging =>
        {
            logging.SetMinimumLevel(LogLevel.Trace).AddProvider(sink);
            configure?.Invoke(logging);
        })
        .AddDiscreetLogs()
        .BuildServiceProvider();
}
