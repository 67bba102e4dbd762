namespace TaskSync.Tests.Reconciliation;

/// <summary>A fast random sequence that a seed repeats exactly (SplitMix64).</summary>
internal struct Dice
{
    private const ulong Step = 0x9E3779B97F4A7C15UL;
    private ulong _state;

    /// <param name="seed">Mixed first: the sequences of neighbouring seeds would be the same one, shifted by a number.</param>
    public Dice(ulong seed) => _state = Mixed(seed + Step);

    /// <summary>A number from 0 to <paramref name="sides"/> - 1.</summary>
    public int Next(int sides) => (int)((Mixed(_state += Step) >> 32) * (ulong)sides >> 32);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Next(times) == 0;

    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
