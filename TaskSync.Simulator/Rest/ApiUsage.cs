namespace TaskSync.Simulator.Rest;

/// <summary>API calls of the last 24 hours, counted per minute. The caller holds the org's gate.</summary>
internal sealed class ApiUsage(TimeProvider time, int limit)
{
    private readonly Queue<(long Minute, int Calls)> _minutes = new();
    private int _offset;
    private int _current;
    private long _minute;
    private int _sum;

    /// <summary>Calls allowed in 24 hours.</summary>
    public int Limit { get; set; } = limit;

    public int Used
    {
        get
        {
            Advance();
            return _sum + _current + _offset;
        }
    }

    public void Count(int calls)
    {
        Advance();
        _current += calls;
    }

    /// <summary>Pretends that other apps used so many calls as well.</summary>
    public void SetUsedByOthers(int calls) => _offset = calls;

    private void Advance()
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (now == _minute)
            return;
        if (_current > 0)
        {
            _minutes.Enqueue((_minute, _current));
            _sum += _current;
        }
        (_minute, _current) = (now, 0);
        while (_minutes.TryPeek(out var oldest) && oldest.Minute <= now - 24 * 60)
            _sum -= _minutes.Dequeue().Calls;
    }
}
