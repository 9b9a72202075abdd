namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>Random numbers of one message: the run's seed and the message's number give them, so any message of any run can be made again by itself.</summary>
public struct Dice(long seed, long message)
{
    private ulong state = ((ulong)seed * 0x9E3779B97F4A7C15) ^ ((ulong)(message + 1) * 0xD1B54A32D192ED03);

    /// <summary>All 64 bits (SplitMix64).</summary>
    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Below a bound of at least 1.</summary>
    public int Below(int bound) => (int)(Next() % (uint)bound);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;
}
