using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Wire;
using Microsoft.Data.Sqlite;

namespace EventLedger.Validator.Tests.Node;

public sealed class NetworkTests
{
    [Fact]
    public async Task Four_validators_seal_the_batches_of_a_host_into_one_chain()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        await net.Submit(net.Entries(0, 5));
        await net.Submit(net.Entries(5, 7));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => net.Sealed(i, 12)));
        var blocks = Enumerable.Range(0, 4).Select(i => net[i].Node.Head.Newest.ShouldNotBeNull()).ToList();
        blocks.Select(b => Digest.Of(b.Header.Span)).Distinct().ShouldHaveSingleItem();
        Commit.TryParse(blocks[0].Commit, out var commit).ShouldBeTrue();
        commit!.Problem(net.Genesis.Chain, net.Genesis.Set).ShouldBeNull();
        Chain.ReadRejected(blocks[0].Rejected).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_stopped_validator_does_not_stop_the_others_and_catches_up_later()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        await net.Submit(net.Entries(0, 3));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => net.Sealed(i, 3)));
        await net.Stop(3);
        for (var size = 3; size < 15; size += 3)
        {
            await net.Submit(net.Entries(size, 3));
            await Task.WhenAll(Enumerable.Range(0, 3).Select(i => net.Sealed(i, size + 3)));
        }
        await net.Start(3);
        await net.Sealed(3, 15);
        await net.Submit(net.Entries(15, 1));
        await net.Sealed(3, 16);
    }

    [Fact]
    public async Task With_two_of_four_stopped_nothing_is_sizeuntil_one_returns()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        await net.Submit(net.Entries(0, 2));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => net.Sealed(i, 2)));
        await net.Stop(0);
        await net.Stop(1);
        await net.Submit(net.Entries(2, 2));
        await Should.ThrowAsync<TimeoutException>(() => net[2].Node.Head.Reached(net[2].Node.Head.Height + 1, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(2)));
        await net.Start(0);
        await Task.WhenAll(new[] { 0, 2, 3 }.Select(i => net.Sealed(i, 4)));
    }

    [Fact]
    public async Task A_batch_that_only_one_validator_has_is_fetched_by_the_others()
    {
        await using var net = new TestNetwork();
        await net.Start(0);
        await net.Submit(net.Entries(0, 4));
        await net.Start(1, 2, 3);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => net.Sealed(i, 4)));
    }

    [Fact]
    public async Task An_entry_against_the_rules_is_sizewith_its_code()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        var forged = new Entry(2, "nowhere", 1, "no_such_type", LedgerTime.From(DateTimeOffset.UtcNow), "host", "{}"u8.ToArray());
        await net.Submit([net.Genesis.Entry, forged]);
        await net.Sealed(2, 2);
        Chain.ReadRejected(net[2].Node.Head.Newest!.Rejected).ShouldBe([new Rejected(2, RejectionCode.TypeUnknown)]);
    }

    [Fact]
    public async Task A_validator_without_its_guard_only_observes_until_two_heights_above_its_peers_were_decided()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        await net.Submit(net.Entries(0, 2));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => net.Sealed(i, 2)));
        await net.Stop(1);
        File.Delete(Path.Combine(net.DirectoryOf(1), "guard.json"));
        await net.Start(1);
        net[1].Node.Status.IsObserving.ShouldBeTrue();
        // Peers may tell of heads up to the second of these blocks; two heights beyond that were decided without it, then it takes part.
        foreach (var size in new[] { 2, 4, 6, 8 })
        {
            await net.Submit(net.Entries(size, 2));
            await net.Sealed(1, size + 2);
        }
        await net.Until(1, s => !s.IsObserving);
    }

    [Fact]
    public async Task A_damaged_block_store_is_named_and_filled_again_from_peers()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        await net.Submit(net.Entries(0, 2));
        await net.Sealed(3, 2);
        await net.Stop(3);
        foreach (var file in Directory.GetFiles(net.DirectoryOf(3), "blocks.db*"))
        {
            File.WriteAllBytes(file, [.. File.ReadAllBytes(file).Select((b, i) => i % 50 == 7 ? (byte)~b : b)]);
        }
        await net.Start(3);
        await net.Sealed(3, 2);
        await net.Until(3, s => s.Problem.Length == 0);
    }

    [Fact]
    public async Task A_batch_that_was_voted_for_survives_a_stop_of_all_validators()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2, 3);
        // The proposer of the first block and one other: enough to vote, too few to decide.
        var proposer = net.Genesis.Validators.Select(v => v.Member.Kid).ToList().IndexOf(net.Genesis.Set.Members[1].Kid);
        var other = (proposer + 1) % 4;
        int[] two = [proposer, other], rest = [.. Enumerable.Range(0, 4).Except([proposer, other])];
        await Task.WhenAll(two.Select(i => net.Until(i, s => !s.IsObserving)));
        await Task.WhenAll(rest.Select(net.Stop));
        await net.Submit(net.Entries(0, 4));
        await Task.WhenAll(two.Select(i => net.Until(i, s => s.Step == "Prevote")));
        await Task.WhenAll(two.Select(net.Stop));
        await net.Start(0, 1, 2, 3);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => net.Sealed(i, 4)));
    }

    [Fact]
    public async Task A_row_damaged_while_it_runs_is_named_and_replaced_from_a_peer()
    {
        await using var net = new TestNetwork();
        await SealTwoBlocks(net);
        using (var file = StoreOf(net))
        {
            using var read = file.CreateCommand();
            read.CommandText = "SELECT entries FROM blocks WHERE height = 1";
            var entries = (byte[])read.ExecuteScalar()!;
            entries[entries.AsSpan().IndexOf("genesis"u8)] ^= 1;
            using var damage = file.CreateCommand();
            damage.CommandText = "UPDATE blocks SET entries = $entries WHERE height = 1";
            damage.Parameters.AddWithValue("$entries", entries);
            damage.ExecuteNonQuery();
        }
        using var client = net.ClientOf(3);
        var (_, status) = await TestNetwork.Call(client, "GetBlocks", new BlocksRequest { FromHeight = 1, Limit = 1 }, Block.Parser);
        status.ShouldBe("15");
        await net.Until(3, s => s.Problem.Length == 0);
        (await TestNetwork.Call(client, "GetBlocks", new BlocksRequest { FromHeight = 1, Limit = 1 }, Block.Parser)).Status.ShouldBe("0");
        var mended = (await TestNetwork.Call(client, "GetHealth", new HealthRequest(), HealthReply.Parser)).Reply!.Mended.ShouldHaveSingleItem();
        mended.Height.ShouldBe(1);
        mended.Seqs.ShouldBe([1]);
    }

    // A start folds what the blocks changed, so who can also write the checksum of a row is found by the scrub.
    [Fact]
    public async Task An_entry_that_was_changed_together_with_the_checksum_of_its_row_is_named_and_replaced()
    {
        await using var net = new TestNetwork();
        await SealTwoBlocks(net);
        await net.Stop(3);
        using (var store = new BlockStore(Path.Combine(net.DirectoryOf(3), "blocks.db")))
        {
            var block = store.Read(2).ShouldNotBeNull();
            var changed = block.Entries[1].ToArray();
            changed[changed.AsSpan().IndexOf("finding"u8)] ^= 1;
            var row = BlockRow.From(block with { Entries = [block.Entries[0], changed] }, effects: null, size => new byte[size]);
            using var file = StoreOf(net);
            using var damage = file.CreateCommand();
            damage.CommandText = "UPDATE blocks SET entries = $entries, checksum = $checksum WHERE height = 2";
            damage.Parameters.AddWithValue("$entries", row.Entries.ToArray());
            damage.Parameters.AddWithValue("$checksum", row.Checksum);
            damage.ExecuteNonQuery().ShouldBe(1);
            store.ReadSummaries(2).Single().ShouldNotBeNull("a start has no need of the entries");
        }
        await net.Start(3);
        await net.Until(3, _ => net[3].Node.Mended.Count == 1);
        var mended = net[3].Node.Mended.ShouldHaveSingleItem();
        (mended.Height, mended.What).ShouldBe((2, "its entries are not those of its header"));
        mended.Seqs.ShouldBe([4]);
    }

    private static async Task SealTwoBlocks(TestNetwork net)
    {
        await net.Start(0, 1, 2, 3);
        await net.Submit(net.Entries(0, 2));
        await net.Sealed(3, 2);
        await net.Submit(net.Entries(2, 2));
        await net.Sealed(3, 4);
    }

    // The fourth validator's, past all of its checks.
    private static SqliteConnection StoreOf(TestNetwork net)
    {
        var file = new SqliteConnection($"Data Source={Path.Combine(net.DirectoryOf(3), "blocks.db")};Pooling=False");
        file.Open();
        return file;
    }
}
