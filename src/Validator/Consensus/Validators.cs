using System.Collections.Immutable;

namespace EventLedger.Validator.Consensus;

/// <summary>One voter: its key id and its voting power (0 or more; with 0 it has a voice but no weight).</summary>
public readonly record struct Voter(string Kid, long Power);

/// <summary>Who votes at a height, and the two thresholds that every rule of the algorithm rests on.</summary>
public sealed class Validators
{
    private readonly Dictionary<string, long> powers = new(StringComparer.Ordinal);

    /// <summary>
    /// Throws <see cref="ArgumentException"/> for an empty set, a kid named twice, a negative power or powers whose triple sum, which the
    /// thresholds compare, does not fit: only a bug can cause that.
    /// </summary>
    public Validators(IEnumerable<Voter> voters)
    {
        foreach (var voter in voters)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(voter.Power);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(voter.Power, long.MaxValue / 3 - Total);
            powers.Add(voter.Kid, voter.Power);
            Total += voter.Power;
        }
        if (powers.Count == 0)
        {
            throw new ArgumentException("A set has at least one validator.", nameof(voters));
        }
        Kids = [.. powers.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Sum of all powers.</summary>
    public long Total { get; }

    /// <summary>All key ids in byte order.</summary>
    public ImmutableArray<string> Kids { get; }

    /// <summary>Number of validators.</summary>
    public int Count => powers.Count;

    /// <summary>Whether this key votes here.</summary>
    public bool Has(string kid) => powers.ContainsKey(kid);

    /// <summary>Power of one key; 0 for a stranger.</summary>
    public long Power(string kid) => powers.GetValueOrDefault(kid);

    /// <summary>Power of several keys; the caller names each once.</summary>
    public long Power(IEnumerable<string> kids) => kids.Sum(Power);

    /// <summary>More than two thirds: any two such groups share a correct validator (2f+1 in the paper).</summary>
    public bool IsQuorum(long power) => 3 * power > 2 * Total;

    /// <summary>More than one third: at least one of them is correct (f+1 in the paper).</summary>
    public bool IsSkip(long power) => 3 * power > Total;
}
