using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>All that can happen to the core. Signatures are verified before; own messages come back the same way as those of others.</summary>
public abstract record Input
{
    private Input() { }

    /// <summary>The shell is ready for the height after the last decided one.</summary>
    /// <param name="Height">Must lie above every earlier height.</param>
    /// <param name="Set">Who votes at this height.</param>
    /// <param name="ProposerOrder">Key ids; the proposer of round r is the one at r mod length.</param>
    public sealed record NewHeight(long Height, Validators Set, ImmutableArray<string> ProposerOrder) : Input;

    /// <summary>A proposal came.</summary>
    /// <param name="Message">As signed.</param>
    /// <param name="Content">What is known of the content; Unknown holds the proposal until <see cref="Checked"/>.</param>
    /// <param name="IsTimely">The header's time lies within 10 s of the own clock. Read only for a fresh proposal.</param>
    public sealed record GotProposal(Proposal Message, Verdict Content, bool IsTimely = true) : Input;

    /// <summary>The content of a value was checked: the answer to <see cref="Output.RequestBatch"/>.</summary>
    public sealed record Checked(long Height, Digest Value, bool IsValid) : Input;

    /// <summary>A vote came.</summary>
    public sealed record GotVote(Vote Message) : Input;

    /// <summary>
    /// Votes of one (height, round, step, value) with more than two thirds of the power, as a peer re-sends them to whoever missed them.
    /// They count even where this node saw another vote of the same validator first.
    /// </summary>
    public sealed record Certificate(ImmutableArray<Vote> Votes) : Input;

    /// <summary>A sealed block of the current height came by catch-up: the shell has checked its content; the precommits are its commit.</summary>
    public sealed record Committed(ImmutableArray<Vote> Precommits) : Input;

    /// <summary>A timer fired that <see cref="Output.SetTimer"/> had set. Late ones are normal and do nothing.</summary>
    public sealed record Timeout(long Height, int Round, Step Step) : Input;

    /// <summary>The value to propose: the answer to <see cref="Output.GetValue"/>. It is valid by construction.</summary>
    public sealed record ValueReady(long Height, int Round, Digest Value) : Input;

    /// <summary>A periodic tick: say again what others may have missed.</summary>
    public sealed record Tick : Input;
}
