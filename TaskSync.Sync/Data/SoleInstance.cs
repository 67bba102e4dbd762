using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace TaskSync.Sync.Data;

/// <summary>
/// A SQLite file serves one instance: jobs, bells and live pages of a second one would know nothing of the first. The operating system gives the lock back when
/// the process ends, however it ends. On a server database nothing is locked.
/// </summary>
public sealed class SoleInstance(IDbContextFactory<TaskSyncDb> databases) : IDisposable
{
    private FileStream? _lock;

    /// <summary>Holds the file until this process ends.</summary>
    /// <exception cref="SetupException">Another instance holds it, or the folder cannot be written; the message says what to do.</exception>
    public void Hold()
    {
        using var db = databases.CreateDbContext();
        if (_lock is not null || !db.Database.IsSqlite())
        {
            return;
        }

        var database = new SqliteConnectionStringBuilder(db.Database.GetConnectionString());
        if (database.Mode == SqliteOpenMode.Memory || database.DataSource.StartsWith(':'))
        {
            return;
        }

        var path = Path.GetFullPath(database.DataSource) + ".instance";
        try
        {
            _lock = new FileStream(path, Private());
        }
        catch (IOException failure) when (File.Exists(path))
        {
            throw new SetupException(
                $"Another TaskSync runs on the database {database.DataSource}. A SQLite file serves one instance: end the other one, name another file in ConnectionStrings:TaskSync, or take a server: Database:Provider.",
                failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The file {path} cannot be written: {failure.Message} Give the account that runs TaskSync the right to write the folder of the database.", failure);
        }
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>For nobody else while it is open, and for no other account.</summary>
    private static FileStreamOptions Private()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
