using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace TaskSync.Tests.Repository;

/// <summary>The files that run TaskSync for real agree with each other and with the document that tells about them.</summary>
public sealed partial class DeploymentTests
{
    private static readonly string[] Whole = ["compose.yaml", "compose.postgresql.yaml"];

    private static readonly string Operations = Repo.Read("docs/operations.md").ReplaceLineEndings("\n");

    /// <summary>Both files take the same variables, so that a change of the database changes none.</summary>
    [Fact]
    public void Each_variable_of_the_compose_files_is_in_the_table()
    {
        var section = Operations[Operations.IndexOf("\n### With Docker\n", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        var documented = Row().Matches(section).SelectMany(row => Name().Matches(row.Value)).Select(name => name.Groups[1].Value).Order(StringComparer.Ordinal).ToList();

        Assert.Contains("PUBLIC_URL", documented);
        Assert.All(Whole, file => Assert.Equal(documented, new[] { file, "compose.common.yaml" }
            .SelectMany(part => Variable().Matches(Repo.Read(part))).Select(name => name.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void The_proxy_sends_to_the_instances_at_the_port_of_the_image()
    {
        var port = Regex.Match(Repo.Read("Dockerfile"), @"ASPNETCORE_HTTP_PORTS=(\d+)").Groups[1].Value;
        var instances = Upstream().Matches(Repo.Read("deploy/nginx.conf")).Select(server => (Name: server.Groups[1].Value, Port: server.Groups[2].Value)).ToList();

        Assert.Equal(2, instances.Count);
        Assert.All(instances, instance => Assert.Equal(port, instance.Port));
        Assert.All(Whole, file => Assert.Equal(
            instances.Select(instance => instance.Name),
            Service().Matches(Repo.Read(file).ReplaceLineEndings("\n")).Select(service => service.Groups[1].Value).Where(name => name.StartsWith("web", StringComparison.Ordinal))));
    }

    [Fact]
    public void SQL_Server_understands_the_script_that_makes_the_database()
    {
        using var script = new StringReader(Repo.Read("deploy/sqlserver-init.sql"));
        var tree = new TSql160Parser(initialQuotedIdentifiers: true).Parse(script, out var errors);

        Assert.Empty(errors.Select(error => $"line {error.Line}: {error.Message}"));
        Assert.Contains(((TSqlScript)tree).Batches.SelectMany(batch => batch.Statements), statement => statement is AlterRoleStatement { Name.Value: "db_datareader" });
    }

    [Fact]
    public void The_proxys_log_leaves_out_queries_and_their_codes()
    {
        var nginx = Repo.Read("deploy/nginx.conf");

        // A log that is named outside a server is written beside that of the distribution, not in its place.
        Assert.All(nginx.ReplaceLineEndings("\n").Split("\nserver {\n").Skip(1), server => Assert.Matches(@"(?m)^    access_log \S+ tasksync;$", server));
        Assert.DoesNotMatch(@"\$(?:request|request_uri|args|query_string|http_referer)\b", Regex.Match(nginx, "log_format tasksync[^;]+;").Value);
    }

    [GeneratedRegex(@"^\| `[A-Z][A-Z_]+`[^|]* \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Z][A-Z_]+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\$\{([A-Z_]+)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\s+server ([\w.-]+):(\d+) ", RegexOptions.Multiline)]
    private static partial Regex Upstream();

    [GeneratedRegex("^  ([a-z0-9-]+):(?: &[a-z]+)?\n", RegexOptions.Multiline)]
    private static partial Regex Service();
}
