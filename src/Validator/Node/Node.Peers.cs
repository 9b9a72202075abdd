using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;
using Verdict = EventLedger.Validator.Consensus.Verdict;

namespace EventLedger.Validator.Node;

/// <summary>What peers say and ask while a height is decided.</summary>
public sealed partial class Node
{
    private readonly HashSet<(string From, int Round, Step Step, Digest? Value)> seen = [];
    private const int ReadingMax = 4, EarlyMax = 16;
    private readonly Dictionary<Digest, ReadOnlyMemory<byte>> early = [];
    private readonly SemaphoreSlim reading = new(ReadingMax);
    private long heardHeight;
    private long ticks, tickedAt, saidHeight, stuckAt, stuckSince;

    private void Hear(string peer, PeerMessage message)
    {
        switch (message.BodyCase)
        {
            case PeerMessage.BodyOneofCase.Hello: HearHeight(peer, message.Hello.Height); break;
            case PeerMessage.BodyOneofCase.Vote: HearVote(peer, message.Vote); break;
            case PeerMessage.BodyOneofCase.Proposal: HearProposal(peer, message.Proposal); break;
            case PeerMessage.BodyOneofCase.Certificate: HearCertificate(message.Certificate); break;
            case PeerMessage.BodyOneofCase.BatchRequest: AnswerBatch(peer, message.BatchRequest); break;
            case PeerMessage.BodyOneofCase.Batch: HearBatch(message.Batch); break;
            case PeerMessage.BodyOneofCase.BlockRequest: AnswerBlock(peer, message.BlockRequest.From); break;
            case PeerMessage.BodyOneofCase.Block: HearBlock(peer, message.Block); break;
            case PeerMessage.BodyOneofCase.VotesRequest: AnswerVotes(peer, message.VotesRequest.Kid); break;
            case PeerMessage.BodyOneofCase.Votes: HearVotes(peer, message.Votes); break;
            default: break;
        }
    }

    private void Greet(string peer)
    {
        peers?.Send(peer, new() { Hello = new() { Height = chain.Head.Height } });
        peers?.Send(peer, new() { VotesRequest = new() { Kid = signer.Kid } });
        // What was said before the stream was open is lost to this peer.
        Feed(new Input.Tick());
    }

    private void OnTick()
    {
        ticks++;
        TryBegin();
        TryPropose();
        // Behind for a whole tick; and another peer each time, for one may lie about its height.
        var ahead = peerHeights.Where(p => p.Value > chain.Head.Height).Select(p => p.Key).ToList();
        if (ahead.Count > 0 && tickedAt == chain.Head.Height)
        {
            Fetch(ahead[(int)(ticks % ahead.Count)]);
        }
        else if (damaged.Count > 0 && Connected is [_, ..] connected)
        {
            peers?.Send(connected[(int)(ticks % connected.Count)], new() { BlockRequest = new() { From = damaged.Keys.First(), Count = 1 } });
        }
        tickedAt = chain.Head.Height;
        if (stuckAt != chain.Head.Height)
        {
            (stuckAt, stuckSince) = (chain.Head.Height, ticks);
        }
        if (ticks % 4 != 0)
        {
            return;
        }
        if (ticks - stuckSince >= 4 && driver.State.Height > chain.Head.Height)
        {
            Feed(new Input.Tick());
        }
        if (rejoin.IsWaiting)
        {
            peers?.Broadcast(new() { VotesRequest = new() { Kid = signer.Kid } });
        }
        if (saidHeight != chain.Head.Height)
        {
            saidHeight = chain.Head.Height;
            peers?.Broadcast(new() { Hello = new() { Height = saidHeight } });
        }
    }

    private void HearVote(string peer, SignedVote wire)
    {
        if (!WireForms.TryRead(wire, out var vote) || !IsNew(peer, vote.Height, (vote.From, vote.Round, vote.Step, vote.Value)) || !IsSigned(vote))
        {
            return;
        }
        Remember(vote);
        TryBegin(isPeerThere: vote.Height == chain.Head.Height + 1);
        Feed(new Input.GotVote(vote));
    }

    private void HearProposal(string peer, SignedProposal wire)
    {
        if (!WireForms.TryRead(wire, out var p) || !IsNew(peer, p.Height, (p.From, p.Round, Step.Propose, p.Value))
            || chain.State.Set.Find(p.From) is not { } member || !Signer.Verify(genesis.Chain, p, member) || Digest.Of(wire.Header.Span) != p.Value)
        {
            return;
        }
        Remember(p);
        if (!BlockHeader.TryParse(wire.Header.Memory, out var header))
        {
            return;
        }
        var isTimely = Math.Abs(header.Time.UnixMs - clock.GetUtcNow().ToUnixTimeMilliseconds()) <= 10_000;
        if (p.Height > chain.Head.Height + 1)
        {
            // The header cannot be judged before the block under it is here: the core asks for it when its height begins.
            if (early.Count >= EarlyMax)
            {
                early.Clear();
            }
            early[p.Value] = wire.Header.Memory;
            Feed(new Input.GotProposal(p, Verdict.Unknown, isTimely));
            return;
        }
        if (!candidates.TryGetValue(p.Value, out var candidate))
        {
            if (candidates.Count >= 64 || chain.Read(wire.Header.Memory) is not { } read)
            {
                return;
            }
            candidates[p.Value] = candidate = read;
        }
        chain.Judge(candidate, held);
        TryBegin(isPeerThere: true);
        Feed(new Input.GotProposal(p, Known(candidate), isTimely));
        if (candidate.IsValid is { } valid)
        {
            // After a restart the core may hold this proposal without its content.
            Feed(new Input.Checked(p.Height, p.Value, valid));
        }
    }

    private void HearCertificate(Certificate wire)
    {
        var votes = new List<Vote>();
        foreach (var item in wire.Votes.Take(31))
        {
            if (WireForms.TryRead(item, out var vote) && vote.Height == chain.Head.Height + 1 && IsSigned(vote))
            {
                votes.Add(vote);
            }
        }
        if (votes.Count > 0)
        {
            TryBegin(isPeerThere: true);
            Feed(new Input.Certificate([.. votes]));
        }
    }

    // Whether a message is worth a signature check: of this height or the next, of a member, and not heard before.
    private bool IsNew(string peer, long height, (string, int, Step, Digest?) what)
    {
        if (height > chain.Head.Height + 1)
        {
            HearHeight(peer, Math.Max(height - 1, peerHeights.GetValueOrDefault(peer)));
            heardHeight = Math.Max(heardHeight, Math.Min(height, chain.Head.Height + 2));
        }
        return !rejoin.IsWaiting && (height == chain.Head.Height + 1 ? seen.Count < 8192 && seen.Add(what) : height == chain.Head.Height + 2);
    }

    private bool IsSigned(Vote vote) => chain.State.Set.Find(vote.From) is { } member && Signer.Verify(genesis.Chain, vote, member);

    private void Request(Digest value, string from)
    {
        var message = new PeerMessage { BatchRequest = new() { Value = WireForms.Bytes(value) } };
        if (ticks % 2 == 0)
        {
            peers?.Send(from, message);
        }
        else
        {
            peers?.Broadcast(message);
        }
    }

    private void AnswerBatch(string peer, BatchRequest request)
    {
        if (WireForms.TryValue(request.Value, out var value) && value is { } digest && candidates.TryGetValue(digest, out var candidate) && candidate.Content is not null)
        {
            peers?.Send(peer, new() { Batch = Body(candidate) });
        }
    }

    // Only what is missing is read, and a few at a time: verifying a batch is the dearest thing a peer can ask for.
    private void HearBatch(BatchReply reply)
    {
        if (candidates.Values.Any(c => c.IsValid is null) && reading.Wait(0))
        {
            _ = Read(reply.Entries, reply.Sidecars, batch => new NodeInput.Brought(batch, Answer: null));
        }
    }

    private async Task Read(IEnumerable<ByteString> entries, IEnumerable<ByteString> sidecars, Func<CheckedBatch, NodeInput> then)
    {
        try
        {
            if (await reader.Read([.. entries.Select(e => e.Memory)], [.. sidecars.Select(s => s.Memory)]) is { } batch)
            {
                await Post(then(batch));
            }
        }
        finally
        {
            reading.Release();
        }
    }

    private static BatchReply Body(Candidate candidate)
    {
        var reply = new BatchReply { Header = UnsafeByteOperations.UnsafeWrap(candidate.HeaderBytes) };
        reply.Entries.AddRange(candidate.Content!.Batch.Entries.Select(e => UnsafeByteOperations.UnsafeWrap(e.Bytes)));
        reply.Sidecars.AddRange(candidate.Content.Batch.Sidecars.Select(s => UnsafeByteOperations.UnsafeWrap(s)));
        return reply;
    }

}
