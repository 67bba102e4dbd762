using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Sync.Data;
using TaskSync.Tests.Engine.Cycle;
using TaskSync.Tests.Support;
using TaskSync.Tests.Web;

namespace TaskSync.Tests.Crash;

/// <summary>A start that cannot work ends with exit code 1 and one line for the operator, in a process of its own.</summary>
public sealed class StartUpTests : IDisposable
{
    private const string ConnectionString = "ConnectionStrings__TaskSync";
    private const string Place = "ConnectionStrings:TaskSync";
    private readonly string _folder = Directory.CreateTempSubdirectory("tasksync-start-").FullName;

    private string DatabaseFile => Path.Combine(_folder, "tasksync.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Database__Provider", "Oracle", "Database:Provider is 'Oracle'")]
    [InlineData("Database__Provider", "7", "Database:Provider is '7'")]
    [InlineData(ConnectionString, "Server=db.acme.example;Database=TaskSync", "ConnectionStrings:TaskSync is no connection string")]
    [InlineData(ConnectionString, "Data Source=/dev/null/folder/tasksync.db", "ConnectionStrings:TaskSync")]
    [InlineData("Sync__PollInterval", "00:00:00", "Sync:PollInterval")]
    [InlineData("Sync__PollInterval", "fifteen", "Sync:PollInterval")]
    [InlineData("ASPNETCORE_ENVIRONMENT", "Production", "DataProtection:CertificatePath")]
    public async Task SE10_a_setting_that_cannot_work_is_named(string key, string value, string words) => await AssertStopsAsync(new() { [key] = value }, words);

    [Fact]
    public async Task SE10_a_file_that_is_no_database_is_told_with_a_way_out()
    {
        await File.WriteAllTextAsync(DatabaseFile, new string('x', 8192), TestContext.Current.CancellationToken);

        await AssertStopsAsync([], "is damaged, or is no database. Restore a backup", Place);
    }

    [Fact]
    public async Task SE10_a_database_that_another_program_has_locked_is_told()
    {
        await using var holder = new SqliteConnection($"Data Source={DatabaseFile};Pooling=false");
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = holder.BeginTransaction();

        await AssertStopsAsync(new() { [ConnectionString] = $"Data Source={DatabaseFile};Default Timeout=1" }, "is locked by another program", Place);
    }

    [Fact]
    public async Task SE10_a_second_instance_on_one_SQLite_file_is_refused_in_words()
    {
        Dictionary<string, string> settings = new() { [ConnectionString] = $"Data Source={DatabaseFile}", ["Simulator__DataDirectory"] = Path.Combine(_folder, "first") };
        await using (var first = await AppProcess.StartAsync(settings))
        {
            await AssertStopsAsync([], "Another TaskSync runs on the database", Place, "Database:Provider");
            Assert.True(first.IsRunning);
            first.Kill();
        }

        // Whoever held it is dead: nothing is in the way.
        await using var next = await AppProcess.StartAsync(settings);
        Assert.True(next.IsRunning);
    }

    [Fact]
    public async Task SE10_a_database_that_cannot_be_written_is_told() =>
        await AssertStopsAsync(new() { [ConnectionString] = $"Data Source={DatabaseFile};Mode=ReadOnly" }, "cannot be written", Place);

    [Fact]
    public async Task SE10_tables_of_another_version_are_told()
    {
        await using (var database = new TestDatabase())
        {
            File.Copy(database.Path, DatabaseFile);
        }

        await using (var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=false"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO __EFMigrationsHistory VALUES ('29991231235959_Later', '99.0')";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await AssertStopsAsync([], "were made by another version of TaskSync", Place);
    }

    [Theory]
    [InlineData(5, "is locked by another program")]
    [InlineData(8, "cannot be written")]
    [InlineData(13, "is full. Make room on it")]
    [InlineData(14, "cannot be opened")]
    public async Task SE10_each_trouble_of_the_database_has_its_way_out(int code, string words)
    {
        var failing = new FailingDatabase();
        await using var database = new TestDatabase(failing);
        failing.FailAt(0, code);

        var failure = await Assert.ThrowsAsync<SetupException>(() => new DatabaseMigrator(database, WallClock.Time, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(TestContext.Current.CancellationToken));

        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Contains(Place, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE10_a_certificate_that_cannot_be_used_is_told()
    {
        await AssertStopsAsync(new() { ["DataProtection__CertificatePath"] = KeyRingFiles.Make(), ["DataProtection__CertificatePassword"] = "wrong" }, "DataProtection:CertificatePassword");
        await AssertStopsAsync(new() { ["DataProtection__CertificatePath"] = Path.Combine(_folder, "none.pfx") }, "DataProtection:CertificatePath");
        await AssertStopsAsync(
            new() { ["DataProtection__CertificatePath"] = KeyRingFiles.Make(withKey: false), ["DataProtection__CertificatePassword"] = KeyRingFiles.Password },
            "DataProtection:CertificatePath", "private key");
    }

    [Fact]
    public async Task SE10_another_certificate_than_that_of_the_keys_is_told()
    {
        Dictionary<string, string> settings = new() { ["DataProtection__CertificatePassword"] = KeyRingFiles.Password, [ConnectionString] = $"Data Source={DatabaseFile}", ["Simulator__DataDirectory"] = _folder };
        await using (var app = await AppProcess.StartAsync(settings.Append(new("DataProtection__CertificatePath", KeyRingFiles.Make())).ToDictionary()))
        {
            // The sign-in page makes the first key.
            using var client = new HttpClient();
            Assert.Contains("Continue as", await client.GetStringAsync(new Uri(app.Address, "/sign-in"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        settings["DataProtection__CertificatePath"] = KeyRingFiles.Make();
        await AssertStopsAsync(settings, "DataProtection:CertificatePath", "empty the table DataProtectionKeys");
    }

    /// <summary>It ends with exit code 1, and all that it writes to standard error is one line with these words.</summary>
    private async Task AssertStopsAsync(Dictionary<string, string> settings, params string[] words)
    {
        settings.TryAdd(ConnectionString, $"Data Source={DatabaseFile}");
        settings.TryAdd("Simulator__DataDirectory", _folder);

        var (exitCode, errors) = await AppProcess.EndsAsync(settings);

        Assert.Equal((1, 1), (exitCode, errors.Trim().Split('\n').Length));
        Assert.All(words, word => Assert.Contains(word, errors, StringComparison.Ordinal));
    }
}
