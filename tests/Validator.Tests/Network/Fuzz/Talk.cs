using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>
/// What the peers of a node say: much that fits where it stands, so that heights are decided, and between it what traitors would say. Signatures are any
/// bytes, for the node takes all.
/// </summary>
internal sealed class Talk(Genesis genesis, FuzzedNode node)
{
    private const int KnownMax = 8;
    private static readonly string[] Types = [.. EventTable.Types.Keys.Order(StringComparer.Ordinal)];
    private static readonly string[] Data = ["{}", """{"record":"junk"}""", """{"record":7}""", """{"evidence":{}}""", """{"signatures":[]}""", """{"sidecar":""}"""];
    private readonly Queue<PeerMessage> agenda = new();
    private readonly List<Candidate> known = [];
    private readonly List<byte[]> log = [];
    private readonly List<string> others = [.. genesis.Set.Members.Select(m => m.Kid).Where(kid => kid != node.Self)];
    private long height;
    private (string Peer, PeerMessage Message)? again;
    private Dice dice;

    private int Round => node.Node.State.Height == height ? Math.Max(0, node.Node.State.Round) : 0;

    /// <summary>What is said next, and by whom.</summary>
    public (string Peer, PeerMessage Message) Next(Dice random)
    {
        dice = random;
        if (height != node.Chain.Head.Height + 1)
        {
            height = node.Chain.Head.Height + 1;
            known.Clear();
            agenda.Clear();
            again = null;
        }
        if (again is { } said)
        {
            again = null;
            return said;
        }
        if (node.Node.IsWaiting && dice.OneIn(2))
        {
            return (Peer(), new() { Votes = new() { Kid = node.Self, Head = height - 1 } });
        }
        if (node.Asked is var (peer, wanted) && dice.OneIn(64) && Block(wanted) is { } block)
        {
            return (peer, block);
        }
        if (agenda.Count == 0 && dice.OneIn(2))
        {
            Plan();
        }
        return (Peer(), !dice.OneIn(3) && agenda.TryDequeue(out var next) ? next : Any());
    }

    /// <summary>What a host hands over next.</summary>
    public NodeInput Brought(Dice random)
    {
        dice = random;
        var content = Content();
        return new NodeInput.Brought(content.Batch, Promise(content), new());
    }

    /// <summary>What was said was not understood: if it is said again, that comes next.</summary>
    public void Again(string peer, PeerMessage message, bool isSaid) => again = isSaid ? (peer, message) : null;

    /// <summary>Some peer.</summary>
    public string Peer(Dice random)
    {
        dice = random;
        return Peer();
    }

    // A round as it should be: mostly it ends with a block, else with a lock or with nothing.
    private void Plan()
    {
        var round = Round;
        if (ProposerOf(round) != node.Self)
        {
            var candidate = Known(Good());
            agenda.Enqueue(Proposal(round, candidate, -1));
            agenda.Enqueue(Batch(candidate));
        }
        else if (node.Proposed is { } own && (own.Height, own.Round) == (height, round) && node.Chain.Read(own.Header.Memory) is { } read)
        {
            Known(read);
        }
        var value = known.Count > 0 ? known[^1].Value : (Digest?)null;
        foreach (var (step, said) in new[] { (Step.Prevote, dice.OneIn(6) ? null : value), (Step.Precommit, dice.OneIn(3) ? null : value) })
        {
            if (dice.OneIn(6))
            {
                agenda.Enqueue(Certificate(round, step, said));
                continue;
            }
            others.ForEach(from => agenda.Enqueue(Vote(from, round, step, said)));
        }
    }

    private PeerMessage Any() => dice.Below(16) switch
    {
        < 2 => Proposal(SomeRound(), dice.Below(4) switch { 0 => Early(), 1 => Some(), _ => Known(Build()) }),
        2 => Batch(Some()),
        3 => Certificate(SomeRound(), SomeStep(), SomeValue()),
        4 => new() { BatchRequest = new() { Value = WireForms.Bytes(SomeValue()) } },
        5 => new() { BlockRequest = new() { From = SomeHeight(), Count = 1 } },
        6 => Block(SomeHeight()) ?? Vote(),
        7 => Votes(),
        8 => new() { VotesRequest = new() { Kid = dice.OneIn(4) ? Member() : node.Self } },
        9 => new() { Hello = new() { Height = SomeHeight() } },
        _ => Vote(),
    };

    private PeerMessage Vote() => Vote(Member(), SomeRound(), SomeStep(), SomeValue());

    private PeerMessage Vote(string from, int round, Step step, Digest? value) =>
        new() { Vote = WireForms.Write(new Vote(dice.OneIn(16) ? SomeHeight() : height, round, step, value, from, new byte[64])) };

    private PeerMessage Certificate(int round, Step step, Digest? value) =>
        new() { Certificate = new() { Votes = { others.Select(from => Vote(from, round, step, value).Vote) } } };

    private PeerMessage Votes() => new()
    {
        Votes = new()
        {
            Kid = node.Self, Head = SomeHeight(),
            Votes = { dice.OneIn(100) ? [Vote(node.Self, SomeRound(), SomeStep(), SomeValue()).Vote] : [] },
            Proposals = { dice.OneIn(100) ? [Proposal(SomeRound(), Some()).Proposal] : [] },
        },
    };

    private PeerMessage Proposal(int round, Candidate candidate) => Proposal(round, candidate, dice.OneIn(2) ? -1 : dice.Below(round + 1) - 1);

    private PeerMessage Proposal(int round, Candidate candidate, int validRound) =>
        new() { Proposal = WireForms.Write(new Proposal(candidate.Header.Height, round, candidate.Value, validRound, ProposerOf(round), new byte[64]), candidate.HeaderBytes) };

    private PeerMessage Batch(Candidate candidate)
    {
        var content = candidate.Content?.Batch.Entries.Count > 0 ? candidate.Content : Content();
        var promise = Promise(content);
        return new()
        {
            Batch = new()
            {
                Entries = { content.Batch.Entries.Select(e => UnsafeByteOperations.UnsafeWrap(e.Bytes)) }, Sidecars = { content.Batch.Sidecars.Select(_ => ByteString.Empty) },
                Kid = promise.Kid, Signature = ByteString.CopyFrom(promise.Sig.Span),
            },
        };
    }

    // Null where no such block is known or can be made.
    private PeerMessage? Block(long wanted)
    {
        if (node.Sealed.TryGetValue(wanted, out var block))
        {
            return Block(wanted, block.Header, block.Commit, block.Entries, block.Rejected);
        }
        if (wanted != height)
        {
            return null;
        }
        var candidate = dice.OneIn(200) ? Build() : Good();
        var commit = new Commit(height, Round, candidate.Value, [.. others.Order(StringComparer.Ordinal).Select(kid => new KidSignature(kid, B64.Encode(new byte[64])))]);
        return Block(wanted, candidate.HeaderBytes, commit.ToBytes(), [.. candidate.Content!.Batch.Entries.Select(e => e.Bytes)], "[]"u8.ToArray());
    }

    private static PeerMessage Block(long height, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> commit, IReadOnlyList<ReadOnlyMemory<byte>> entries, ReadOnlyMemory<byte> rejected) => new()
    {
        Block = new()
        {
            Height = height, Header = UnsafeByteOperations.UnsafeWrap(header), Commit = UnsafeByteOperations.UnsafeWrap(commit), Rejected = UnsafeByteOperations.UnsafeWrap(rejected),
            Entries = { entries.Select(e => UnsafeByteOperations.UnsafeWrap(e)) }, Sidecars = { entries.Select(_ => ByteString.Empty) },
        },
    };

    private Candidate Good() => node.Chain.Build(IsHeartbeatDue() && dice.OneIn(2) ? null : Content(), node.Now, ProposerOf(Round));

    private bool IsHeartbeatDue() => node.Chain.Tree.Size > 0 && node.Now >= node.Chain.Head.Time.PlusMs(1000L * node.Chain.Parameters.HeartbeatSeconds);

    // What a traitor would build. A node stops when a quorum decides on what its rules reject, so most are as the rules want them.
    private Candidate Build()
    {
        var built = dice.OneIn(4) ? node.Chain.Build(Content(), node.Now.PlusMs(dice.Below(120_000) - 60_000), Member()) : Good();
        var header = built.Header;
        header = dice.Below(32) switch
        {
            0 => header with { Results = Digest.Of("other") },
            1 => header with { Size = header.Size + 1 },
            2 => header with { First = header.First + 1 },
            3 => header with { Height = SomeHeight() },
            4 => header with { NextValidators = Digest.Of("other") },
            5 => header with { Prev = Digest.Of("other") },
            _ => header,
        };
        return new(header, header.ToBytes()) { Content = built.Content };
    }

    // Of a faster peer, whose last block is not here yet.
    private Candidate Early()
    {
        var header = Good().Header with { Height = height + 1, Prev = Digest.Of($"{dice.Next()}") };
        return new(header, header.ToBytes());
    }

    private Candidate Known(Candidate candidate)
    {
        if (known.Count == KnownMax)
        {
            known.RemoveAt(0);
        }
        known.Add(candidate);
        return candidate;
    }

    private Candidate Some() => known.Count > 0 ? known[dice.Below(known.Count)] : Known(Build());

    private HeldBatch Content()
    {
        var (size, count) = ((int)node.Chain.Tree.Size, 1 + dice.Below(3));
        while (log.Count < size + count)
        {
            log.Add(NextEntry());
        }
        ReadOnlyMemory<byte>[] entries = [.. log.GetRange(size, count).Select(e => (ReadOnlyMemory<byte>)e)];
        var batch = CheckedBatch.TryRead(entries, [.. entries.Select(_ => ReadOnlyMemory<byte>.Empty)], node.Chain.State.Registry).ShouldNotBeNull();
        return HeldBatch.On(node.Chain.Tree, batch);
    }

    private byte[] NextEntry()
    {
        var seq = log.Count + 1;
        if (seq == 1)
        {
            return genesis.Entry.ToBytes();
        }
        var type = dice.OneIn(3) ? Types[dice.Below(Types.Length)] : "finding_raised";
        return new Entry(seq, EventTable.FindingStream, seq - 1, type, node.Now, "host", System.Text.Encoding.ASCII.GetBytes(Data[dice.OneIn(2) ? 0 : dice.Below(Data.Length)])).ToBytes();
    }

    private BatchPromise Promise(HeldBatch content) =>
        new(content.After.Size - content.Batch.Entries.Count + 1, content.After.Size, content.Root, genesis.Hosts[0].Receipt.Kid, new byte[64]);

    private string ProposerOf(int round)
    {
        var kids = node.Chain.State.Set.Members.Select(m => m.Kid).ToList();
        var first = Math.Max(0, kids.IndexOf(node.Chain.Head.Proposer)) + (node.Chain.Head.Height % 64 == 0 ? 1 : 0);
        return kids[(first + (round % kids.Count)) % kids.Count];
    }

    private string Peer() => others[dice.Below(others.Count)];

    private string Member() => dice.OneIn(16) ? node.Self : Peer();

    private Step SomeStep() => dice.OneIn(2) ? Step.Prevote : Step.Precommit;

    private Digest? SomeValue() => dice.Below(8) switch
    {
        0 => null,
        1 => Digest.Of("other"),
        _ => Some().Value,
    };

    private int SomeRound() => dice.Below(16) switch
    {
        < 10 => Round,
        < 12 => Math.Max(0, Round - dice.Below(4)),
        < 15 => (int)Math.Min(Round + (long)dice.Below(4), int.MaxValue),
        _ when dice.OneIn(64) => int.MaxValue - dice.Below(3),
        _ => (int)Math.Min(Round + (long)dice.Below(100), int.MaxValue),
    };

    private long SomeHeight() => dice.Below(8) switch
    {
        0 => height + 1,
        1 => height + 2,
        2 => height + dice.Below(10),
        3 => Math.Max(1, height - 1 - dice.Below(10)),
        4 when dice.OneIn(4) => long.MaxValue - dice.Below(3),
        _ => height,
    };
}
