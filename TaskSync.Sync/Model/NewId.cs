using System.Buffers.Binary;

namespace TaskSync.Sync.Model;

/// <summary>Ids of our own rows: UUIDs of version 7 (RFC 9562) that keep the order of their making within one millisecond too, so that an index grows at its end and equal instants have an order.</summary>
public static class NewId
{
    private const ulong Version7 = 0x7000;

    /// <summary>Milliseconds since 1970 and 12 bits of counter: the newest that was given out.</summary>
    private static ulong _newest;

    private static volatile Clock? _clock;

    /// <summary>A new id, later than every id this process made before.</summary>
    public static Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        var position = Advance(Milliseconds());
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (position >> 12 << 16) | Version7 | (position & 0xFFF));
        RandomBytes.Fill(bytes[8..]);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Where the id is in the order of their making. Databases disagree about the order of ids themselves: SQL Server looks at the last bytes first.</summary>
    public static long PositionOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var start = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return (long)((start >> 16 << 12) | (start & 0xFFF));
    }

    /// <summary>Since 1970. The clock is asked once a second, by an id that is made for it alone: an id of its own for each would be a call of the system for each.</summary>
    private static ulong Milliseconds()
    {
        var (tick, clock) = (Environment.TickCount64, _clock);
        if (clock is null || tick - clock.Tick >= 1000)
        {
            Span<byte> bytes = stackalloc byte[16];
            Guid.CreateVersion7().TryWriteBytes(bytes, bigEndian: true, out _);
            _clock = clock = new Clock(tick, BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
        }

        return clock.Milliseconds + (ulong)(tick - clock.Tick);
    }

    private static ulong Advance(ulong milliseconds)
    {
        while (true)
        {
            var seen = Interlocked.Read(ref _newest);
            var next = Math.Max(seen + 1, milliseconds << 12);
            if (Interlocked.CompareExchange(ref _newest, next, seen) == seen)
            {
                return next;
            }
        }
    }

    /// <summary>What the clock said, and the machine's count of milliseconds then.</summary>
    private sealed record Clock(long Tick, ulong Milliseconds);
}
