using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Support;

/// <summary>
/// A PostgreSQL of this test run's own: on loopback, in a folder that goes with it, started when a test first asks for it. It ends with the run, however that
/// ends, because it hangs on a pipe from it.
/// </summary>
public sealed class PostgreSqlServer
{
    private const string Template = "tasksync_template";

    /// <summary>Arguments: the folder of the programs, the port. PostgreSQL refuses to run as root.</summary>
    private const string Script = """
        folder=$(mktemp -d -t tasksync-postgresql-XXXXXX) || exit 1
        trap 'rm -rf "$folder"' EXIT
        cd "$folder" || exit 1
        "$0/initdb" -D "$folder/data" -U tasksync -A trust -E UTF8 --locale=C --no-sync > "$folder/log" 2>&1 || exit 1
        "$0/postgres" -D "$folder/data" -p "$1" -h 127.0.0.1 -k '' -c max_connections=400 -c deadlock_timeout=100ms -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=4GB -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track_utility=off >> "$folder/log" 2>&1 &
        server=$!
        cat > /dev/null
        kill -QUIT "$server"
        wait "$server"
        """;

    private static readonly Lazy<PostgreSqlServer?> Only = new(Start);
    private readonly Process _script;
    private readonly int _port;
    private int _databases;

    private PostgreSqlServer(Process script, int port) => (_script, _port) = (script, port);

    /// <summary>The server, or null where none is installed.</summary>
    public static PostgreSqlServer? Instance => Only.Value;

    /// <summary>The server; the test is skipped where none is installed.</summary>
    public static PostgreSqlServer Demand()
    {
        Assert.SkipWhen(Instance is null, "No PostgreSQL was found, in /usr/lib/postgresql/*/bin or on the PATH.");
        return Instance!;
    }

    /// <summary>A database with the real schema, or with what another one holds now. Whoever makes it drops it.</summary>
    /// <param name="from">The name of the other one, which nobody may be using.</param>
    public string Create(string from = Template)
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        Run($"CREATE DATABASE {name} TEMPLATE {from}");
        return name;
    }

    /// <summary>An empty database, without tables.</summary>
    public string CreateEmpty() => Create("template0");

    /// <summary>Ends whoever uses the database, and deletes it.</summary>
    public void Drop(string name)
    {
        Release(name);
        Run($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    /// <summary>How often which statements ran on a database so far; begins and ends of transactions are not among them.</summary>
    public Dictionary<string, long> Statements(string name)
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT s.query, sum(s.calls)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = $1 GROUP BY s.query";
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        using var reader = command.ExecuteReader();
        Dictionary<string, long> counts = [];
        while (reader.Read())
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return counts;
    }

    /// <summary>Ends the connections that the pool keeps, and those that it forgot.</summary>
    public void Release(string name)
    {
        NpgsqlConnection.ClearPool(new NpgsqlConnection(ConnectionString(name)));
        Run($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'");
    }

    public string ConnectionString(string name) => $"Host=127.0.0.1;Port={_port};Database={name};Username=tasksync;Include Error Detail=true;Timeout=30";

    private static PostgreSqlServer? Start()
    {
        if (Programs() is not { } programs)
        {
            return null;
        }

        var port = FreePort();
        List<string> command = [.. Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : Array.Empty<string>(), "sh", "-c", Script, programs, port.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, WorkingDirectory = "/" };
        var server = new PostgreSqlServer(Process.Start(start)!, port);
        server.Wait();
        server.Run("CREATE EXTENSION pg_stat_statements");
        server.Run($"CREATE DATABASE {Template}");
        using (var db = new PostgreSqlTaskSyncDb(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql(server.ConnectionString(Template) + ";Pooling=false").Options))
        {
            db.Database.Migrate();
        }

        return server;
    }

    private static string? Programs()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")) : [];
        return installed.OrderDescending().Concat(Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? []).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Wait()
    {
        var begun = WallClock.Time.GetTimestamp();
        while (true)
        {
            try
            {
                Run("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (!_script.HasExited && WallClock.Time.GetElapsedTime(begun) < TimeSpan.FromMinutes(1))
            {
                Task.Delay(TimeSpan.FromMilliseconds(100), WallClock.Time).Wait();
            }
        }
    }

    private void Run(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of our own.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 120;
        command.ExecuteNonQuery();
    }
}
