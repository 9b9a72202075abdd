using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Node;

/// <summary>
/// Which signatures were verified already, so that the same one is not verified again. Each member has its own places and the oldest
/// goes first: whoever says much makes others forget nothing, and what is forgotten costs one more verification.
/// </summary>
public sealed class Heard
{
    /// <summary>How many are remembered of one member.</summary>
    public const int PerMemberMax = 512;

    private readonly Dictionary<string, (HashSet<Saying> Known, Queue<Saying> Order)> members = [];

    /// <summary>What somebody signed.</summary>
    public readonly record struct Saying(long Height, int Round, Step Step, Digest? Value);

    /// <summary>Whether it was verified and is still remembered.</summary>
    public bool Has(string from, Saying what) => members.TryGetValue(from, out var member) && member.Known.Contains(what);

    /// <summary>Remembers a verified signature of a member.</summary>
    public void Add(string from, Saying what)
    {
        if (!members.TryGetValue(from, out var member))
        {
            members.Add(from, member = ([], new()));
        }
        if (!member.Known.Add(what))
        {
            return;
        }
        member.Order.Enqueue(what);
        if (member.Order.Count > PerMemberMax)
        {
            member.Known.Remove(member.Order.Dequeue());
        }
    }

    /// <summary>Forgets all: a new height begins.</summary>
    public void Clear() => members.Clear();
}
