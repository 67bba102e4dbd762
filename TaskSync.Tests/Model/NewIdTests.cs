using System.Buffers.Binary;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Model;

public sealed class NewIdTests
{
    [Fact]
    public void Ids_are_of_version_7_and_bear_the_time_of_their_making()
    {
        var before = WallClock.Now;
        var id = NewId.Next();
        var made = DateTimeOffset.FromUnixTimeMilliseconds((long)(BinaryPrimitives.ReadUInt64BigEndian(id.ToByteArray(bigEndian: true)) >> 16));
        Assert.Equal((7, true), (id.Version, id.Variant is >= 8 and <= 11));

        // The ids of tests that run meanwhile may be ahead of the clock, by a millisecond for each 4,096; the count of milliseconds between two looks at the clock is coarse.
        Assert.InRange(made, before.AddMilliseconds(-20), before.AddSeconds(10));
    }

    [Fact]
    public void Each_id_is_later_than_the_one_before_also_within_one_millisecond()
    {
        var ids = Enumerable.Range(0, 50_000).Select(_ => NewId.Next().ToString()).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }
}
