namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Trouble at each position of a cycle: one run for each of its calls, or statements.</summary>
internal static class Positions
{
    /// <summary>SQLite's codes: busy, locked, I/O error, full.</summary>
    public static readonly int[] Codes = [5, 6, 10, 13];

    public static TheoryData<Work, bool> Cycles => [.. from work in Enum.GetValues<Work>() from useComposite in new[] { true, false } select new TheoryDataRow<Work, bool>(work, useComposite)];

    /// <summary>Until the cycle has fewer statements than the position.</summary>
    public static async Task AtEveryStatementAsync(Rounds rounds)
    {
        await using var _ = rounds;
        var position = 0;
        for (var fails = true; fails; position++)
        {
            await rounds.PrepareAsync();
            rounds.Database.FailAt(position, Codes[position % Codes.Length]);
            await rounds.RunAsync();
            fails = rounds.Database.HasFailed;
            rounds.Database.Heal();
            await rounds.CheckAsync($"the database failed at statement {position}");
        }

        Assert.InRange(position, 20, 400);
        TestContext.Current.TestOutputHelper?.WriteLine($"{position} positions");
    }

    /// <summary>Until the cycle has fewer calls than the position.</summary>
    public static async Task<int> AtEveryCallAsync(Rounds rounds, Func<Task> trouble, Func<Task> mend)
    {
        var position = 0;
        for (var happened = true; happened; position++)
        {
            await rounds.PrepareAsync();
            var until = position;
            happened = false;
            rounds.BeforeRequest = async () =>
            {
                if (until-- == 0)
                {
                    happened = true;
                    await trouble();
                }
            };
            await rounds.RunAsync();
            rounds.BeforeRequest = null;
            if (happened)
            {
                await mend();
            }

            await rounds.CheckAsync($"before call {position}");
        }

        return position - 1;
    }
}
