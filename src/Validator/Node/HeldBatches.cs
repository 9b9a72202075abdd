using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Node;

/// <summary>A batch with its place: which tree it follows and which tree it makes.</summary>
/// <param name="Batch">The entries.</param>
/// <param name="ParentRoot">Root of the tree before it.</param>
/// <param name="After">The tree after it.</param>
/// <param name="Root">Root of that tree, which names the batch.</param>
/// <param name="Promise">The host's signature under it; null for a heartbeat, and for what a quorum has sealed.</param>
/// <param name="IsOfHost">Whether a host handed it over, and not only a peer.</param>
public sealed record HeldBatch(CheckedBatch Batch, Digest ParentRoot, MerkleFrontier After, Digest Root, BatchPromise? Promise = null, bool IsOfHost = true)
{
    /// <summary>Puts a batch on a tree.</summary>
    public static HeldBatch On(MerkleFrontier parent, CheckedBatch batch)
    {
        var after = parent.Copy();
        foreach (var entry in batch.Entries)
        {
            after.Append(entry.Leaf);
        }
        return new(batch, parent.Root(), after, after.Root());
    }
}

/// <summary>The batches that wait to be sealed, each promised by a host: those that follow the head, and at most two more behind one another.</summary>
public sealed class HeldBatches
{
    /// <summary>How many batches may stand behind the one that is being decided.</summary>
    public const int AheadMax = 2;

    /// <summary>Most batches held from hosts, and as many from peers: the same place may be claimed by several, and neither kind pushes the other out.</summary>
    public const int HeldMax = 12;

    private readonly List<HeldBatch> held = [];

    /// <summary>The newest batch that follows this tree, a host's before a peer's, or null.</summary>
    public HeldBatch? After(Digest root, int entriesMax = CheckedBatch.EntriesMax) =>
        held.FindLast(h => h.ParentRoot == root && h.IsOfHost && h.Batch.Entries.Count <= entriesMax) ?? held.FindLast(h => h.ParentRoot == root && h.Batch.Entries.Count <= entriesMax);

    /// <summary>The batch that makes this tree, or null.</summary>
    /// <param name="root">Root of the tree after it.</param>
    /// <param name="parent">Root of the tree before it. Two hosts may cut one log into other batches, so the tree after it alone names no batch; null takes any.</param>
    public HeldBatch? Find(Digest root, Digest? parent = null) => held.Find(h => h.Root == root && (parent is null || h.ParentRoot == parent));

    /// <summary>Holds a batch; null when done, else why not: <c>not-next</c>, <c>too-far</c>, or <c>not-signed</c> when it is not the one that was promised.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="promise">A host's promise, with a verified signature.</param>
    /// <param name="head">The sealed tree.</param>
    /// <param name="wanted">For a batch from a peer: the roots that are asked for. Null for a host's, which is taken as it is.</param>
    public string? Hold(CheckedBatch batch, BatchPromise promise, MerkleFrontier head, IReadOnlySet<Digest>? wanted = null)
    {
        var (parent, depth) = batch.First == head.Size + 1 ? (head, 0) : Behind(batch.First, head);
        if (parent is null)
        {
            return "not-next";
        }
        if (depth > AheadMax)
        {
            return "too-far";
        }
        var isOfHost = wanted is null;
        var placed = HeldBatch.On(parent, batch) with { Promise = promise, IsOfHost = isOfHost };
        var root = placed.Root;
        if ((promise.First, promise.Size, promise.Root) != (batch.First, placed.After.Size, root))
        {
            return "not-signed";
        }
        if (held.FindIndex(h => h.Root == root && h.Batch.First == batch.First) is >= 0 and var same)
        {
            // The host means this one: what it hands over last is what it wants sealed.
            if (isOfHost)
            {
                var again = held[same] with { IsOfHost = true };
                held.RemoveAt(same);
                held.Add(again);
            }
            return null;
        }
        if (wanted?.Contains(root) == false)
        {
            return "not-next";
        }
        held.Add(placed);
        if (held.Count(h => h.IsOfHost == isOfHost) > HeldMax)
        {
            held.RemoveAt(held.FindIndex(h => h.IsOfHost == isOfHost));
        }
        return null;
    }

    /// <summary>Forgets what no longer follows the head.</summary>
    public void Sealed(MerkleFrontier head)
    {
        var roots = new HashSet<Digest> { head.Root() };
        held.RemoveAll(h => h.Batch.First <= head.Size);
        for (var before = 0; before != roots.Count;)
        {
            before = roots.Count;
            roots.UnionWith(held.Where(h => roots.Contains(h.ParentRoot)).Select(h => h.Root));
        }
        held.RemoveAll(h => !roots.Contains(h.ParentRoot));
    }

    private (MerkleFrontier? Parent, int Depth) Behind(long first, MerkleFrontier head)
    {
        if (held.FindLast(h => h.Batch.Last + 1 == first) is not { } parent)
        {
            return (null, 0);
        }
        var depth = 1;
        for (var at = parent; at.Batch.First > head.Size + 1 && depth <= AheadMax; depth++)
        {
            if (Find(at.ParentRoot) is not { } before)
            {
                return (null, 0);
            }
            at = before;
        }
        return (parent.After, depth);
    }
}
