using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Data;

public sealed class DatabaseFailuresTests
{
    [Theory]
    [InlineData(5, DatabaseTrouble.Busy)]
    [InlineData(6, DatabaseTrouble.Busy)]
    [InlineData(8, DatabaseTrouble.ReadOnly)]
    [InlineData(10, DatabaseTrouble.Broken)]
    [InlineData(11, DatabaseTrouble.Broken)]
    [InlineData(13, DatabaseTrouble.Full)]
    [InlineData(14, DatabaseTrouble.Away)]
    [InlineData(26, DatabaseTrouble.Broken)]
    [InlineData(1, DatabaseTrouble.OtherTables)]
    [InlineData(19, null)]
    public void Each_result_code_of_SQLite_has_its_meaning(int code, DatabaseTrouble? trouble) =>
        Assert.Equal(trouble, DatabaseFailures.TroubleOf(new DbUpdateException("The save failed.", new SqliteException("", code))));

    [Theory]
    [InlineData(1205, DatabaseTrouble.Busy)]
    [InlineData(1204, DatabaseTrouble.Busy)]
    [InlineData(1222, DatabaseTrouble.Busy)]
    [InlineData(8651, DatabaseTrouble.Busy)]
    [InlineData(10936, DatabaseTrouble.Busy)]
    [InlineData(40501, DatabaseTrouble.Busy)]
    [InlineData(1105, DatabaseTrouble.Full)]
    [InlineData(9002, DatabaseTrouble.Full)]
    [InlineData(3966, DatabaseTrouble.Full)]
    [InlineData(3967, DatabaseTrouble.Full)]
    [InlineData(3906, DatabaseTrouble.ReadOnly)]
    [InlineData(823, DatabaseTrouble.Broken)]
    [InlineData(824, DatabaseTrouble.Broken)]
    [InlineData(208, DatabaseTrouble.OtherTables)]
    [InlineData(-2, DatabaseTrouble.Away)]
    [InlineData(53, DatabaseTrouble.Away)]
    [InlineData(10054, DatabaseTrouble.Away)]
    [InlineData(40613, DatabaseTrouble.Away)]
    [InlineData(921, DatabaseTrouble.Away)]
    [InlineData(927, DatabaseTrouble.Away)]
    [InlineData(4221, DatabaseTrouble.Away)]
    [InlineData(17197, DatabaseTrouble.Away)]
    [InlineData(18401, DatabaseTrouble.Away)]
    [InlineData(2627, null)]
    [InlineData(2628, null)]
    public void Each_error_of_SQL_Server_has_its_meaning(int number, DatabaseTrouble? trouble) =>
        Assert.Equal(trouble, DatabaseFailures.TroubleOf(new InvalidOperationException("It failed.", SqlServerError.Of(number))));

    [Theory]
    [InlineData("40P01", DatabaseTrouble.Busy)]
    [InlineData("40001", DatabaseTrouble.Busy)]
    [InlineData("55P03", DatabaseTrouble.Busy)]
    [InlineData("57014", DatabaseTrouble.Busy)]
    [InlineData("53100", DatabaseTrouble.Full)]
    [InlineData("25006", DatabaseTrouble.ReadOnly)]
    [InlineData("42501", DatabaseTrouble.ReadOnly)]
    [InlineData("XX001", DatabaseTrouble.Broken)]
    [InlineData("42P01", DatabaseTrouble.OtherTables)]
    [InlineData("42703", DatabaseTrouble.OtherTables)]
    [InlineData("08006", DatabaseTrouble.Away)]
    [InlineData("28P01", DatabaseTrouble.Away)]
    [InlineData("3D000", DatabaseTrouble.Away)]
    [InlineData("53300", DatabaseTrouble.Away)]
    [InlineData("57P01", DatabaseTrouble.Away)]
    [InlineData("57P03", DatabaseTrouble.Away)]
    [InlineData("23505", null)]
    [InlineData("22001", null)]
    public void Each_state_of_PostgreSQL_has_its_meaning(string state, DatabaseTrouble? trouble) =>
        Assert.Equal(trouble, DatabaseFailures.TroubleOf(new InvalidOperationException("It failed.", PostgreSql(state))));

    [Fact]
    public void A_PostgreSQL_that_cannot_be_reached_is_away() =>
        Assert.Equal(DatabaseTrouble.Away, DatabaseFailures.TroubleOf(new NpgsqlException("Failed to connect.", new System.Net.Sockets.SocketException(111))));

    /// <summary>EF Core wraps what it takes for passing, in reads and in statements that are no save, in an InvalidOperationException.</summary>
    public static TheoryData<Exception> Victims => [SqlServerError.Of(1205), PostgreSql("40P01"), PostgreSql("40001")];

    [Theory]
    [MemberData(nameof(Victims))]
    public void Who_was_ended_for_another_one_lost_a_race_whatever_it_did(Exception victim)
    {
        Assert.True(DatabaseFailures.IsRace(new InvalidOperationException("Likely a transient failure.", victim)));
        Assert.True(DatabaseFailures.IsRace(victim));
        Assert.False(DatabaseFailures.IsOfARow(new InvalidOperationException("Likely a transient failure.", victim)));
    }

    [Theory]
    [InlineData("23505", true)]
    [InlineData("23502", true)]
    [InlineData("22001", true)]
    [InlineData("22021", true)]
    [InlineData("40001", false)]
    [InlineData("08006", false)]
    public void PostgreSQL_tells_what_is_a_fault_of_a_row(string state, bool isOfARow) =>
        Assert.Equal(isOfARow, DatabaseFailures.IsOfARow(new DbUpdateException("The save failed.", PostgreSql(state))));

    private static PostgresException PostgreSql(string state) => new("It failed.", "ERROR", "ERROR", state);

    [Fact]
    public void A_failure_of_another_kind_is_no_trouble_of_the_database() => Assert.Null(DatabaseFailures.TroubleOf(new FormatException()));

    [Fact]
    public void Every_trouble_has_words_and_advice_of_its_own()
    {
        var troubles = Enum.GetValues<DatabaseTrouble>();

        Assert.Equal(troubles.Length, troubles.Select(trouble => trouble.Words()).Distinct().Count());
        Assert.All(troubles, trouble => Assert.EndsWith(".", trouble.Advice(), StringComparison.Ordinal));
    }
}
