using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>All that the core asks of its shell, in the order in which it is to be done.</summary>
public abstract record Output
{
    private Output() { }

    /// <summary>
    /// Append this input to the write-ahead log; fsync before any later output leaves the node. A fresh driver that is fed the logged inputs
    /// of the height in order stands where this one stood.
    /// </summary>
    public sealed record Persist(Input Input) : Output;

    /// <summary>Sign and broadcast a proposal, and give it back as <see cref="Input.GotProposal"/>.</summary>
    public sealed record Propose(long Height, int Round, Digest Value, int ValidRound) : Output;

    /// <summary>Sign and broadcast a vote, and give it back as <see cref="Input.GotVote"/>. A null value is nil.</summary>
    public sealed record SendVote(long Height, int Round, Step Step, Digest? Value) : Output;

    /// <summary>Start a timer; <see cref="Timeouts"/> says how long. One of an earlier round may be dropped.</summary>
    public sealed record SetTimer(long Height, int Round, Step Step) : Output;

    /// <summary>This node proposes: answer with <see cref="Input.ValueReady"/>, or never.</summary>
    public sealed record GetValue(long Height, int Round) : Output;

    /// <summary>A held proposal waits for its content: fetch it, check it, answer with <see cref="Input.Checked"/>.</summary>
    public sealed record RequestBatch(long Height, int Round, Digest Value, string From) : Output;

    /// <summary>The height is decided; the precommits, ascending by kid, are the block's commit.</summary>
    /// <param name="Height">Block height.</param>
    /// <param name="Round">Round of the precommits; it may differ from the round this node is in.</param>
    /// <param name="Value">Block hash.</param>
    /// <param name="Precommits">More than two thirds of the power.</param>
    /// <param name="IsDisputed">This node found the content invalid, more than two thirds did not: stop loudly rather than go on.</param>
    public sealed record Decide(long Height, int Round, Digest Value, ImmutableArray<Vote> Precommits, bool IsDisputed) : Output;

    /// <summary>One validator signed two different votes for one (height, round, step).</summary>
    public sealed record Evidence(Vote First, Vote Second) : Output;

    /// <summary>One proposer signed two different proposals for one (height, round).</summary>
    public sealed record ProposalEvidence(Proposal First, Proposal Second) : Output;

    /// <summary>Broadcast these signed messages again; each certificate is one <see cref="Input.Certificate"/> for its receiver.</summary>
    public sealed record Resend(ImmutableArray<Proposal> Proposals, ImmutableArray<Vote> Votes, ImmutableArray<ImmutableArray<Vote>> Certificates)
        : Output;
}
