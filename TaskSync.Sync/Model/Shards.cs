using System.Buffers.Binary;

namespace TaskSync.Sync.Model;

/// <summary>How connections are divided among the jobs that serve them.</summary>
public static class Shards
{
    /// <summary>How many there are unless the configuration says otherwise.</summary>
    public const int Usual = 8;

    /// <summary>The shard of a connection, 0 to <paramref name="count"/> - 1: the same on every machine and in every version.</summary>
    public static int Of(Guid connectionId, int count)
    {
        Span<byte> bytes = stackalloc byte[16];
        connectionId.TryWriteBytes(bytes, bigEndian: true, out _);

        // The last bytes of a version 7 id are random, the first are a clock.
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) % (uint)count);
    }
}
