using System.Security.Cryptography;

namespace TaskSync.Sync.Model;

/// <summary>Random bytes for ids, fetched from the system some hundred at a time: an import makes four ids a row, and each would be a call of the system.</summary>
internal static class RandomBytes
{
    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _used;

    /// <summary>Fills up to 16 bytes; none is given out twice.</summary>
    public static void Fill(Span<byte> bytes)
    {
        if (_drawn is null || _used + bytes.Length > _drawn.Length)
        {
            RandomNumberGenerator.Fill(_drawn ??= new byte[1024]);
            _used = 0;
        }

        _drawn.AsSpan(_used, bytes.Length).CopyTo(bytes);
        _used += bytes.Length;
    }
}
