using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Conformance.Faults;

/// <summary>What must hold when all is over: the same blocks everywhere, every receipt kept everywhere, and an audit that finds nothing.</summary>
internal static class Completeness
{
    /// <summary>Waits until all is sealed, then reads everything again; gives the number of blocks.</summary>
    public static async Task<long> Check(FaultLedger target, Load load, IReadOnlyList<int> which)
    {
        load.Receipts.ShouldNotBeEmpty();
        await target.Ledger.Sealed(load.Receipts.Keys.Max());
        await target.Whole(which);
        target.Watch.Forks.ShouldBeEmpty();
        var headers = new List<Digest>();
        foreach (var n in which)
        {
            await Read(target, n, load, headers);
        }
        var (exit, said) = await target.Ledger.Run(["audit", "--data", target.Ledger.Data, .. which.SelectMany(n => new[] { "--validator", $"validator-{n}" })]);
        exit.ShouldBe(0, said);
        return headers.Count;
    }

    private static async Task Read(FaultLedger target, int n, Load load, List<Digest> headers)
    {
        var (kept, previous) = (0, target.Ledger.Genesis.Hash);
        await foreach (var block in target.Watch.Chain(n))
        {
            BlockHeader.TryParse(block.Header.Memory, out var header).ShouldBeTrue();
            header!.Prev.ShouldBe(previous);
            previous = header.Hash;
            if (headers.Count < block.Height)
            {
                headers.Add(header.Hash);
            }
            headers[(int)block.Height - 1].ShouldBe(header.Hash, $"validator {n} differs at height {block.Height}");
            block.Rejected.Where(r => load.Receipts.ContainsKey(r.Seq)).ShouldBeEmpty();
            for (var i = 0; i < block.Items.Count; i++)
            {
                if (load.Receipts.TryGetValue(header.First + i, out var leaf))
                {
                    Entry.LeafHash(block.Items[i].Entry.Span).ToString().ShouldBe(leaf, $"validator {n} holds another entry {header.First + i} than was acknowledged");
                    kept++;
                }
            }
        }
        kept.ShouldBe(load.Receipts.Count, $"validator {n} lacks entries that were acknowledged");
    }
}
