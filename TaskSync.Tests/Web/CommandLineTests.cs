using System.IO.Compression;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Hosting;

namespace TaskSync.Tests.Web;

/// <summary>The commands beside the web server, on a database of their own.</summary>
public sealed class CommandLineTests : IAsyncDisposable
{
    private readonly Desk _desk = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("tasksync-command-").FullName;

    public async ValueTask DisposeAsync()
    {
        await _desk.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        await _output.DisposeAsync();
        await _error.DisposeAsync();
    }

    [Fact]
    public async Task Section7_a_person_is_exported_to_a_file_that_only_the_operator_reads()
    {
        await _desk.NewTask("Call Ana");
        var file = Path.Combine(_folder, "rita.zip");

        Assert.Equal(0, await RunAsync("export", "rita", file));

        await using (var zip = await ZipFile.OpenReadAsync(file, TestContext.Current.CancellationToken))
        {
            Assert.Contains(zip.Entries, entry => entry.FullName == "json/Tasks.json");
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(1, await RunAsync("export", "rita", file));
        Assert.Contains("already exists", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Section7_erasing_asks_for_yes_and_then_leaves_nothing()
    {
        var other = _desk.Add(new Person { SubjectId = "sam", Name = "Sam", CreatedAt = Desk.Morning });
        await _desk.NewTask("Call Ana");

        Assert.Equal(2, await RunAsync("erase", "RITA"));
        Assert.Contains("1 task", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _desk.Read(db => db.People.Count()));

        Assert.Equal(0, await RunAsync("erase", "RITA", "--yes"));
        Assert.Equal((other, 0, 0), _desk.Read(db => (db.People.Single().Id, db.Tasks.Count(), db.History.Count())));
        Assert.Equal(3, await RunAsync("erase", "RITA", "--yes"));
    }

    [Fact]
    public async Task One_address_of_two_people_asks_which()
    {
        foreach (var account in new[] { "one", "two" })
        {
            _desk.Add(new Person { SubjectId = account, Name = account, Email = "both@acme.example", CreatedAt = Desk.Morning });
        }

        Assert.Equal(3, await RunAsync("erase", "both@acme.example", "--yes"));
        Assert.Contains("2 people", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, _desk.Read(db => db.People.Count()));
    }

    [Theory]
    [InlineData("export")]
    [InlineData("export", "rita", "a", "b")]
    [InlineData("export", "rita", "--yes")]
    [InlineData("erase", "--yes")]
    [InlineData("erase", "rita", "sam", "--yes")]
    [InlineData("erase", "rita", "--force")]
    public async Task What_cannot_be_meant_is_refused_with_the_usage(params string[] args)
    {
        Assert.Equal(2, await CommandLine.RunAsync([.. args], _output, _error));
        Assert.Contains("TaskSync.Web export <person> [file]", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_database_and_a_missing_certificate_are_said_with_a_way_out()
    {
        Assert.Equal(1, await CommandLine.RunAsync(["export", "rita", $"--ConnectionStrings:TaskSync=Data Source={Path.Combine(_folder, "new.db")}", "--environment=Development"], _output, _error));
        Assert.Contains("ConnectionStrings:TaskSync", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await CommandLine.RunAsync(["export", "rita", $"--ConnectionStrings:TaskSync={_desk.Database.ConnectionString}", "--environment=Production"], _output, _error));
        Assert.Contains("DataProtection:CertificatePath", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_certificate_and_what_is_no_database_is_said_as_at_a_start()
    {
        var file = Path.Combine(_folder, "no.such");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("This is neither. ", 500)), TestContext.Current.CancellationToken);

        Assert.Equal(1, await CommandLine.RunAsync(["export", "rita", $"--ConnectionStrings:TaskSync={_desk.Database.ConnectionString}", "--environment=Production", $"--DataProtection:CertificatePath={file}"], _output, _error));
        Assert.Contains("could not be read with DataProtection:CertificatePassword", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await CommandLine.RunAsync(["export", "rita", $"--ConnectionStrings:TaskSync=Data Source={file}", "--environment=Development"], _output, _error));
        Assert.Contains("is damaged, or is no database", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "export", "rita")]
    [InlineData(true, "erase")]
    [InlineData(true, "health")]
    [InlineData(true, "--health")]
    [InlineData(false)]
    [InlineData(false, "--urls=http://localhost:5000")]
    public void Everything_else_starts_the_server(bool isCommand, params string[] args) => Assert.Equal(isCommand, CommandLine.IsCommand(args));

    private Task<int> RunAsync(params string[] args) =>
        CommandLine.RunAsync([.. args, $"--ConnectionStrings:TaskSync={_desk.Database.ConnectionString}", "--environment=Development"], _output, _error);
}
