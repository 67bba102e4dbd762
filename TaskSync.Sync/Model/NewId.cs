namespace TaskSync.Sync.Model;

/// <summary>Ids of our own rows: UUIDs of version 7 (RFC 9562) that keep the order of their making within one millisecond too, so that an index grows at its end and equal instants have an order.</summary>
public static class NewId
{
    /// <summary>Milliseconds since 1970 and 12 bits of counter: the newest that was given out.</summary>
    private static long _newest;

    /// <summary>A new id, later than every id this process made before.</summary>
    public static Guid Next()
    {
        while (true)
        {
            var seen = Interlocked.Read(ref _newest);
            var next = Math.Max(seen + 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 12);
            if (Interlocked.CompareExchange(ref _newest, next, seen) == seen)
            {
                return Make(next);
            }
        }
    }

    private static Guid Make(long position)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = position >> 12;
        for (var i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(milliseconds >> (40 - (8 * i)));
        }

        bytes[6] = (byte)(0x70 | ((position >> 8) & 0x0F));
        bytes[7] = (byte)position;
        return new Guid(bytes, bigEndian: true);
    }
}
