using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace TaskSync.Sync.Data;

/// <summary>What a failure of the database means. The one place that knows the numbers: SQLite's result codes (sqlite.org/rescode.html), SQL Server's errors, and PostgreSQL's SQLSTATEs (appendix A of its manual).</summary>
public static class DatabaseFailures
{
    /// <summary>What is wrong with the database; null when the failure is not the database's, or is about one row or one race.</summary>
    public static DatabaseTrouble? TroubleOf(Exception failure) => failure is DatabaseUnavailableException { Trouble: var trouble } ? trouble : CauseOf(failure) switch
    {
        SqliteException cause => TroubleOf(cause),
        SqlException cause => TroubleOf(cause),
        PostgresException cause => TroubleOf(cause),
        NpgsqlException => DatabaseTrouble.Away, // sockets, timeouts, no connection left in the pool
        _ => null,
    };

    /// <summary>
    /// A row was changed or added between reading and saving, or the database ended this transaction in favour of another one. The one definition of a race.
    /// Who was ended is told by any statement, not only by a save, and EF Core wraps it in an <see cref="InvalidOperationException"/>.
    /// </summary>
    public static bool IsRace(Exception failure) =>
        failure is DbUpdateConcurrencyException || (CauseOf(failure) is { } cause && (IsVictim(cause) || (failure is DbUpdateException && IsConstraint(cause))));

    /// <summary>
    /// The failure comes from what is to be stored, not from the database, the shard or a stop. Nor from somebody else who was faster, however often: that row is
    /// as good as any other. A constraint that is broken each time is no race, whatever it looked like at first.
    /// </summary>
    public static bool IsOfARow(Exception failure) =>
        failure is not (OperationCanceledException or FenceLostException or DbUpdateConcurrencyException) && (CauseOf(failure) is not { } cause || IsConstraint(cause) || IsData(cause));

    /// <summary>The type of a failure and the database's number. Its words may hold what was to be stored (2628 does), so they are never logged.</summary>
    public static string KindOf(Exception failure) => CauseOf(failure) switch
    {
        SqliteException cause => $"{nameof(SqliteException)} {cause.SqliteErrorCode}",
        SqlException cause => $"{nameof(SqlException)} {cause.Number}",
        PostgresException cause => $"{nameof(PostgresException)} {cause.SqlState}",
        _ => failure.GetBaseException().GetType().Name,
    };

    /// <summary>The database's own failure in this one or within it; null when there is none.</summary>
    public static DbException? CauseOf(Exception failure) => failure as DbException ?? (failure.InnerException is { } inner ? CauseOf(inner) : null);

    /// <summary>ERROR is what SQLite says of a table or column that is not there: the statements themselves are EF Core's.</summary>
    private static DatabaseTrouble? TroubleOf(SqliteException cause) => cause.SqliteErrorCode switch
    {
        5 or 6 => DatabaseTrouble.Busy, // BUSY, LOCKED
        13 => DatabaseTrouble.Full, // FULL
        8 => DatabaseTrouble.ReadOnly, // READONLY
        10 or 11 or 26 => DatabaseTrouble.Broken, // IOERR, CORRUPT, NOTADB
        1 => DatabaseTrouble.OtherTables, // ERROR
        3 or 14 or 23 => DatabaseTrouble.Away, // PERM, CANTOPEN, AUTH
        _ => null,
    };

    /// <summary>Errors of class 20 and above end the connection.</summary>
    private static DatabaseTrouble? TroubleOf(SqlException cause) => cause switch
    {
        { Number: 1204 or 1205 or 1222 or 8645 or 8651 or 10928 or 10929 or 10936 or 40501 or 49918 or 49919 or 49920 } => DatabaseTrouble.Busy, // deadlock, lock, memory, limits of Azure
        { Number: 1101 or 1105 or 3966 or 3967 or 9002 or 40544 } => DatabaseTrouble.Full, // file group, row versions in tempdb, log, quota of Azure
        { Number: 3906 or 3908 } => DatabaseTrouble.ReadOnly,
        { Number: 605 or 823 or 824 or 926 } => DatabaseTrouble.Broken, // pages, suspect
        { Number: 207 or 208 } => DatabaseTrouble.OtherTables,
        { Number: -2 or -1 or 2 or 53 or 64 or 121 or 233 or 258 or 4060 or 11001 or 17197 or 18456 or 40197 or 40613 } => DatabaseTrouble.Away, // timeout, network, sign-in, moving
        { Number: 921 or 922 or 927 or 942 or 4221 or 18401 } => DatabaseTrouble.Away, // recovering, being restored, offline, a replica or server that starts
        { Number: >= 10050 and <= 10065 } or { Class: >= 20 } => DatabaseTrouble.Away, // sockets
        _ => null,
    };

    /// <summary>Classes: 08 connection, 28 sign-in, 53 resources, 57P operator, XX damage.</summary>
    private static DatabaseTrouble? TroubleOf(PostgresException cause) => cause.SqlState switch
    {
        "40P01" or "40001" or "55P03" or "57014" or "53200" => DatabaseTrouble.Busy, // deadlock, serialization, lock, statement_timeout, memory
        "53100" => DatabaseTrouble.Full,
        "25006" or "42501" => DatabaseTrouble.ReadOnly, // a standby, no right
        "XX001" or "XX002" => DatabaseTrouble.Broken, // data, index
        "42P01" or "42703" => DatabaseTrouble.OtherTables,
        "53300" or "3D000" or "57P01" or "57P02" or "57P03" or ['0', '8', ..] or ['2', '8', ..] => DatabaseTrouble.Away, // connections, no such database, stop, crash, start
        _ => null,
    };

    /// <summary>SQLite: CONSTRAINT. SQL Server: duplicate key (2601, 2627), foreign key (547). PostgreSQL: 23505, 23503.</summary>
    private static bool IsConstraint(DbException cause) => cause switch
    {
        SqliteException { SqliteErrorCode: 19 } => true,
        SqlException { Number: 2601 or 2627 or 547 } => true,
        PostgresException { SqlState: "23505" or "23503" } => true,
        _ => false,
    };

    /// <summary>This transaction was ended so that another one could go on: to end a deadlock, or because their order could not be told.</summary>
    private static bool IsVictim(DbException cause) => cause is SqlException { Number: 1205 } or PostgresException { SqlState: "40P01" or "40001" };

    /// <summary>SQLite: TOOBIG, MISMATCH, RANGE. SQL Server: cut text (2628, 8152), overflow (8115), null (515). PostgreSQL: class 22 (length, range, characters), null (23502), check (23514).</summary>
    private static bool IsData(DbException cause) => cause switch
    {
        SqliteException { SqliteErrorCode: 18 or 20 or 25 } => true,
        SqlException { Number: 2628 or 8152 or 8115 or 515 } => true,
        PostgresException { SqlState: ['2', '2', ..] or "23502" or "23514" } => true,
        _ => false,
    };
}
