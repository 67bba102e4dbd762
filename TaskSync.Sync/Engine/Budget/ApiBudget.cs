namespace TaskSync.Sync.Engine.Budget;

/// <summary>
/// How TaskSync keeps inside its share of an organization's daily API calls. Pure. Reads give way first, and smoothly: they get half of what is left, spread
/// over what is left of the day. Writes go out at once until they run ahead of the day; then the same rep's are put further apart and so go together. One call
/// for each connection is kept for the evening, so that the day ends with everybody's changes delivered. What is spent is spent: nothing goes on until midnight.
/// </summary>
/// <param name="Share">Calls that TaskSync may make in this day (UTC).</param>
/// <param name="Used">Calls it made.</param>
/// <param name="Connections">Connections whose sync is on.</param>
/// <param name="Left">Of the day.</param>
public sealed record ApiBudget(int Share, int Used, int Connections, TimeSpan Left)
{
    /// <summary>The last part of the day, in which the calls that were kept are made, a connection at a time.</summary>
    public static readonly TimeSpan Evening = TimeSpan.FromHours(2);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Of the free calls, those that reads may use; the others are for writes.</summary>
    private const double ReadPart = 0.5;

    /// <summary>With fewer free calls per connection for a whole day, a write does without a call of its own to read first.</summary>
    private const double Scarce = 10;

    /// <summary>Calls that may still be made today.</summary>
    public int Remaining => Math.Max(0, Share - Used);

    /// <summary>Nothing is left.</summary>
    public bool IsSpent => Remaining == 0;

    /// <summary>Calls that are neither made nor kept for the evening.</summary>
    public double Free => Math.Max(0, Remaining - Kept(Left));

    /// <summary>Whether a write should save the call that reads before it.</summary>
    public bool IsScarce => Free < Scarce * Connections * (Left / Day);

    /// <summary>How many times further apart than usual reads are: 1 while the share allows the usual, infinite when nothing is free.</summary>
    /// <param name="readsPerDay">Reads a day at the usual intervals, of all connections.</param>
    public double ReadStretch(double readsPerDay)
    {
        var wanted = readsPerDay * (Left / Day);
        return wanted <= 0 ? 1 : Free <= 0 ? double.PositiveInfinity : Math.Max(1, wanted / (Free * ReadPart));
    }

    /// <summary>How long after the last call of a connection its next write may go out: zero while writes do not run ahead of the day; null when nothing is free.</summary>
    public TimeSpan? WriteGap
    {
        get
        {
            if (Free < 1)
            {
                return null;
            }

            var ahead = 1 - (Free / Math.Max(1, Share - Kept(Day)) / (Left / Day));
            return ahead <= 0 ? TimeSpan.Zero : Left * Math.Min(1, ahead * Connections / Free);
        }
    }

    /// <summary>Kept for the evening: one call for each connection and a few more, since their parts are shared out by chance; at most half of the share.</summary>
    private double Kept(TimeSpan left) => Math.Min((Connections * Math.Min(1, left / Evening)) + (2 * Math.Sqrt(Connections)), Share / 2.0);
}
