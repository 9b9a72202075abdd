using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Node;

/// <summary>
/// What lies around a node: time, its peers, and work that takes too long for its loop. Nothing here waits, and what comes back comes as a
/// <see cref="NodeInput"/>. The process has threads and sockets behind it; the simulator has one queue of events.
/// </summary>
public interface IOutside
{
    /// <summary>The wall clock, and the time stamps that no change of it moves.</summary>
    TimeProvider Clock { get; }

    /// <summary>Brings an input when the time is over.</summary>
    void After(TimeSpan time, NodeInput input);

    /// <summary>Does work beside the loop and brings what it makes, if anything.</summary>
    void Offload(Func<Task<NodeInput?>> work);

    /// <summary>Reads a batch and verifies its signatures; null when its bytes refuse it as a whole. For use in <see cref="Offload"/>.</summary>
    Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars);

    /// <summary>Sends to one peer, if it can be reached; a stranger is ignored. Safe on any thread.</summary>
    void Send(string kid, PeerMessage message);

    /// <summary>Whether a block that was sent to a peer still waits until it reads on.</summary>
    bool HasBlock(string kid);

    /// <summary>Sends to all peers that can be reached.</summary>
    void Broadcast(PeerMessage message);

    /// <summary>A peer did what costs it trust; a stranger is ignored.</summary>
    void Blame(string kid, PeerFault fault);
}
