using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// What must hold after every step, whatever happens: agreement (S1), validity (S2), integrity (S3), commits (S4), no double sign (S5), locks (S6),
/// no step back (S7), the same blocks everywhere (S8), and guilt where agreement is broken (S9). It looks only at what a step changed.
/// </summary>
internal sealed partial class Checker(Simulation sim)
{
    private const int HeightsKept = 4;
    private readonly List<Sealed> chain = [];
    private readonly Dictionary<(int Node, long Height, int Round, Step Step), (Digest? Value, int Life)> signed = [];
    private readonly Dictionary<(long Height, int Round, Step Step, Digest? Value), uint> voters = [];
    private readonly Dictionary<(int Node, long Height), List<(int Round, Digest Value)>> precommits = [];
    private readonly HashSet<(long Height, int Round)> polkas = [];
    private readonly HashSet<(long Height, int Round, Digest Value, int From)> proposed = [];
    private readonly HashSet<(string Signature, Digest Block, long Round)> verified = [];
    private readonly Dictionary<int, RoundState> last = [];
    private readonly Dictionary<int, long> highest = [];

    /// <summary>The first thing that did not hold; null while all does.</summary>
    public string? Violation { get; private set; }

    public long Height => chain.Count;

    public long SealedSize => chain is [.., var head] ? head.Header.Size : 0;

    public long HeadTimeMs => chain is [.., var head] ? head.Header.Time.UnixMs : 0;

    public long HighestSigned(SimNode node) => highest.GetValueOrDefault(node.Index);

    public void Fail(string what)
    {
        Violation ??= what;
        sim.Trail.Say(sim.NowUs, 0, what);
    }

    /// <summary>A node took trust from a peer: an honest peer never gives cause for the dearer faults.</summary>
    public void Blamed(SimNode by, string kid, PeerFault fault)
    {
        if (fault >= PeerFault.Forged && !by.IsTraitor && sim.Nodes[sim.IndexOf(kid)!.Value] is { IsTraitor: false } peer)
        {
            Fail($"v{by.Index} finds honest v{peer.Index} at fault: {fault}");
        }
    }

    /// <summary>A node took an input: S7.</summary>
    public void Stepped(SimNode node)
    {
        var now = node.Node!.State;
        if (last.TryGetValue(node.Index, out var before) && !ReferenceEquals(before, now))
        {
            if ((now.Height, now.Round).CompareTo((before.Height, before.Round)) < 0
                || ((now.Height, now.Round) == (before.Height, before.Round) && now.Step < before.Step))
            {
                Fail($"S7: v{node.Index} went back from {before} to {now}");
            }
            if (now.Height == before.Height && (now.Locked?.Round < before.Locked?.Round || now.Valid?.Round < before.Valid?.Round))
            {
                Fail($"S7: v{node.Index} forgot a lock: {before} to {now}");
            }
        }
        last[node.Index] = now;
        LookWhetherReady();
        LookForTimer(node);
    }

    /// <summary>A machine sends something signed by its own key, for the first time or again: S5 and S6.</summary>
    public void Said(SimNode node, PeerMessage message)
    {
        if (message.BodyCase == PeerMessage.BodyOneofCase.Vote && sim.IndexOf(message.Vote.From) == node.Index && WireForms.TryRead(message.Vote, out var vote))
        {
            Voted(node, vote);
        }
        else if (message.BodyCase == PeerMessage.BodyOneofCase.Certificate)
        {
            // Its own vote may leave in the proof of a quorum first, and in a traitor's case there only.
            foreach (var wire in message.Certificate.Votes.Where(v => sim.IndexOf(v.From) == node.Index))
            {
                Said(node, new() { Vote = wire });
            }
        }
        else if (message.BodyCase == PeerMessage.BodyOneofCase.Proposal && sim.IndexOf(message.Proposal.From) == node.Index && WireForms.TryRead(message.Proposal, out var p))
        {
            proposed.Add((p.Height, p.Round, p.Value, node.Index));
            Sign(node, p.Height, p.Round, Step.Propose, p.Value);
        }
    }

    /// <summary>A machine stores a block: S1 to S4 and S8.</summary>
    public void Stored(SimNode node, StoredBlock block)
    {
        if (node.IsTraitor)
        {
            return;
        }
        Reached(node, block);
        var content = ContentOf(block);
        if (block.Height <= chain.Count)
        {
            var (header, hash, known) = chain[(int)block.Height - 1];
            if (Digest.Of(block.Header.Span) != hash)
            {
                Fail($"S1: v{node.Index} decided another block at height {block.Height}. {Guilt(block.Height)}");
            }
            else if (content != known)
            {
                Fail($"S8: v{node.Index} stores height {block.Height} with other bytes");
            }
            CheckCommit(node, block, header);
            return;
        }
        if (!BlockHeader.TryParse(block.Header, out var fresh) || block.Height != chain.Count + 1)
        {
            Fail($"S2: v{node.Index} stored {block.Height} after {chain.Count}");
            return;
        }
        CheckCommit(node, block, fresh);
        CheckValid(block, fresh);
        Follow(block, fresh);
        chain.Add(new(fresh, Digest.Of(block.Header.Span), content));
        sim.Trail.Note(sim.NowUs, "sealed", node.Index, block.Height, block.Size, block.Entries.Count, 0);
        Count(block);
        Forget(block.Height - HeightsKept);
    }

    /// <summary>A guard that was lost is whole again once the machine signs past all that it had signed before.</summary>
    public static void Recovered(SimNode node)
    {
        if (node.Tainted > 0 && node.IsUp && !node.Node!.Status.IsObserving && node.Store.Height >= node.Tainted)
        {
            node.Tainted = 0;
        }
    }

    private void Voted(SimNode node, Vote vote)
    {
        if (!HasVote(node, vote.From, vote.Height))
        {
            return;
        }
        Welcome(node, vote);
        var key = (vote.Height, vote.Round, vote.Step, vote.Value);
        var known = voters.GetValueOrDefault(key);
        var now = known | (1u << node.Index);
        if (now != known)
        {
            voters[key] = now;
            if (vote is { Step: Step.Prevote, Value: not null } && IsQuorum(now, vote.Height))
            {
                polkas.Add((vote.Height, vote.Round));
            }
        }
        if (node.IsTraitor || !Sign(node, vote.Height, vote.Round, vote.Step, vote.Value) || vote.Value is not { } value)
        {
            return;
        }
        if (!precommits.TryGetValue((node.Index, vote.Height), out var mine))
        {
            precommits[(node.Index, vote.Height)] = mine = [];
        }
        if (vote.Step == Step.Precommit)
        {
            // L36. Its own prevote counts before it leaves, and a crash may come between. What was said of heights long past is forgotten here.
            if (vote.Height >= chain.Count - HeightsKept && !IsPolka(vote.Height, vote.Round, value, 1u << node.Index))
            {
                Fail($"S6: v{node.Index} precommits {value} in round {vote.Round} of height {vote.Height}, where no polka is");
            }
            mine.Add((vote.Round, value));
            return;
        }
        foreach (var locked in mine)
        {
            if (locked.Round < vote.Round && locked.Value != value && !IsPolkaBetween(vote.Height, locked.Round, vote.Round, value)
                && !IsForgotten(node, vote.Height, locked.Round, Step.Precommit))
            {
                Fail($"S6: v{node.Index} precommitted {locked.Value} in round {locked.Round} and prevotes {value} in round {vote.Round} of height {vote.Height}");
            }
        }
    }

    // True the first time.
    private bool Sign(SimNode node, long height, int round, Step step, Digest? value)
    {
        if (node.IsTraitor)
        {
            return true;
        }
        highest[node.Index] = Math.Max(height, HighestSigned(node));
        var key = (node.Index, height, round, step);
        if (signed.TryAdd(key, (value, node.Life)))
        {
            return true;
        }
        if (signed[key].Value != value)
        {
            if (!IsForgotten(node, height, round, step))
            {
                Fail($"S5: v{node.Index} signed two {step}s in height {height}, round {round}");
            }
            signed[key] = (value, node.Life);
        }
        return false;
    }

    private bool IsPolkaBetween(long height, int from, int to, Digest value)
    {
        for (var round = from; round < to; round++)
        {
            if (IsPolka(height, round, value))
            {
                return true;
            }
        }
        return false;
    }

    private bool IsPolka(long height, int round, Digest? value, uint besides = 0) =>
        voters.TryGetValue((height, round, Step.Prevote, value), out var who) && IsQuorum(who | besides, height);

    // Each signature is verified once, however many machines store it.
    private void CheckCommit(SimNode node, StoredBlock block, BlockHeader header)
    {
        if (!Commit.TryParse(block.Commit, out var commit) || (commit.Height, commit.Block) != (header.Height, Digest.Of(block.Header.Span))
            || commit.Problem(sim.Keys.Genesis.Chain, SetAt(block.Height), (member, message, signature) =>
                verified.Contains((member.Kid + Convert.ToHexString(signature), commit.Block, commit.Round))
                || (sim.SignaturesOf(node).Verify(member, message, signature) && verified.Add((member.Kid + Convert.ToHexString(signature), commit.Block, commit.Round)))) is not null)
        {
            Fail($"S4: v{node.Index} sealed height {block.Height} without a commit");
        }
    }

    private void CheckValid(StoredBlock block, BlockHeader header)
    {
        var before = chain is [.., var head] ? head : null;
        if (header.Prev != (before?.Hash ?? sim.Keys.Genesis.Hash) || header.First != (before?.Header.Size ?? 0) + 1 || header.Time.UnixMs <= (before?.Header.Time.UnixMs ?? 0))
        {
            Fail($"S2: height {block.Height} does not follow the block before");
        }
        if (!proposed.Any(p => p.Height == block.Height && p.Value == Digest.Of(block.Header.Span) && p.From == ProposerOf(block.Height, p.Round)))
        {
            Fail($"S2: height {block.Height} was proposed by nobody whose turn it was");
        }
        for (var i = 0; i < block.Entries.Count; i++)
        {
            if (!sim.Host.HasWritten(header.First + i, block.Entries[i].Span))
            {
                Fail($"S2: entry {header.First + i} was written by no host");
            }
        }
    }

    private static Digest ContentOf(StoredBlock block)
    {
        var parts = new List<byte>(1024);
        parts.AddRange(block.Header.Span);
        parts.AddRange(block.Rejected.Span);
        foreach (var entry in block.Entries)
        {
            parts.AddRange(entry.Span);
        }
        foreach (var root in block.Frontier)
        {
            parts.AddRange(root.ToArray());
        }
        return Digest.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(parts));
    }

    private void Forget(long below)
    {
        proposed.RemoveWhere(p => p.Height < below);
        polkas.RemoveWhere(p => p.Height < below);
        verified.Clear();
        if (below % 16 != 0)
        {
            return;
        }
        foreach (var key in voters.Keys.Where(k => k.Height < below).ToList())
        {
            voters.Remove(key);
        }
        foreach (var key in hearers.Keys.Where(k => k.Height < below).ToList())
        {
            hearers.Remove(key);
        }
        foreach (var key in precommits.Keys.Where(k => k.Height < below).ToList())
        {
            precommits.Remove(key);
        }
    }

    private sealed record Sealed(BlockHeader Header, Digest Hash, Digest Content);
}
