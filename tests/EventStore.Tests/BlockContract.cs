using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests;

/// <summary>What every event store promises about blocks, rejections, proofs and restoring. Each test starts with an empty store.</summary>
public abstract class BlockContract
{
    protected abstract Task<IEventStore> Empty();

    [Fact]
    public async Task Blocks_are_found_by_height_and_by_entry()
    {
        var store = await Filled(10);
        (await store.StoreBlock(Block(1, 1, 4), Now)).ShouldBeTrue();
        (await store.StoreBlock(Block(2, 5, 4), Now)).ShouldBeTrue();
        (await store.StoreBlock(Block(3, 5, 9), Now)).ShouldBeTrue();

        (await store.Block(2, Now))!.First.ShouldBe(5);
        (await store.Block(4, Now)).ShouldBeNull();
        (await store.BlockOf(4, Now))!.Height.ShouldBe(1);
        (await store.BlockOf(5, Now))!.Height.ShouldBe(3);
        (await store.BlockOf(10, Now)).ShouldBeNull();
        var latest = (await store.LatestBlock(Now))!;
        latest.Height.ShouldBe(3);
        latest.Time.ShouldBe(new(3_000));
        latest.Header.ToArray().ShouldBe(Block(3, 5, 9).Header.ToArray());
        latest.Commit.ToArray().ShouldBe(Block(3, 5, 9).Commit.ToArray());
        (await store.WaitForBlock(3, TimeSpan.Zero, Now)).ShouldBeTrue();
        (await store.WaitForBlock(4, TimeSpan.Zero, Now)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_block_is_stored_once_and_in_order()
    {
        var store = await Filled(10);
        await Should.ThrowAsync<InvalidDataException>(() => store.StoreBlock(Block(2, 1, 4), Now));
        await Should.ThrowAsync<InvalidDataException>(() => store.StoreBlock(Block(1, 2, 4), Now));
        await Should.ThrowAsync<InvalidDataException>(() => store.StoreBlock(Block(1, 1, 11), Now));
        (await store.StoreBlock(Block(1, 1, 4), Now)).ShouldBeTrue();
        (await store.StoreBlock(Block(1, 1, 4), Now)).ShouldBeFalse();
        await Should.ThrowAsync<InvalidDataException>(() => store.StoreBlock(Block(1, 1, 4) with { Header = new byte[] { 1 } }, Now));
    }

    [Fact]
    public async Task A_rejected_entry_frees_what_it_claimed()
    {
        var store = await Empty();
        await store.AppendMany([To("a", 0, Jti("1")), To("b", 0, Jti("2"), Jti("3"))], Now);
        await store.StoreBlock(Block(1, 1, 2, new RejectedEntry(2, "signature-wrong")), Now);

        (await store.SeqOf(Jti("2"), Now)).ShouldBeNull();
        (await store.SeqOf(Jti("3"), Now)).ShouldBeNull();
        (await store.SeqOf(Jti("1"), Now)).ShouldBe(1);
        (await store.Rejections(1, 2, Now)).ShouldBe([new(2, "signature-wrong")]);
        (await store.Rejections(1, 1, Now)).ShouldBeEmpty();
        (await store.BlockOf(2, Now))!.Rejected.ShouldBe([new(2, "signature-wrong")]);
        (await store.Append(To("b", 1, Jti("2")), Now)).Entry().Entry.Version.ShouldBe(2);
    }

    [Fact]
    [Y4561("D-7.1.2-h")]
    public async Task Proofs_hold_under_every_head()
    {
        const int Count = 1_100;
        var store = await Filled(Count);
        var all = await store.ReadAll(1, Count, Now);
        // Blocks end inside and at the edge of the stored subtrees of 256.
        await store.StoreBlock(Block(1, 1, 200), Now);
        await store.StoreBlock(Block(2, 201, 512), Now);
        await store.StoreBlock(Block(3, 513, 1_030), Now);

        foreach (var size in (long[])[1, 2, 255, 256, 257, 512, 1_000, 1_030, Count])
        {
            var root = Root(all, size);
            (await store.Frontier(size, Now)).Root().ShouldBe(root);
            foreach (var seq in new[] { 1, 2, 200, 256, 257, 700, size }.Where(s => s <= size))
            {
                var path = await store.InclusionPath(seq, size, Now);
                MerkleTree.VerifyInclusion(all[(int)seq - 1].Leaf, seq - 1, size, [.. path], root).ShouldBeTrue($"{seq} of {size}");
            }
            foreach (var first in new[] { 1, 2, 255, 256, 300, size }.Where(s => s <= size))
            {
                var path = await store.ConsistencyPath(first, size, Now);
                MerkleTree.VerifyConsistency(first, Root(all, first), size, root, [.. path]).ShouldBeTrue($"{first} of {size}");
            }
        }
        (await store.TreeHashes(1, 0, 4, Now)).Count.ShouldBe(4);
        (await store.TreeHashes(0, 3, 2, Now)).ShouldBe([all[3].Leaf, all[4].Leaf]);
    }

    [Fact]
    public async Task Restored_entries_equal_the_first_ones()
    {
        var first = await Empty();
        await first.AppendMany([To("a", 0, Jti("1")), To("b", 0), To("a", 1)], Now);
        await first.Append(new("c", 0, [Event("1", "secret"), Event("2")], [Jti("2")]), Now);
        var entries = await first.ReadAll(1, 100, Now);
        var sidecars = await first.ReadSidecars(1, 5, Now);

        var second = await Empty();
        second.ReadOnlyReason = "empty";
        var given = entries.Select(e => new RestoredEntry(
            e.Bytes, sidecars.GetValueOrDefault(e.Entry.Seq), e.Entry.Seq switch { 1 => [Jti("1")], 4 => [Jti("2")], _ => [] })).ToList();
        await second.Restore(given[..2], Now);
        await second.Restore(given[2..], Now);

        (await second.ReadAll(1, 100, Now)).Select(e => e.Leaf).ShouldBe(entries.Select(e => e.Leaf));
        (await second.Head(Now)).ShouldBe(await first.Head(Now));
        (await second.ReadSidecars(1, 5, Now)).Keys.ShouldBe([4L]);
        (await second.SeqOf(Jti("2"), Now)).ShouldBe(4);
        second.ReadOnlyReason = null;
        (await second.Append(To("a", 2), Now)).Entry().Entry.Seq.ShouldBe(6);
    }

    [Fact]
    public async Task Only_what_follows_can_be_restored()
    {
        var from = await Filled(3);
        var entries = await from.ReadAll(1, 3, Now);
        RestoredEntry Given(int i) => new(entries[i].Bytes, default, []);
        var store = await Empty();
        await Should.ThrowAsync<InvalidDataException>(() => store.Restore([Given(1)], Now));
        await Should.ThrowAsync<InvalidDataException>(() => store.Restore([new("{}"u8.ToArray(), default, [])], Now));
        await store.Restore([Given(0)], Now);
        await Should.ThrowAsync<InvalidDataException>(() => store.Restore([Given(0)], Now));
        (await store.Head(Now)).Seq.ShouldBe(1);
    }

    private async Task<IEventStore> Filled(int count)
    {
        var store = await Empty();
        await store.AppendMany([.. Enumerable.Range(0, count).Select(i => To($"stream-{i}", 0))], Now);
        return store;
    }
}
