namespace EventLedger.Validator.Tests.Simulation;

/// <summary>All chance of a run: SplitMix64, so that a seed means the same on every machine and in every version of .NET.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="end"/> - 1.</summary>
    public int Below(int end) => (int)((Next() >> 33) % (uint)end);

    /// <summary>Both ends included.</summary>
    public long Between(long low, long high) => low + (long)(Next() % (ulong)(high - low + 1));

    public bool Chance(int perMille) => Below(1000) < perMille;

    /// <summary>Another one that begins here: what it draws changes nothing that this one draws.</summary>
    public Dice Aside(ulong what) => new(state ^ (what * 0xD1342543DE82EF95));

    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];
}
