namespace TaskSync.Sync.Engine.Budget;

/// <summary>What the budget of an organization allows at one moment.</summary>
/// <param name="Budget">Null while Salesforce has not said what the allowance is: then nothing is held back.</param>
/// <param name="Stretch">How many times further apart than usual reads are.</param>
/// <param name="DayEnd">When the next day's share begins (midnight UTC).</param>
public sealed record ApiPace(ApiBudget? Budget, double Stretch, DateTimeOffset DayEnd)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Until when nothing is called; null while there is something left.</summary>
    public DateTimeOffset? StoppedUntil => Budget is { IsSpent: true } ? DayEnd : null;

    /// <summary>Whether a write should save the call that reads before it.</summary>
    public bool IsScarce => Budget is { IsScarce: true };

    /// <summary>The time between two reads that are usually so far apart. It may be longer than a day: everybody has a part of the evening.</summary>
    public TimeSpan Between(TimeSpan usual) => Stretch <= 1 ? usual : usual * Math.Min(Stretch, Longest / usual);

    /// <summary>When a connection may read again, at the latest in its part of the evening.</summary>
    /// <param name="connectionId">Decides its part of the evening.</param>
    /// <param name="last">Its last call.</param>
    /// <param name="usual">The usual time between two reads.</param>
    public DateTimeOffset ReadFrom(Guid connectionId, DateTimeOffset last, TimeSpan usual) => NotAfterEvening(connectionId, last, last + Between(usual));

    /// <summary>When a connection may write again, at the latest in its part of the evening.</summary>
    /// <param name="connectionId">Decides its part of the evening.</param>
    /// <param name="last">Its last call.</param>
    public DateTimeOffset WriteFrom(Guid connectionId, DateTimeOffset last) => Budget switch
    {
        null => last,
        { WriteGap: { } gap } => NotAfterEvening(connectionId, last, last + gap),
        _ => NotAfterEvening(connectionId, last, DayEnd),
    };

    /// <summary>The connections share the evening out, so that the kept calls are not made all at once.</summary>
    private DateTimeOffset NotAfterEvening(Guid connectionId, DateTimeOffset last, DateTimeOffset otherwise)
    {
        var part = DayEnd - (ApiBudget.Evening * (1 - Spread(connectionId)));
        return Budget is not null && last < part && part < otherwise ? part : otherwise;
    }

    /// <summary>A fixed number from 0 to nearly 1 for each connection, so that what is due for all is not due at once.</summary>
    internal static double Spread(Guid connectionId)
    {
        Span<byte> bytes = stackalloc byte[16];
        connectionId.TryWriteBytes(bytes);
        return BitConverter.ToUInt16(bytes[14..]) / 65_536.0 * 0.95;
    }
}
