using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>All that reaches the node's one loop.</summary>
public abstract record NodeInput
{
    private NodeInput() { }

    /// <summary>A peer said something.</summary>
    public sealed record Said(string Peer, PeerMessage Message) : NodeInput;

    /// <summary>The stream to a peer is open: it may have missed what was said before.</summary>
    public sealed record Opened(string Peer) : NodeInput;

    /// <summary>A peer has opened its stream to this node: now it can answer.</summary>
    public sealed record Came(string Peer) : NodeInput;

    /// <summary>A host has handed over a batch under its promise; it is being read.</summary>
    public sealed record Coming(Digest Root) : NodeInput;

    /// <summary>A host or peer brought a batch, read and with verified signatures, the host's among them.</summary>
    public sealed record Brought(CheckedBatch Batch, BatchPromise Promise, TaskCompletionSource<string?>? Answer) : NodeInput;

    /// <summary>A peer brought a sealed block; its batch is read and its signatures are verified.</summary>
    public sealed record BroughtBlock(string Peer, BlockReply Block, CheckedBatch Batch) : NodeInput;

    /// <summary>What a peer sent was read outside of the loop; null when it was of no use.</summary>
    public sealed record Done(string Peer, NodeInput? Result) : NodeInput;

    /// <summary>A peer's request for a block was answered, or could not be.</summary>
    public sealed record Answered(string Peer, BlockStoreCorruptException? Damage) : NodeInput;

    /// <summary>A stored block was read for no other reason than to see whether it is whole.</summary>
    public sealed record Scrubbed(long Height, BlockStoreCorruptException? Damage) : NodeInput;

    /// <summary>A timer of the core fired.</summary>
    public sealed record Fired(long Height, int Round, Step Step) : NodeInput;

    /// <summary>It is time to propose what had to wait for the clock.</summary>
    public sealed record ProposeNow(long Height, int Round) : NodeInput;

    /// <summary>Time passes.</summary>
    public sealed record Tick : NodeInput;

    /// <summary>Somebody wants to look at the state, in the loop that owns it.</summary>
    public sealed record Ask(Action<Chain> Look) : NodeInput;

    /// <summary>A stored block was found damaged.</summary>
    public sealed record Damaged(BlockStoreCorruptException Damage) : NodeInput;
}
