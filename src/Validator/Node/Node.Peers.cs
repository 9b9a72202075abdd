using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;
using Verdict = EventLedger.Validator.Consensus.Verdict;

namespace EventLedger.Validator.Node;

/// <summary>What peers say and ask, and catching up with them.</summary>
public sealed partial class Node
{
    private readonly Dictionary<string, long> peerHeights = [];
    private readonly HashSet<(string From, int Round, Step Step, Digest? Value)> seen = [];
    private readonly Dictionary<(string Kid, Step Step), (SignedVote? Vote, SignedProposal? Proposal)> newest = [];
    private readonly SortedSet<long> damaged = [];
    private readonly HashSet<string> answering = [];
    private (long Height, long Ticks) fetching;
    private const int ReadingMax = 4, EarlyMax = 16;
    private readonly Dictionary<Digest, ReadOnlyMemory<byte>> early = [];
    private readonly SemaphoreSlim reading = new(ReadingMax);
    private long heardHeight;
    private long ticks, saidHeight, stuckAt, stuckSince;

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
        var behind = peerHeights.Where(p => p.Value > chain.Head.Height).Select(p => p.Key).FirstOrDefault();
        if (behind is not null)
        {
            Fetch(behind);
        }
        else if (damaged.Count > 0 && Connected is [_, ..] connected)
        {
            peers?.Send(connected[(int)(ticks % connected.Count)], new() { BlockRequest = new() { From = damaged.Min, Count = 1 } });
        }
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

    private void HearHeight(string peer, long height)
    {
        peerHeights[peer] = height;
        // A peer that is one block ahead is normal for a moment: the tick looks after it.
        if (height > chain.Head.Height + 1)
        {
            Fetch(peer);
        }
    }

    // One block at a time from one peer; asked again, of another peer perhaps, when nothing came for two ticks.
    private void Fetch(string peer)
    {
        var next = chain.Head.Height + 1;
        if (fetching.Height == next && ticks - fetching.Ticks < 2)
        {
            return;
        }
        fetching = (next, ticks);
        peers?.Send(peer, new() { BlockRequest = new() { From = next, Count = 1 } });
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

    // Reading a block takes time that the loop does not have; one at a time for each peer.
    private void AnswerBlock(string peer, long height)
    {
        if (height < 1 || height > store.Height || !answering.Add(peer))
        {
            return;
        }
        _ = Task.Run(async () =>
        {
            try
            {
                if (store.Read(height) is { } block)
                {
                    peers?.Send(peer, new() { Block = Body(block) });
                }
            }
            catch (BlockStoreCorruptException e)
            {
                await Post(new NodeInput.Damaged(e.Height, e.What));
            }
            await Post(new NodeInput.Ask(_ => answering.Remove(peer)));
        });
    }

    private static BlockReply Body(StoredBlock block)
    {
        var reply = new BlockReply
        {
            Height = block.Height, Header = UnsafeByteOperations.UnsafeWrap(block.Header), Commit = UnsafeByteOperations.UnsafeWrap(block.Commit),
            Rejected = UnsafeByteOperations.UnsafeWrap(block.Rejected),
        };
        reply.Entries.AddRange(block.Entries.Select(e => UnsafeByteOperations.UnsafeWrap(e)));
        reply.Sidecars.AddRange(block.Sidecars.Select(s => UnsafeByteOperations.UnsafeWrap(s)));
        return reply;
    }

    private void HearBlock(string peer, BlockReply reply)
    {
        if (reply.Height != chain.Head.Height + 1 && !damaged.Contains(reply.Height))
        {
            return;
        }
        if (reply.Entries.Count == 0)
        {
            BringBlock(new(peer, reply, CheckedBatch.Empty));
        }
        else if (reading.Wait(0))
        {
            _ = Read(reply.Entries, reply.Sidecars, batch => new NodeInput.BroughtBlock(peer, reply, batch));
        }
    }

    private void BringBlock(NodeInput.BroughtBlock i)
    {
        if (damaged.Contains(i.Block.Height) && i.Block.Height <= chain.Head.Height)
        {
            Repair(i.Block, i.Batch);
            return;
        }
        if (i.Block.Height != chain.Head.Height + 1 || chain.Read(i.Block.Header.Memory) is not { } candidate || !Commit.TryParse(i.Block.Commit.Memory, out var commit)
            || (commit.Height, commit.Block) != (candidate.Header.Height, candidate.Value) || commit.Problem(genesis.Chain, chain.State.Set) is not null)
        {
            return;
        }
        if (i.Batch.Entries.Count > 0)
        {
            held.Hold(i.Batch, chain.Tree);
        }
        chain.Judge(candidate, held);
        if (candidate.IsValid == false)
        {
            throw new InvalidOperationException($"Height {commit.Height} is sealed by a quorum against the rules as they run here.");
        }
        if (candidate.IsValid != true)
        {
            return;
        }
        Take(candidate, commit);
        // What lies behind a damaged block may still be whole.
        if (damaged.Count > 0 || store.Height > chain.Head.Height)
        {
            ReplayOn();
        }
        if (peerHeights.GetValueOrDefault(i.Peer) > chain.Head.Height)
        {
            Fetch(i.Peer);
        }
    }

    private void ReplayOn()
    {
        if (chain.Replay() is { } damage)
        {
            Report(damage.Height, damage.What);
        }
        held.Sealed(chain.Tree);
        Head.Set(store.Read(chain.Head.Height), chain.State.Registry);
        rejoin = rejoin.HeightDecided(chain.Head.Height);
    }

    // A damaged row below the head: its neighbours' hashes say what it must be.
    private void Repair(BlockReply reply, CheckedBatch batch)
    {
        try
        {
            var (before, after) = (store.Read(reply.Height - 1), store.Read(reply.Height + 1));
            var hash = reply.Height == chain.Head.Height ? chain.Head.Hash
                : after is not null && BlockHeader.TryParse(after.Header, out var next) ? next.Prev : default;
            if (Digest.Of(reply.Header.Span) != hash || !BlockHeader.TryParse(reply.Header.Memory, out var header) || !IsCommitOf(reply.Commit.Memory, header))
            {
                return;
            }
            var tree = before is null ? new MerkleFrontier() : MerkleFrontier.From(before.Size, before.Frontier);
            foreach (var entry in batch.Entries)
            {
                tree.Append(entry.Leaf);
            }
            var previous = before is not null && BlockHeader.TryParse(before.Header, out var p) ? p.Results : Digest.Zero;
            if (tree.Root() != header.Root || BlockHeader.ResultsOf(previous, Chain.ReadRejected(reply.Rejected.Memory)) != header.Results)
            {
                return;
            }
            store.Write(new(header.Height, header.First, header.Size, reply.Header.Memory, reply.Commit.Memory, [.. batch.Entries.Select(e => e.Bytes)], batch.Sidecars,
                reply.Rejected.Memory, tree.Roots));
            damaged.Remove(reply.Height);
        }
        catch (BlockStoreCorruptException e)
        {
            Report(e.Height, e.What);
        }
    }

    private bool IsCommitOf(ReadOnlyMemory<byte> bytes, BlockHeader header) => Commit.TryParse(bytes, out var commit)
        && (commit.Height, commit.Block) == (header.Height, header.Hash) && commit.Problem(genesis.Chain, chain.State.Set) is null;

    private void Remember(Vote vote)
    {
        if (!newest.TryGetValue((vote.From, vote.Step), out var known) || (known.Vote!.Height, known.Vote.Round).CompareTo((vote.Height, vote.Round)) <= 0)
        {
            newest[(vote.From, vote.Step)] = (WireForms.Write(vote), null);
        }
    }

    private void Remember(Proposal p)
    {
        if (!newest.TryGetValue((p.From, Step.Propose), out var known) || (known.Proposal!.Height, known.Proposal.Round).CompareTo((p.Height, p.Round)) <= 0)
        {
            newest[(p.From, Step.Propose)] = (null, WireForms.Write(p, default));
        }
    }

    private void AnswerVotes(string peer, string kid)
    {
        var reply = new VotesReply { Kid = kid };
        reply.Votes.AddRange(newest.Where(n => n.Key.Kid == kid && n.Value.Vote is not null).Select(n => n.Value.Vote));
        reply.Proposals.AddRange(newest.Where(n => n.Key.Kid == kid && n.Value.Proposal is not null).Select(n => n.Value.Proposal));
        peers?.Send(peer, new() { Votes = reply });
    }

    private void HearVotes(string peer, VotesReply reply)
    {
        if (reply.Kid != signer.Kid || reply.Votes.Count > 8 || reply.Proposals.Count > 8 || chain.State.Set.Find(signer.Kid) is not { } self)
        {
            return;
        }
        var shown = new List<SignGuard>();
        foreach (var wire in reply.Votes)
        {
            if (WireForms.TryRead(wire, out var vote) && vote.From == signer.Kid && Signer.Verify(genesis.Chain, vote, self))
            {
                shown.Add(new(vote.Height, vote.Round, vote.Step, vote.Value));
            }
        }
        foreach (var wire in reply.Proposals)
        {
            if (WireForms.TryRead(wire, out var p) && p.From == signer.Kid && Signer.Verify(genesis.Chain, p, self))
            {
                shown.Add(new(p.Height, p.Round, Step.Propose, p.Value));
            }
        }
        rejoin = rejoin.Answer(peer, signer.Guard, shown);
        TryBegin();
        TryPropose();
    }
}
