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

    private readonly Dictionary<string, (Dictionary<Saying, byte[]> Known, Queue<Saying> Order)> members = [];

    /// <summary>What somebody signed.</summary>
    public readonly record struct Saying(long Height, int Round, Step Step, Digest? Value);

    /// <summary>Whether it was verified and is still remembered.</summary>
    public bool Has(string from, Saying what) => Signature(from, what) is not null;

    /// <summary>The signature that was verified; null when none is remembered. A message that says the same may bear another one, even a false one.</summary>
    public byte[]? Signature(string from, Saying what) => members.TryGetValue(from, out var member) ? member.Known.GetValueOrDefault(what) : null;

    /// <summary>Remembers a verified signature of a member.</summary>
    public void Add(string from, Saying what, byte[] signature)
    {
        if (!members.TryGetValue(from, out var member))
        {
            members.Add(from, member = ([], new()));
        }
        if (!member.Known.TryAdd(what, signature))
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
