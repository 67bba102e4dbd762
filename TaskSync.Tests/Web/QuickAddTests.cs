using System.Globalization;
using TaskSync.Web.Components.CommandCenter;

namespace TaskSync.Tests.Web;

public sealed class QuickAddTests
{
    private static readonly DateOnly Monday = new(2026, 11, 23);

    [Theory]
    [InlineData("Call Ana", "Call Ana", null, null)]
    [InlineData("Call Ana today", "Call Ana", "2026-11-23", null)]
    [InlineData("Call Ana Tomorrow", "Call Ana", "2026-11-24", null)]
    [InlineData("Call Ana on friday", "Call Ana", "2026-11-27", null)]
    [InlineData("Call Ana by mon", "Call Ana", "2026-11-30", null)]
    [InlineData("Call Ana next week", "Call Ana", "2026-11-30", null)]
    [InlineData("Call Ana 2026-12-24", "Call Ana", "2026-12-24", null)]
    [InlineData("Call Ana tomorrow !high", "Call Ana", "2026-11-24", "High")]
    [InlineData("Call Ana !LOW", "Call Ana", null, "Low")]
    [InlineData("Today show: book a slot", "Today show: book a slot", null, null)]
    [InlineData("tomorrow", "tomorrow", null, null)]
    [InlineData("Call Ana 2026-02-30", "Call Ana 2026-02-30", null, null)]
    [InlineData("Send the plan for some sun", "Send the plan for some", "2026-11-29", null)]
    [InlineData("Buy!high", "Buy!high", null, null)]
    public void Understands_a_day_at_the_end_and_never_inside(string line, string subject, string? due, string? priority)
    {
        var read = QuickAdd.Read(line, Monday);

        Assert.Equal(subject, read.Subject);
        Assert.Equal(due, read.Due?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(priority, read.Priority);
    }
}
