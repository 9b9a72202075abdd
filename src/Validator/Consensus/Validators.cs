using System.Collections.Immutable;

namespace EventLedger.Validator.Consensus;

/// <summary>One voter: its key id and its voting power (1 or more).</summary>
public readonly record struct Voter(string Kid, int Power);

/// <summary>Who votes at a height, and the two thresholds that every rule of the algorithm rests on.</summary>
public sealed class Validators
{
    private readonly ImmutableSortedDictionary<string, int> powers;

    /// <summary>Throws <see cref="ArgumentException"/> for an empty set, a kid named twice or a negative power: only a bug can cause that.</summary>
    public Validators(IEnumerable<Voter> voters)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var voter in voters)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(voter.Power);
            builder.Add(voter.Kid, voter.Power);
            Total += voter.Power;
        }
        if (builder.Count == 0)
        {
            throw new ArgumentException("A set has at least one validator.", nameof(voters));
        }
        powers = builder.ToImmutable();
    }

    /// <summary>Sum of all powers.</summary>
    public long Total { get; }

    /// <summary>All key ids in byte order.</summary>
    public IEnumerable<string> Kids => powers.Keys;

    /// <summary>Number of validators.</summary>
    public int Count => powers.Count;

    /// <summary>Whether this key votes here.</summary>
    public bool Has(string kid) => powers.ContainsKey(kid);

    /// <summary>Power of one key; 0 for a stranger.</summary>
    public int Power(string kid) => powers.GetValueOrDefault(kid);

    /// <summary>Power of several keys; the caller names each once.</summary>
    public long Power(IEnumerable<string> kids) => kids.Sum(kid => (long)Power(kid));

    /// <summary>More than two thirds: any two such groups share a correct validator (2f+1 in the paper).</summary>
    public bool IsQuorum(long power) => 3 * power > 2 * Total;

    /// <summary>More than one third: at least one of them is correct (f+1 in the paper).</summary>
    public bool IsSkip(long power) => 3 * power > Total;
}
