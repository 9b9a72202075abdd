namespace EventLedger.Validator.Node;

/// <summary>
/// How many signatures are verified for each peer. A check costs about a tenth of a millisecond, so a peer that sends nothing but signatures
/// gets a tenth of a core. It counts in ticks of the node, which are inputs, so that a run can be repeated.
/// </summary>
public sealed class SignatureChecks
{
    /// <summary>
    /// Checks that a peer gains with each tick of 250 ms, and the most it saves up. An honest one causes three in each of at most 250 heights per second
    /// (proposal, prevote, precommit), 188 a tick; what it repeats of others was verified before or costs 93 once for a round of 31 members.
    /// </summary>
    public const int PerTick = 250, SavedMax = 1000;

    private readonly Dictionary<string, int> spent = [];

    /// <summary>Takes one check; false when the peer has none left, and what it sent is dropped: honest ones send again.</summary>
    public bool TryTake(string peer)
    {
        var count = spent.GetValueOrDefault(peer);
        if (count >= SavedMax)
        {
            return false;
        }
        spent[peer] = count + 1;
        return true;
    }

    /// <summary>A tick has passed.</summary>
    public void Refill()
    {
        foreach (var peer in spent.Keys.ToList())
        {
            spent[peer] -= PerTick;
            if (spent[peer] <= 0)
            {
                spent.Remove(peer);
            }
        }
    }
}
