using System.Numerics;
using System.Runtime.CompilerServices;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// The append-only Merkle tree over all entries: an append costs O(log n) and the whole state is the roots of its full subtrees.
/// Source: RFC 9162 section 2.1.
/// </summary>
public sealed class MerkleFrontier
{
    private readonly List<Digest> roots;
    private StrongBox<Digest>? root;   // Asked for far more often than it changes; a reference, so that whoever reads beside sees all of it or nothing.

    /// <summary>An empty tree.</summary>
    public MerkleFrontier() => roots = [];

    private MerkleFrontier(long size, IEnumerable<Digest> roots) => (Size, this.roots) = (size, [.. roots]);

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Roots of the full subtrees, largest first: one for each set bit of <see cref="Size"/>.</summary>
    public IReadOnlyList<Digest> Roots => roots;

    /// <summary>Takes up a stored frontier; throws <see cref="ArgumentException"/> when the number of roots does not fit the size.</summary>
    public static MerkleFrontier From(long size, IReadOnlyList<Digest> roots) => roots.Count == BitOperations.PopCount((ulong)size)
        ? new(size, roots)
        : throw new ArgumentException("A frontier has one root for each set bit of its size.", nameof(roots));

    /// <summary>An independent copy, to try a batch on.</summary>
    public MerkleFrontier Copy() => new(Size, roots);

    /// <summary>Appends one leaf hash.</summary>
    public void Append(Digest leaf)
    {
        var node = leaf;
        for (var n = Size; (n & 1) == 1; n >>= 1)
        {
            node = MerkleTree.Node(roots[^1], node);
            roots.RemoveAt(roots.Count - 1);
        }
        roots.Add(node);
        root = null;
        Size++;
    }

    /// <summary>The root at the present size; SHA-256 of nothing for an empty tree.</summary>
    public Digest Root() => (root ??= new(Fold())).Value;

    private Digest Fold()
    {
        if (roots.Count == 0)
        {
            return MerkleTree.EmptyRoot;
        }
        var folded = roots[^1];
        for (var i = roots.Count - 2; i >= 0; i--)
        {
            folded = MerkleTree.Node(roots[i], folded);
        }
        return folded;
    }
}

/// <summary>Proofs over the tree, made from any source of subtree hashes, and their checks. Source: RFC 9162 sections 2.1.3 and 2.1.4.</summary>
public static class MerkleTree
{
    /// <summary>Root of the empty tree: SHA-256 of nothing.</summary>
    public static Digest EmptyRoot { get; } = Digest.Of([]);

    /// <summary>SHA-256(0x01 ‖ left ‖ right).</summary>
    public static Digest Node(Digest left, Digest right)
    {
        Span<byte> buffer = stackalloc byte[65];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[33..]);
        return Digest.Of(buffer);
    }

    /// <summary>Reads the hash of the full subtree of 2^<paramref name="level"/> leaves that starts at leaf <c>index · 2^level</c>.</summary>
    public delegate Digest Subtree(int level, long index);

    /// <summary>Root of the tree of the first <paramref name="size"/> leaves.</summary>
    public static Digest Root(long size, Subtree subtree) => size == 0 ? EmptyRoot : Range(0, size, subtree);

    /// <summary>The audit path of leaf <paramref name="index"/> in the tree of <paramref name="size"/> leaves, the leaf's sibling first.</summary>
    public static Digest[] Inclusion(long index, long size, Subtree subtree)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<Digest>();
        for (var (start, end) = (0L, size); end - start > 1;)
        {
            var k = start + Split(end - start);
            if (index < k)
            {
                path.Add(Range(k, end, subtree));
                end = k;
            }
            else
            {
                path.Add(Range(start, k, subtree));
                start = k;
            }
        }
        path.Reverse();
        return [.. path];
    }

    /// <summary>Proof that the tree of <paramref name="first"/> leaves is a prefix of the tree of <paramref name="second"/>; 1 ≤ first ≤ second.</summary>
    public static Digest[] Consistency(long first, long second, Subtree subtree)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(second, first);
        var path = new List<Digest>();
        var (start, end, known) = (0L, second, true);
        while (first != end)
        {
            var k = start + Split(end - start);
            if (first <= k)
            {
                path.Add(Range(k, end, subtree));
                end = k;
            }
            else
            {
                path.Add(Range(start, k, subtree));
                start = k;
                known = false;
            }
        }
        if (!known)
        {
            path.Add(Range(start, end, subtree));
        }
        path.Reverse();
        return [.. path];
    }

    /// <summary>Whether the path leads from the leaf to the root. An index outside the tree is refused.</summary>
    public static bool VerifyInclusion(Digest leaf, long index, long size, ReadOnlySpan<Digest> path, Digest root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }
        var (fn, sn, r) = (index, size - 1, leaf);
        foreach (var p in path)
        {
            if (sn == 0)
            {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn)
            {
                r = Node(p, r);
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                r = Node(r, p);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && r == root;
    }

    /// <summary>Whether the smaller tree is a prefix of the larger one. A first size of 0 is refused: everything extends nothing.</summary>
    public static bool VerifyConsistency(long first, Digest firstRoot, long second, Digest secondRoot, ReadOnlySpan<Digest> path)
    {
        if (first < 1 || first > second)
        {
            return false;
        }
        if (first == second)
        {
            return path.Length == 0 && firstRoot == secondRoot;
        }
        if (path.Length == 0)
        {
            return false;
        }
        Digest[] all = BitOperations.IsPow2(first) ? [firstRoot, .. path] : [.. path];
        var (fn, sn) = (first - 1, second - 1);
        while ((fn & 1) == 1)
        {
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        var (fr, sr) = (all[0], all[0]);
        foreach (var c in all.AsSpan(1))
        {
            if (sn == 0)
            {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn)
            {
                (fr, sr) = (Node(c, fr), Node(c, sr));
                while ((fn & 1) == 0 && fn != 0)
                {
                    (fn, sn) = (fn >> 1, sn >> 1);
                }
            }
            else
            {
                sr = Node(sr, c);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && fr == firstRoot && sr == secondRoot;
    }

    // Largest power of two smaller than n.
    private static long Split(long n) => 1L << (63 - BitOperations.LeadingZeroCount((ulong)(n - 1)));

    // Hash of leaves [start, end): start is a multiple of the largest power of two within, as RFC 9162's recursion guarantees.
    private static Digest Range(long start, long end, Subtree subtree)
    {
        var n = end - start;
        if (BitOperations.IsPow2(n))
        {
            var level = BitOperations.TrailingZeroCount(n);
            return subtree(level, start >> level);
        }
        var k = Split(n);
        return Node(Range(start, start + k, subtree), Range(start + k, end, subtree));
    }
}
