namespace TaskSync.Tests.Reconciliation;

/// <summary>A fast random sequence that a seed repeats exactly (SplitMix64).</summary>
internal struct Dice(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15UL;

    /// <summary>A number from 0 to <paramref name="sides"/> - 1.</summary>
    public int Next(int sides)
    {
        var mixed = _state += 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return (int)(((mixed ^ (mixed >> 31)) >> 32) * (ulong)sides >> 32);
    }

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Next(times) == 0;
}
