using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// A Byzantine validator: the production node thinks, and what leaves is changed to harm, for each peer anew. It holds its key and signs whatever it likes.
/// </summary>
internal sealed class Traitor
{
    private const int ValuesMax = 6;
    private readonly Simulation sim;
    private readonly SimNode node;
    private readonly HashSet<Fault> habits;
    private readonly List<(long Height, Digest Value)> values = [];
    private readonly Dictionary<Digest, BatchReply> junk = [];
    private readonly Dictionary<(int Round, Step Step), SignedVote?> forgetful = [];
    private (long Height, int Round, Digest? Value) promise;

    public Traitor(Simulation sim, SimNode node)
    {
        (this.sim, this.node) = (sim, node);
        Fault[] all = [Fault.TraitorSilent, Fault.TraitorEquivocates, Fault.TraitorProposesTwice, Fault.TraitorLies, Fault.TraitorInvalid, Fault.TraitorWithholds, Fault.TraitorOldOrFuture, Fault.TraitorMakesEntries];
        habits = [.. all.Where(h => sim.Dice.Chance(h == Fault.TraitorSilent ? 150 : 500))];
        if (sim.Plan.HasForgetfulTraitors && sim.Dice.Aside(3).Chance(500))
        {
            habits.Add(Fault.TraitorForgets);
        }
    }

    /// <summary>It remembers what it may vote for, and now and then says something of its own accord.</summary>
    public void Hear(int from, PeerMessage said)
    {
        if (said.BodyCase == PeerMessage.BodyOneofCase.BatchRequest && WireForms.TryValue(said.BatchRequest.Value, out var wanted) && wanted is { } asked
            && junk.TryGetValue(asked, out var batch))
        {
            Wire(from, new() { Batch = batch });
        }
        if (said.BodyCase == PeerMessage.BodyOneofCase.Proposal && WireForms.TryValue(said.Proposal.Value, out var value) && value is { } digest)
        {
            values.Add((said.Proposal.Height, digest));
            if (values.Count > ValuesMax)
            {
                values.RemoveAt(0);
            }
        }
        if (said.BodyCase == PeerMessage.BodyOneofCase.Vote && Does(Fault.TraitorOldOrFuture, 60))
        {
            var v = said.Vote;
            var height = Math.Max(1, v.Height + sim.Dice.Between(-2, 3));
            var round = sim.Dice.Below(4) switch { 0 => sim.Dice.Below(200), 1 => int.MaxValue - sim.Dice.Below(3), _ => Math.Max(0, v.Round + (int)sim.Dice.Between(-1, 3)) };
            Wire(sim.Dice.Below(sim.Plan.Count), new() { Vote = Sign(height, round, sim.Dice.Chance(500) ? Step.Prevote : Step.Precommit, Any(height)) });
        }
    }

    /// <summary>Sends to one peer what the node wanted to say, or something else, or nothing.</summary>
    public void Send(int to, PeerMessage message)
    {
        if (sim.Plan.IsPlot)
        {
            Divide(to, message);
            return;
        }
        if (Does(Fault.TraitorSilent, 900))
        {
            return;
        }
        var changed = message.BodyCase switch
        {
            PeerMessage.BodyOneofCase.Vote when message.Vote.From == node.Kid && Forgetful(message.Vote) is { } other => new() { Vote = other },
            PeerMessage.BodyOneofCase.Vote when message.Vote.From == node.Kid && Does(Fault.TraitorEquivocates, 500) =>
                new() { Vote = Sign(message.Vote.Height, message.Vote.Round, (Step)message.Vote.Step, Any(message.Vote.Height)) },
            PeerMessage.BodyOneofCase.Proposal when message.Proposal.From == node.Kid => Other(message),
            PeerMessage.BodyOneofCase.Hello when Does(Fault.TraitorLies, 400) =>
                new() { Hello = new() { Height = sim.Dice.Below(3) switch { 0 => long.MaxValue, 1 => -1, _ => message.Hello.Height + sim.Dice.Below(100) } } },
            PeerMessage.BodyOneofCase.Votes when Does(Fault.TraitorLies, 500) =>
                new() { Votes = new() { Kid = message.Votes.Kid, Head = sim.Plan.HasHeadLies ? Head(message.Votes.Head) : 0 } },
            PeerMessage.BodyOneofCase.Block when Does(Fault.TraitorLies, 500) => Spoilt(message),
            PeerMessage.BodyOneofCase.Batch when Does(Fault.TraitorWithholds, 700) => null,
            _ => message,
        };
        if (changed is not null)
        {
            Wire(to, changed);
        }
    }

    // Whose turn it is shows one block to one half of the honest and another to the other, and all traitors vote for each block where it is shown.
    private void Divide(int to, PeerMessage message)
    {
        var isOwnVote = message.BodyCase == PeerMessage.BodyOneofCase.Vote && message.Vote.From == node.Kid;
        if (message.BodyCase != PeerMessage.BodyOneofCase.Proposal || message.Proposal.From != node.Kid || sim.Nodes[to].IsTraitor
            || !BlockHeader.TryParse(message.Proposal.Header.Memory, out var header))
        {
            // In the plot only what is said here counts; a vote of the production code would tell one half of the other's block.
            if (!isOwnVote && message.BodyCase is not PeerMessage.BodyOneofCase.Certificate)
            {
                Wire(to, message);
            }
            return;
        }
        var half = sim.Nodes.Where(n => !n.IsTraitor).TakeWhile(n => n.Index != to).Count() % 2;
        var shown = header with { Time = header.Time.PlusMs(half) };
        var (round, value) = (message.Proposal.Round, Digest.Of(shown.ToBytes()));
        Wire(to, Propose(shown, round));
        foreach (var traitor in sim.Nodes.Where(n => n.IsTraitor))
        {
            traitor.Traitor!.Wire(to, new() { Vote = traitor.Traitor.Sign(header.Height, round, Step.Prevote, value) });
            traitor.Traitor.Wire(to, new() { Vote = traitor.Traitor.Sign(header.Height, round, Step.Precommit, value) });
        }
    }

    // Whoever asks waits for what it believes to be two heights beyond all heads.
    private long Head(long head) => sim.Dice.Below(5) switch { 0 => 0, 1 => long.MaxValue, 2 => long.MaxValue - 2000, 3 => head + 500, _ => head };

    private PeerMessage Propose(BlockHeader header, int round)
    {
        var (bytes, chain) = (header.ToBytes(), sim.Keys.Genesis.Chain);
        var value = Digest.Of(bytes);
        var signature = sim.SignaturesOf(node).Sign(Commit.ProposalBytes(chain, header.Height, round, -1, value));
        values.Add((header.Height, value));
        return new() { Proposal = WireForms.Write(new Proposal(header.Height, round, value, -1, node.Kid, signature), bytes) };
    }

    // Locked on one value it votes for another, and tells all the same, so that nothing but its lock is broken.
    private SignedVote? Forgetful(SignedVote vote)
    {
        if (!habits.Contains(Fault.TraitorForgets) || vote.Height < promise.Height)
        {
            return null;
        }
        if (vote.Height > promise.Height)
        {
            forgetful.Clear();
            promise = (vote.Height, int.MaxValue, null);
        }
        var (round, step) = (vote.Round, (Step)vote.Step);
        if (!forgetful.TryGetValue((round, step), out var other))
        {
            var others = values.Where(v => v.Height == vote.Height && v.Value != promise.Value).ToList();
            if (round > promise.Round && others.Count > 0 && Does(Fault.TraitorForgets, 800))
            {
                other = Sign(vote.Height, round, step, sim.Dice.Of(others).Value);
            }
            else if (step == Step.Precommit && round < promise.Round && WireForms.TryValue(vote.Value, out var value) && value is not null)
            {
                promise = (vote.Height, round, value);
            }
            forgetful.Add((round, step), other);
        }
        return other;
    }

    private bool Does(Fault habit, int perMille)
    {
        if (!habits.Contains(habit) || !sim.Dice.Chance(perMille))
        {
            return false;
        }
        sim.Tally.Count(habit);
        return true;
    }

    // A second proposal that is as good as the first, one that breaks a rule, one over a batch that nobody has, or one over entries of its own making.
    private PeerMessage Other(PeerMessage message)
    {
        if (message.Proposal.ValidRound >= 0 || !BlockHeader.TryParse(message.Proposal.Header.Memory, out var header))
        {
            return message;
        }
        var other = header;
        if (Does(Fault.TraitorProposesTwice, 500))
        {
            other = header with { Time = header.Time.PlusMs(1 + sim.Dice.Below(3)) };
        }
        if (Does(Fault.TraitorInvalid, 300))
        {
            other = sim.Dice.Below(4) switch
            {
                0 => other with { Results = Digest.Of("wrong") },
                1 => other with { Time = other.Time.PlusMs(60_000) },
                2 => other with { Prev = Digest.Of("wrong") },
                _ => other with { Size = other.Size + 1 },
            };
        }
        if (Does(Fault.TraitorWithholds, 100))
        {
            other = other with { Root = Digest.Of($"nobody has this {header.Height}") };
        }
        var made = Does(Fault.TraitorMakesEntries, 300) ? Junk(other) : null;
        other = made is var (root, _) ? other with { Root = root } : other;
        if (other == header)
        {
            return message;
        }
        if (made is var (_, reply))
        {
            var bytes = other.ToBytes();
            reply.Header = ByteString.CopyFrom(bytes);
            junk[Digest.Of(bytes)] = reply;
        }
        return Propose(other, message.Proposal.Round);
    }

    // Entries that no rule rejects, in places that the host has given away, under a signature that is the host's and stands under other entries.
    private (Digest Root, BatchReply Batch)? Junk(BlockHeader header)
    {
        if (header.First == 1 || header.Count is < 1 or > 100)
        {
            return null;
        }
        var (tree, batch) = (sim.Host.TreeAt(header.First - 1), new BatchReply());
        for (var seq = header.First; seq <= header.Size; seq++)
        {
            var entry = new Entry(seq, EventTable.FindingStream, sim.Host.VersionAt(header.First) + seq - header.First, "finding_raised", header.Time, "traitor", "{}"u8.ToArray()).ToBytes();
            tree.Append(Entry.LeafHash(entry));
            batch.Entries.Add(ByteString.CopyFrom(entry));
            batch.Sidecars.Add(ByteString.Empty);
        }
        var promise = sim.Host.Promise((int)header.First - 1, (int)header.Count);
        (batch.Kid, batch.Signature) = (promise.Kid, ByteString.CopyFrom(promise.Sig.Span));
        return (tree.Root(), batch);
    }

    private PeerMessage Spoilt(PeerMessage message)
    {
        var block = message.Block.Clone();
        switch (sim.Dice.Below(4))
        {
            case 0: block.Commit = ByteString.CopyFromUtf8("{}"); break;
            case 1: block.Rejected = ByteString.CopyFromUtf8("[[1,\"made-up\"]]"); break;
            case 2 when block.Entries.Count > 0: block.Entries[0] = ByteString.CopyFromUtf8("{}"); break;
            default: block.Height += 1; break;
        }
        return new() { Block = block };
    }

    private Digest? Any(long height)
    {
        var known = values.Where(v => v.Height == height).ToList();
        return known.Count == 0 || sim.Dice.Chance(300) ? null : sim.Dice.Of(known).Value;
    }

    private SignedVote Sign(long height, int round, Step step, Digest? value)
    {
        var bytes = Commit.VoteBytes(sim.Keys.Genesis.Chain, height, round, step == Step.Precommit ? "precommit" : "prevote", value);
        return WireForms.Write(new Vote(height, round, step, value, node.Kid, sim.SignaturesOf(node).Sign(bytes)));
    }

    private void Wire(int to, PeerMessage message)
    {
        sim.Checker.Said(node, message);
        if (to != node.Index)
        {
            sim.Network.Send(node.Index, to, new(message.ToByteArray()));
        }
    }
}
