using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Counterparts;

namespace TaskSync.Tests.Reconciliation;

/// <summary>Fields that Salesforce keeps changing back are noticed.</summary>
public sealed class PushMemoryTests
{
    private static readonly TaskValues Before = TaskValues.Unknown.With(TaskField.Subject, "theirs");
    private static readonly TaskValues Sent = TaskValues.Unknown.With(TaskField.Subject, "ours");

    [Fact]
    public void S6_the_third_time_within_ten_minutes_a_field_is_exhausted()
    {
        var memory = PushMemory.FromJson(null);
        for (var time = 1; time <= 3; time++)
        {
            memory = Again(memory.Pushed(Before, Sent, At(time))).Observed(Before, At(time), out var exhausted);
            Assert.Equal(time == 3 ? TaskFields.Subject : TaskFields.None, exhausted);
        }
    }

    [Fact]
    public void S6_what_was_changed_back_over_ten_minutes_ago_does_not_count()
    {
        var memory = PushMemory.FromJson(null).Pushed(Before, Sent, At(0)).Observed(Before, At(0), out _);
        memory = memory.Pushed(Before, Sent, At(10)).Observed(Before, At(10), out _);
        Assert.Equal(TaskFields.Subject, Exhausted(memory.Pushed(Before, Sent, At(10)), At(10)));
        Assert.Equal(TaskFields.None, Exhausted(memory.Pushed(Before, Sent, At(10)), At(10.1)));
    }

    [Fact]
    public void S6_a_push_over_ten_minutes_ago_is_forgotten()
    {
        var memory = PushMemory.FromJson(null).Pushed(Before, Sent, At(0));
        Assert.NotNull(memory.Observed(TaskValues.Unknown, At(10), out _).ToJson());
        Assert.Null(memory.Observed(TaskValues.Unknown, At(10.1), out _).ToJson());
    }

    [Fact]
    public void S6_another_value_or_another_field_is_an_edit_and_not_changed_back()
    {
        var memory = PushMemory.FromJson(null).Pushed(Before, Sent, At(0)).Observed(Before, At(0), out _).Observed(Before, At(0), out _);
        memory.Observed(TaskValues.Unknown.With(TaskField.Subject, "a third value"), At(1), out var other);
        memory.Observed(TaskValues.Unknown.With(TaskField.Priority, "High"), At(1), out var field);
        Assert.Equal((TaskFields.None, TaskFields.None), (other, field));
    }

    [Fact]
    public void S6_a_value_that_was_not_known_before_is_not_remembered() => Assert.Null(PushMemory.FromJson(null).Pushed(TaskValues.Unknown, Sent, At(0)).ToJson());

    private static TaskFields Exhausted(PushMemory memory, DateTimeOffset at)
    {
        memory.Observed(Before, at, out var exhausted);
        return exhausted;
    }

    /// <summary>Stored and read again.</summary>
    private static PushMemory Again(PushMemory memory) => PushMemory.FromJson(memory.ToJson());
}
