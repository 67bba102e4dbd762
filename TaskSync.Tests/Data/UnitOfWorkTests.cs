using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Data;

public sealed class UnitOfWorkTests
{
    [Theory]
    [InlineData("", "0123456 end")]
    [InlineData("0", "-0 12 3456 end")]
    [InlineData("3", "012 -3 4 56 end")]
    [InlineData("6", "012 34 5 -6 end")]
    [InlineData("06", "-0 12 34 5 -6 end")]
    [InlineData("0123456", "-0 -1 -2 -3 -4 -5 -6 end")]
    public async Task S9_items_that_break_the_whole_are_set_aside_and_what_is_true_of_the_whole_comes_last(string bad, string expected)
    {
        List<string> done = [];
        await UnitOfWork.CommitHalvingAsync(
            "0123456".ToList(),
            (some, isLast) =>
            {
                if (some.Any(bad.Contains))
                {
                    throw new FormatException();
                }

                done.AddRange([.. some.Count > 0 ? [string.Concat(some)] : Array.Empty<string>(), .. isLast ? ["end"] : Array.Empty<string>()]);
                return Task.CompletedTask;
            },
            (item, _) =>
            {
                done.Add($"-{item}");
                return Task.CompletedTask;
            });
        Assert.Equal(expected, string.Join(' ', done));
    }

    [Fact]
    public async Task S9_more_than_ten_that_break_the_whole_are_a_fault_of_ours()
    {
        var aside = 0;
        await Assert.ThrowsAsync<FormatException>(() => UnitOfWork.CommitHalvingAsync(
            Enumerable.Range(0, 11).ToList(),
            (some, _) => some.Count > 0 ? throw new FormatException() : Task.CompletedTask,
            (_, _) => Task.FromResult(aside++)));
        Assert.Equal(10, aside);
    }

    public static TheoryData<Exception> Races => [new DbUpdateConcurrencyException("A row was changed meanwhile."), new DbUpdateException("The save failed.", SqlServerError.Of(1205))];

    [Theory]
    [MemberData(nameof(Races))]
    public async Task S9_a_race_that_is_lost_again_and_again_is_no_fault_of_a_row(Exception race)
    {
        var aside = 0;
        Assert.Same(race, await Assert.ThrowsAnyAsync<Exception>(() => UnitOfWork.CommitHalvingAsync([1, 2], (_, _) => Task.FromException(race), (_, _) => Task.FromResult(aside++))));
        Assert.Equal(0, aside);
    }

    [Theory]
    [InlineData(2601)]
    [InlineData(8152)]
    public async Task S9_what_collides_or_does_not_fit_whenever_it_is_tried_is_a_fault_of_the_row(int number)
    {
        var aside = 0;
        await UnitOfWork.CommitHalvingAsync(
            [1], (some, _) => some.Count > 0 ? throw new DbUpdateException("The save failed.", SqlServerError.Of(number)) : Task.CompletedTask, (_, _) => Task.FromResult(aside++));
        Assert.Equal(1, aside);
    }
}
