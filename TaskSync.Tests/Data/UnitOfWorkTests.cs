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
}
