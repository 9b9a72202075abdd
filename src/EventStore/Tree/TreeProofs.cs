using System.Numerics;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore.Tree;

/// <summary>
/// Proofs from stored hashes. Only every eighth level of the tree is kept (256 children to a node), which makes it one row per 255 entries;
/// the levels between are computed. A proof under any head reads at most 255 hashes for every factor 256 of its size.
/// </summary>
internal sealed class TreeProofs(TreeProofs.Fetch fetch)
{
    /// <summary>Levels of the tree from one stored level to the next.</summary>
    public const int Stride = 8;

    /// <summary>Children of a stored node.</summary>
    public const int Width = 1 << Stride;

    /// <summary>Reads stored hashes of a level; those that are not there, which can only be the last ones, are left out.</summary>
    public delegate Task<IReadOnlyList<Digest>> Fetch(int tileLevel, long index, int count, CancellationToken cancellation);

    public async Task<IReadOnlyList<Digest>> Inclusion(long seq, long size, CancellationToken cancellation) =>
        await Prove(subtree => MerkleTree.Inclusion(seq - 1, size, subtree), cancellation);

    public async Task<IReadOnlyList<Digest>> Consistency(long first, long second, CancellationToken cancellation) =>
        await Prove(subtree => MerkleTree.Consistency(first, second, subtree), cancellation);

    public async Task<MerkleFrontier> Frontier(long size, CancellationToken cancellation)
    {
        var roots = new List<Digest>();
        for (var (left, start) = (size, 0L); left > 0;)
        {
            var level = BitOperations.Log2((ulong)left);
            roots.Add(await Subtree(level, start >> level, cancellation));
            start += 1L << level;
            left -= 1L << level;
        }
        return MerkleFrontier.From(size, roots);
    }

    /// <summary>Stored hashes, with those at the end that are not stored yet computed from the level below.</summary>
    public async Task<IReadOnlyList<Digest>> Hashes(int tileLevel, long index, int count, CancellationToken cancellation)
    {
        var stored = await fetch(tileLevel, index, count, cancellation);
        if (stored.Count == count)
        {
            return stored;
        }
        if (tileLevel == 0)
        {
            throw new InvalidDataException($"The store holds no entry {index + stored.Count + 1}.");
        }
        var all = new List<Digest>(stored);
        while (all.Count < count)
        {
            all.Add(Fold(await Hashes(tileLevel - 1, (index + all.Count) * Width, Width, cancellation)));
        }
        return all;
    }

    /// <summary>Root over a power of two of hashes.</summary>
    public static Digest Fold(IReadOnlyList<Digest> hashes)
    {
        var level = hashes.ToArray();
        for (var n = level.Length; n > 1; n /= 2)
        {
            for (var i = 0; i < n / 2; i++)
            {
                level[i] = MerkleTree.Node(level[2 * i], level[(2 * i) + 1]);
            }
        }
        return level[0];
    }

    private async Task<Digest> Subtree(int level, long index, CancellationToken cancellation)
    {
        var (tile, above) = (level / Stride, level % Stride);
        return Fold(await Hashes(tile, index << above, 1 << above, cancellation));
    }

    // The proof is made twice: once to learn which subtrees it takes, once with their hashes.
    private async Task<IReadOnlyList<Digest>> Prove(Func<MerkleTree.Subtree, Digest[]> make, CancellationToken cancellation)
    {
        var known = new Dictionary<(int Level, long Index), Digest>();
        make((level, index) =>
        {
            known[(level, index)] = default;
            return default;
        });
        // Neighbours under one stored node are read at once: a proof takes one query for every factor 256 of the size, not one for every factor 2.
        foreach (var near in known.Keys.GroupBy(s => (Tile: s.Level / Stride, Parent: First(s) / Width)).ToList())
        {
            var first = near.Min(First);
            var hashes = await Hashes(near.Key.Tile, first, (int)(near.Max(s => First(s) + Count(s)) - first), cancellation);
            foreach (var subtree in near)
            {
                known[subtree] = Fold([.. hashes.Skip((int)(First(subtree) - first)).Take(Count(subtree))]);
            }
        }
        return make((level, index) => known[(level, index)]);
    }

    // A subtree's place and number of hashes on the stored level below its root.
    private static long First((int Level, long Index) subtree) => subtree.Index << (subtree.Level % Stride);

    private static int Count((int Level, long Index) subtree) => 1 << (subtree.Level % Stride);
}
