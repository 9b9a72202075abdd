using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>The votes of one round.</summary>
internal sealed class RoundVotes
{
    private readonly SortedDictionary<string, Vote> prevotes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Vote> precommits = new(StringComparer.Ordinal);
    private readonly Dictionary<(Step, Digest?), long> powers = [];
    private readonly Dictionary<(Step, Digest?), ImmutableArray<Vote>> certificates = [];
    private readonly HashSet<(Step, string)> accused = [];
    private long prevotePower, precommitPower;

    public long PowerOfVoters { get; private set; }

    /// <summary>Some value or nil has a certificate in this step.</summary>
    public bool HasCertificate(Step step) => certificates.Count > 0 && certificates.Keys.Any(key => key.Item1 == step);

    public bool IsEmpty => prevotes.Count + precommits.Count + certificates.Count == 0;

    public Vote? First(Step step, string kid) => Held(step).GetValueOrDefault(kid);

    public ImmutableArray<Vote> Of(Step step) => [.. Held(step).Values];

    public long Power(Step step, Digest? value) => powers.GetValueOrDefault((step, value));

    public long PowerAny(Step step) => step == Step.Prevote ? prevotePower : precommitPower;

    public ImmutableArray<Vote>? Certificate(Step step, Digest? value) => certificates.TryGetValue((step, value), out var votes) ? votes : null;

    public void Count(Vote vote, long power)
    {
        PowerOfVoters += prevotes.ContainsKey(vote.From) || precommits.ContainsKey(vote.From) ? 0 : power;
        Held(vote.Step).Add(vote.From, vote);
        Weigh(vote, power);
    }

    /// <summary>True the first time: one proof of guilt is enough.</summary>
    public bool Accuse(Step step, string kid) => accused.Add((step, kid));

    public void Certify(Step step, Digest? value, ImmutableArray<Vote> votes) =>
        certificates[(step, value)] = [.. votes.OrderBy(v => v.From, StringComparer.Ordinal)];

    public void Forget(string kid, long power)
    {
        foreach (var step in (Step[])[Step.Prevote, Step.Precommit])
        {
            if (Held(step).Remove(kid, out var vote))
            {
                Weigh(vote, -power);
            }
        }
        PowerOfVoters -= power;
    }

    // The sums run along, because they are asked for after every single message.
    private void Weigh(Vote vote, long power)
    {
        powers[(vote.Step, vote.Value)] = Power(vote.Step, vote.Value) + power;
        _ = vote.Step == Step.Prevote ? prevotePower += power : precommitPower += power;
    }

    private SortedDictionary<string, Vote> Held(Step step) => step == Step.Prevote ? prevotes : precommits;
}
