using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Node;

public sealed class RejoinTests
{
    // Its log is gone and so is its first block; the second, which still is whole, ends the time in which it only looks on.
    [Fact]
    public async Task Who_finds_the_last_block_it_had_to_wait_for_in_its_own_store_signs_the_next_height()
    {
        await using var net = new TestNetwork(4);
        var self = Enumerable.Range(0, 4).Single(i => net.Genesis.Validators[i].Member.Kid == net.Genesis.Set.Members[0].Kid);
        var (first, second) = await SealTwo(net, self);
        var directory = net.DirectoryOf(self);
        File.Delete(Path.Combine(directory, "wal"));
        await Damage(Path.Combine(directory, "blocks.db"));

        await using var lone = new LoneNode(net);
        await lone.Start();
        lone.Node.Status.Height.ShouldBe(0);
        var peer = lone.ProposerOf(0);
        await lone.Said(peer, new PeerMessage { Hello = new() { Height = 2 } }, new PeerMessage { Block = Body(first) });
        await lone.Until(s => s.Height == 2);
        // A header that does not follow the second block, so that it prevotes nil at once.
        BlockHeader.TryParse(second.Header, out var header).ShouldBeTrue();
        await lone.Said(header!.Proposer, lone.Proposal(header.Proposer, 0, header with { Height = 3 }));
        lone.Node.Status.IsObserving.ShouldBeFalse();
        (await lone.Signed()).ShouldBe([new SignGuard(3, 0, Step.Prevote, null)]);
    }

    // The others alone, so that one of them is the proposer; then it gets both blocks from them.
    private static async Task<(StoredBlock First, StoredBlock Second)> SealTwo(TestNetwork net, int self)
    {
        int[] others = [.. Enumerable.Range(0, 4).Where(i => i != self)];
        await net.Start(others);
        for (var height = 1; height <= 2; height++)
        {
            await net.Submit(net.Entries(2 * (height - 1), 2));
            await Task.WhenAll(others.Select(i => net.Sealed(i, 2 * height)));
        }
        await net.Start(self);
        await net.Sealed(self, 4);
        foreach (var i in others.Append(self))
        {
            await net.Stop(i);
        }
        using var store = new BlockStore(Path.Combine(net.DirectoryOf(self), "blocks.db"));
        return (store.Read(1)!, store.Read(2)!);
    }

    private static async Task Damage(string path)
    {
        await using var file = new SqliteConnection($"Data Source={path};Pooling=False");
        await file.OpenAsync(TestContext.Current.CancellationToken);
        await using var damage = file.CreateCommand();
        damage.CommandText = "UPDATE blocks SET sealed = x'00' WHERE height = 1";
        (await damage.ExecuteNonQueryAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    private static BlockReply Body(StoredBlock block) => new()
    {
        Height = block.Height, Header = UnsafeByteOperations.UnsafeWrap(block.Header), Commit = UnsafeByteOperations.UnsafeWrap(block.Commit),
        Rejected = UnsafeByteOperations.UnsafeWrap(block.Rejected), Entries = { block.Entries.Select(e => UnsafeByteOperations.UnsafeWrap(e)) },
        Sidecars = { block.Sidecars.Select(s => UnsafeByteOperations.UnsafeWrap(s)) },
    };
}
