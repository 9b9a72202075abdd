using System.Collections.Immutable;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Google.Protobuf;

namespace EventLedger.Validator.Node;

/// <summary>Sealed blocks that this validator lacks or that were damaged here: fetched from peers and checked like its own.</summary>
public sealed partial class Node
{
    private readonly Dictionary<string, long> peerHeights = [];
    private const int MendedMax = 100;
    private readonly SortedDictionary<long, BlockStoreCorruptException> damaged = [];
    private readonly HashSet<string> answering = [];
    private readonly Dictionary<string, long> asked = [];
    private (long Height, long Ticks, string Peer) fetching = (0, 0, "");
    private long fetches;

    private void HearHeight(string peer, long height)
    {
        peerHeights[peer] = height;
        // A peer that is one block ahead is normal for a moment: the tick looks after it. So it does when nothing came: one that says much gets no second turn.
        if (height > chain.Head.Height + 1 && fetching.Height != chain.Head.Height + 1)
        {
            Fetch(peer);
        }
    }

    /// <summary>Blocks that were damaged here and came again, since the start; the newest last.</summary>
    public ImmutableList<MendedBlock> Mended { get; private set; } = [];

    // Beside the block that was sealed it shows which entries somebody changed; the disk or the person behind it is still to be found.
    private void Mend(StoredBlock whole)
    {
        if (!damaged.Remove(whole.Height, out var damage))
        {
            return;
        }
        bool Differs(int i) => !damage.Found!.Entries[i].Span.SequenceEqual(whole.Entries[i].Span) || !damage.Found.Sidecars[i].Span.SequenceEqual(whole.Sidecars[i].Span);
        List<long> seqs = damage.Found?.Entries.Count == whole.Entries.Count ? [.. Enumerable.Range(0, whole.Entries.Count).Where(Differs).Select(i => whole.First + i)] : [];
        Mended = [.. Mended.TakeLast(MendedMax - 1), new(whole.Height, seqs, damage.What)];
        log.LogError("Stored block {Height} was damaged and came again from a peer. Changed here: {Entries}.", whole.Height,
            seqs.Count == 0 ? "no entry that can be told" : string.Join(", ", seqs.Select(seq => $"entry {seq}")));
    }

    // One block at a time from one peer; asked again, of another peer perhaps, when nothing came for two ticks.
    private void Fetch(string peer)
    {
        var next = chain.Head.Height + 1;
        if (fetching.Height == next && ticks - fetching.Ticks < 2)
        {
            return;
        }
        fetching = (next, ticks, peer);
        fetches++;
        Ask(peer, next);
    }

    private void Ask(string peer, long height)
    {
        asked[peer] = height;
        outside.Send(peer, new() { BlockRequest = new() { From = height, Count = 1 } });
    }

    // Reading a block takes time that the loop does not have; one at a time for each peer.
    private void AnswerBlock(string peer, long height)
    {
        if (height < 1 || height > store.Height || outside.HasBlock(peer) || !answering.Add(peer))
        {
            return;
        }
        outside.Offload(() =>
        {
            var block = TryRead(height, out var damage);
            if (block is not null)
            {
                outside.Send(peer, new() { Block = Body(block) });
            }
            return Task.FromResult<NodeInput?>(new NodeInput.Answered(peer, damage));
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
        // A peer answers what it was asked, and once.
        if (!asked.TryGetValue(peer, out var height) || height != reply.Height || (height != chain.Head.Height + 1 && !damaged.ContainsKey(height)))
        {
            return;
        }
        if (reply.Entries.Count == 0)
        {
            asked.Remove(peer);
            BringBlock(new(peer, reply, CheckedBatch.Empty));
        }
        else if (reading.Add(peer))
        {
            asked.Remove(peer);
            Read(peer, () => true, reply.Entries, reply.Sidecars, batch => new NodeInput.BroughtBlock(peer, reply, batch));
        }
    }

    private void BringBlock(NodeInput.BroughtBlock i)
    {
        if (damaged.ContainsKey(i.Block.Height) && i.Block.Height <= chain.Head.Height)
        {
            Repair(i.Block, i.Batch);
            return;
        }
        if (i.Block.Height != chain.Head.Height + 1 || chain.Read(i.Block.Header.Memory) is not { } candidate || !Commit.TryParse(i.Block.Commit.Memory, out var commit)
            || (commit.Height, commit.Block) != (candidate.Header.Height, candidate.Value) || !signer.Verify(commit, chain.State.Set))
        {
            return;
        }
        if (i.Batch.Entries.Count > 0)
        {
            if (i.Batch.First != chain.Tree.Size + 1 || HeldBatch.On(chain.Tree, i.Batch) is not { } content || content.Root != candidate.Header.Root)
            {
                return;
            }
            candidate.Content = content;
        }
        chain.Judge(candidate, held, isSealed: true);
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
        var height = chain.Head.Height;
        if (chain.Replay() is { } damage)
        {
            Report(damage);
        }
        if (chain.Head.Height == height)
        {
            return;
        }
        held.Sealed(chain.Tree);
        Leave();
        Head.Set(chain.Head, null, chain.State.Registry);
        LookedOn();
        FollowSet();
        ReplayLogOf(chain.Head.Height + 1);
    }

    // A damaged row below the head: its commit says what it must be, and so does the block after it.
    private void Repair(BlockReply reply, CheckedBatch batch)
    {
        try
        {
            var before = store.Read(reply.Height - 1);
            if ((HashAt(reply.Height) is { } hash && Digest.Of(reply.Header.Span) != hash)
                || !BlockHeader.TryParse(reply.Header.Memory, out var header) || header.Height != reply.Height || !IsCommitOf(reply.Commit.Memory, header))
            {
                return;
            }
            if (before is not null && FrontierOf(before) is null)
            {
                return;
            }
            var tree = TreeAfter(before, batch.Entries.Select(e => e.Leaf));
            var previous = before is not null && BlockHeader.TryParse(before.Header, out var p) ? p.Results : Digest.Zero;
            if (tree.Root() != header.Root || Chain.TryReadRejected(reply.Rejected.Memory) is not { } rejected || BlockHeader.ResultsOf(previous, rejected) != header.Results)
            {
                return;
            }
            var whole = new StoredBlock(header.Height, header.First, header.Size, reply.Header.Memory, reply.Commit.Memory, [.. batch.Entries.Select(e => e.Bytes)], batch.Sidecars,
                reply.Rejected.Memory, tree.Roots);
            store.Write(whole, effects: null);
            Mend(whole);
        }
        catch (BlockStoreCorruptException e)
        {
            Report(e);
        }
    }

    // Null when the block after it is damaged too: the lower one is repaired first, and waits for nothing above it.
    private Digest? HashAt(long height) => height == chain.Head.Height ? chain.Head.Hash
        : TryRead(height + 1, out var damage) is { } after && BlockHeader.TryParse(after.Header, out var next) ? next.Prev
        : damage is null ? Digest.Zero : null;

    private bool IsCommitOf(ReadOnlyMemory<byte> bytes, BlockHeader header) => Commit.TryParse(bytes, out var commit)
        && (commit.Height, commit.Block) == (header.Height, header.Hash) && signer.Verify(commit, chain.State.SetAt(header.Height));
}
