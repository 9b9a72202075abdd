using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Node;

/// <summary>
/// Votes whose signature was verified with these very bytes, so that a certificate that names them again costs nothing. Each signer has its own places
/// and the oldest goes first.
/// </summary>
public sealed class ProvenVotes
{
    /// <summary>How many are remembered of one signer: two in each of 64 rounds.</summary>
    public const int PerSignerMax = 128;

    private readonly Dictionary<string, (Dictionary<Heard.Saying, byte[]> Known, Queue<Heard.Saying> Order)> signers = [];

    /// <summary>Whether this vote was verified with this signature and is still remembered.</summary>
    public bool Has(Vote vote) => signers.TryGetValue(vote.From, out var signer) && signer.Known.TryGetValue(SayingOf(vote), out var signature)
        && vote.Signature.AsSpan().SequenceEqual(signature);

    /// <summary>Remembers a verified vote of a member; of two signatures under the same the first.</summary>
    public void Add(Vote vote)
    {
        if (!signers.TryGetValue(vote.From, out var signer))
        {
            signers.Add(vote.From, signer = ([], new()));
        }
        if (!signer.Known.TryAdd(SayingOf(vote), vote.Signature))
        {
            return;
        }
        signer.Order.Enqueue(SayingOf(vote));
        if (signer.Order.Count > PerSignerMax)
        {
            signer.Known.Remove(signer.Order.Dequeue());
        }
    }

    /// <summary>Forgets all: a new height begins.</summary>
    public void Clear() => signers.Clear();

    private static Heard.Saying SayingOf(Vote vote) => new(vote.Height, vote.Round, vote.Step, vote.Value);
}
