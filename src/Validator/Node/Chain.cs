using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>A value of consensus: a header and, once it is here, the batch under it with the verdict of the rules.</summary>
public sealed class Candidate(BlockHeader header, ReadOnlyMemory<byte> headerBytes)
{
    /// <summary>The header.</summary>
    public BlockHeader Header => header;

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> HeaderBytes => headerBytes;

    /// <summary>The block hash.</summary>
    public Digest Value { get; } = Digest.Of(headerBytes.Span);

    /// <summary>The batch; null while it is not here.</summary>
    public HeldBatch? Content { get; set; }

    /// <summary>What the rules say of the batch under this header; null while nobody has looked.</summary>
    public BatchVerdict? Verdict { get; set; }

    /// <summary>Whether header, batch and rules agree; null while it cannot be told.</summary>
    public bool? IsValid { get; set; }

    /// <summary>Who proposed it first; null when it was built here or read from the log.</summary>
    public string? From { get; set; }

    /// <summary>When it was first heard of, by the own clock.</summary>
    public LedgerTime? HeardAt { get; set; }

    /// <summary>The newest round in which it was proposed.</summary>
    public int Round { get; private set; }

    /// <summary>
    /// Whether the header is older than the batch under it, so that the rules would reject honest entries by its time. An entry that lies further
    /// ahead than <see cref="AheadMaxMs"/> does not count: it is its host's clock that is wrong, and no proposer waits for that.
    /// </summary>
    public bool IsBackdated => HeardAt is { } at && Content is { } content && header.Time < content.Batch.LatestTime && content.Batch.LatestTime <= at.PlusMs(AheadMaxMs);

    /// <summary>How far a host's clock may run ahead, in ms: half of what a proposer waits for, so that two honest clocks may differ by the other half.</summary>
    public const int AheadMaxMs = 5000;

    private readonly HashSet<int> fresh = [];

    /// <summary>Whether it was proposed in this round as a new value.</summary>
    public bool IsFreshIn(int round) => fresh.Contains(round);

    /// <summary>Notes a proposal of it.</summary>
    public void Said(Consensus.Proposal proposal)
    {
        Round = Math.Max(Round, proposal.Round);
        if (proposal.ValidRound < 0)
        {
            fresh.Add(proposal.Round);
        }
    }
}

/// <summary>The chain as this validator has it: the rules' state, the tree, and the stored blocks. Owned by the node's loop.</summary>
public sealed class Chain(Genesis genesis, IBlockStore store)
{
    private static readonly Digest NoState = Digest.Zero;

    /// <summary>What the rules read.</summary>
    public LedgerState State { get; } = new(genesis);

    /// <summary>The tree over all sealed entries.</summary>
    public MerkleFrontier Tree { get; private set; } = new();

    /// <summary>The newest sealed header.</summary>
    public BlockHeader Head => State.Head;

    /// <summary>The parameters of the next height, which every validator reads from the same sealed entries.</summary>
    public LedgerParameters Parameters => LedgerParameters.At(State.Registry.Parameters, Head.Height + 1);

    /// <summary>Folds the stored blocks above the head in, as far as they are whole and fit.</summary>
    public BlockStoreCorruptException? Replay()
    {
        try
        {
            foreach (var summary in store.ReadSummaries(Head.Height + 1))
            {
                if (summary is null || !TryFold(summary))
                {
                    Fold(store.Read(Head.Height + 1)!);
                }
            }
            return null;
        }
        catch (BlockStoreCorruptException damage)
        {
            return damage;
        }
    }

    /// <summary>Builds the header of the next block.</summary>
    public Candidate Build(HeldBatch? content, LedgerTime now, string proposer)
    {
        var time = now > Head.Time ? now : Head.Time.PlusMs(1);
        var held = content ?? Heartbeat();
        var verdict = State.Check(held.Batch.Entries, time);
        var header = new BlockHeader(genesis.Chain, Head.Height + 1, Head.Hash, time, Tree.Size + 1, held.After.Size, held.Root,
            BlockHeader.ResultsOf(Head.Results, verdict.Rejected), NoState, State.Set.Hash, State.NextSet.Hash, proposer);
        return new(header, header.ToBytes()) { Content = held, Verdict = verdict, IsValid = true };
    }

    /// <summary>Reads a header that a peer proposes; null when its bytes are no header of the next height.</summary>
    public Candidate? Read(ReadOnlyMemory<byte> header) =>
        BlockHeader.TryParse(header, out var parsed) && parsed.Height == Head.Height + 1 ? new(parsed, header) : null;

    /// <summary>Judges a candidate, if its batch is here and promised by a host.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="held">Where its batch may be.</param>
    /// <param name="isSealed">Whether a commit proves it, which then needs no word of a host.</param>
    public void Judge(Candidate candidate, HeldBatches held, bool isSealed = false)
    {
        var header = candidate.Header;
        if (candidate.IsValid is not null)
        {
            return;
        }
        if (!IsNext(header))
        {
            candidate.IsValid = false;
            return;
        }
        candidate.Content ??= header.Count == 0 ? Heartbeat() : held.Find(header.Root, Tree.Root());
        // Whoever sent the batch may have left the promise out to spoil an honest one, so this says nothing against the header.
        if (candidate.Content is not { } content || (content.Promise is null && header.Count > 0 && !isSealed))
        {
            return;
        }
        candidate.Verdict = State.Check(content.Batch.Entries, header.Time);
        candidate.IsValid = content.Root == header.Root && content.After.Size == header.Size && content.ParentRoot == Tree.Root()
            && BlockHeader.ResultsOf(Head.Results, candidate.Verdict.Rejected) == header.Results;
    }

    /// <summary>Stores a decided block in one transaction, then takes its effects over.</summary>
    public StoredBlock Seal(Candidate candidate, Commit commit)
    {
        var (header, content) = (candidate.Header, candidate.Content!);
        var block = new StoredBlock(header.Height, header.First, header.Size, candidate.HeaderBytes, commit.ToBytes(),
            [.. content.Batch.Entries.Select(e => e.Bytes)], content.Batch.Sidecars, WriteRejected(candidate.Verdict!.Rejected), content.After.Roots);
        // Who may do what is no effect that is written down: a block that changes it is folded from its entries.
        store.Write(block, ReferenceEquals(candidate.Verdict.Registry, State.Registry) ? candidate.Verdict : null);
        State.Apply(header, candidate.Verdict);
        Tree = content.After;
        return block;
    }

    /// <summary>Reads the rejected list of a stored block.</summary>
    public static IReadOnlyList<Rejected> ReadRejected(ReadOnlyMemory<byte> bytes) =>
        TryReadRejected(bytes) ?? throw new InvalidDataException("A stored list of rejected entries cannot be read.");

    /// <summary>Reads the rejected list that a peer sent; null unless it is canonical <c>[[seq, code], …]</c>.</summary>
    public static IReadOnlyList<Rejected>? TryReadRejected(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.SequenceEqual("[]"u8))
        {
            return [];
        }
        using var document = Jcs.TryParse(bytes);
        if (document?.RootElement.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        var rejected = new List<Rejected>();
        foreach (var pair in document.RootElement.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || pair[0].ValueKind != JsonValueKind.Number
                || !pair[0].TryGetInt64(out var seq) || seq is < 1 or >= 1L << 53 || pair[1].ValueKind != JsonValueKind.String)
            {
                return null;
            }
            rejected.Add(new(seq, pair[1].GetString()!));
        }
        return bytes.Span.SequenceEqual(WriteRejected(rejected)) ? rejected : null;
    }

    private static byte[] WriteRejected(IReadOnlyList<Rejected> rejected) => Jcs.Bytes(new JsonArray([.. rejected.Select(r => new JsonArray(r.Seq, r.Code))]));

    private HeldBatch Heartbeat() => new(CheckedBatch.Empty, Tree.Root(), Tree, Tree.Root());

    private bool IsNext(BlockHeader h) =>
        h.Chain == genesis.Chain && h.Height == Head.Height + 1 && h.Prev == Head.Hash && h.Time > Head.Time && h.First == Tree.Size + 1
        && h.State == NoState && h.Validators == State.Set.Hash && h.NextValidators == State.NextSet.Hash && State.Set.Find(h.Proposer) is not null
        && (h.Count > 0 ? h.Count <= Parameters.BlockEntriesMax : Tree.Size > 0 && h.Time >= Head.Time.PlusMs(1000L * Parameters.HeartbeatSeconds));

    private bool TryFold(BlockSummary s)
    {
        if (!BlockHeader.TryParse(s.Header, out var header) || TryReadRejected(s.Rejected) is not { } rejected || s.Frontier.Count != BitOperations.PopCount((ulong)header.Size)
            || BlockEffects.TryUnpack(s.Effects.Span, rejected, State.Registry) is not { } verdict)
        {
            return false;
        }
        Follow(header, MerkleFrontier.From(header.Size, s.Frontier), () => verdict, found: null);
        return true;
    }

    private void Fold(StoredBlock block)
    {
        var rejected = TryReadRejected(block.Rejected) ?? throw new BlockStoreCorruptException(block.Height, "its rejected list cannot be read") { Found = block };
        var batch = CheckedBatch.TryReadSealed(block.Entries, block.Sidecars, block.First, rejected.Select(r => r.Seq).ToHashSet())
            ?? throw new BlockStoreCorruptException(block.Height, "an entry cannot be read");
        if (!BlockHeader.TryParse(block.Header, out var header))
        {
            throw new BlockStoreCorruptException(block.Height, "its header cannot be read") { Found = block };
        }
        Follow(header, HeldBatch.On(Tree, batch).After, () => State.Check(batch.Entries, header.Time), block);
    }

    private void Follow(BlockHeader header, MerkleFrontier tree, Func<BatchVerdict> judge, StoredBlock? found)
    {
        if (!IsNext(header) || header.Root != tree.Root() || header.Size != tree.Size)
        {
            throw new BlockStoreCorruptException(Head.Height + 1, "its entries are not those of its header, or it does not follow the block before") { Found = found };
        }
        var verdict = judge();
        if (BlockHeader.ResultsOf(Head.Results, verdict.Rejected) != header.Results)
        {
            throw new BlockStoreCorruptException(header.Height, "the rules reject other entries than its header says");
        }
        State.Apply(header, verdict);
        Tree = tree;
    }
}
