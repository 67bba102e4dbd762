using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
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
    [InlineData(1222, DatabaseTrouble.Busy)]
    [InlineData(40501, DatabaseTrouble.Busy)]
    [InlineData(1105, DatabaseTrouble.Full)]
    [InlineData(9002, DatabaseTrouble.Full)]
    [InlineData(3906, DatabaseTrouble.ReadOnly)]
    [InlineData(823, DatabaseTrouble.Broken)]
    [InlineData(824, DatabaseTrouble.Broken)]
    [InlineData(208, DatabaseTrouble.OtherTables)]
    [InlineData(-2, DatabaseTrouble.Away)]
    [InlineData(53, DatabaseTrouble.Away)]
    [InlineData(10054, DatabaseTrouble.Away)]
    [InlineData(40613, DatabaseTrouble.Away)]
    [InlineData(2627, null)]
    [InlineData(2628, null)]
    public void Each_error_of_SQL_Server_has_its_meaning(int number, DatabaseTrouble? trouble) =>
        Assert.Equal(trouble, DatabaseFailures.TroubleOf(new InvalidOperationException("It failed.", SqlServerError.Of(number))));

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
