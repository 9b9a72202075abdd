using System.Text;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Storage;
using Microsoft.Data.Sqlite;

namespace EventLedger.Validator.Tests.Node;

public sealed class ChainTests : IAsyncDisposable
{
    private readonly TestNetwork net = new(1);
    private readonly TempDirectory directory = new();
    private readonly BlockStore store;
    private readonly Chain chain;
    private readonly HeldBatches held = new();

    public ChainTests()
    {
        store = new(directory.File("blocks.db"));
        chain = new(net.Genesis, store);
    }

    private string Kid => net.Genesis.Validators[0].Member.Kid;

    public async ValueTask DisposeAsync()
    {
        store.Dispose();
        directory.Dispose();
        await net.DisposeAsync();
    }

    [Theory]
    [InlineData(59_999, false)]
    [InlineData(60_000, true)]
    public void A_block_without_entries_is_valid_only_a_minute_after_the_one_before(long ms, bool valid)
    {
        Seal(3);
        Judge(chain.Build(null, chain.Head.Time.PlusMs(ms), Kid).HeaderBytes).ShouldBe(valid);
    }

    [Fact]
    public void A_header_with_one_wrong_member_is_invalid()
    {
        Seal(2);
        Hold(2, 2).ShouldBeNull();
        var header = chain.Build(held.After(chain.Tree.Root()), chain.Head.Time.PlusMs(100_000), Kid).Header;
        Judge(header.ToBytes()).ShouldBe(true);
        BlockHeader[] wrong =
        [
            header with { Prev = Digest.Zero }, header with { Time = chain.Head.Time }, header with { Results = Digest.Of("x") },
            header with { State = Digest.Of("x") }, header with { Validators = Digest.Zero }, header with { NextValidators = Digest.Zero },
            header with { Proposer = "nobody" }, header with { Chain = "other" },
        ];
        wrong.Select(h => Judge(h.ToBytes())).ShouldAllBe(v => v == false);
        Judge((header with { Root = Digest.Of("x") }).ToBytes()).ShouldBeNull("its batch is not here");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[[]]")]
    [InlineData("[[1]]")]
    [InlineData("[[1,2]]")]
    [InlineData("[[1,null]]")]
    [InlineData("[[1.5,\"a\"]]")]
    [InlineData("[[\"1\",\"a\"]]")]
    [InlineData("[[99999999999999999999,\"a\"]]")]
    [InlineData("[[1,\"a\",2]]")]
    [InlineData("[[1, \"a\"]]")]
    public void A_rejected_list_that_is_not_canonical_is_no_list(string json) => Chain.TryReadRejected(Encoding.UTF8.GetBytes(json)).ShouldBeNull();

    [Fact]
    public void A_canonical_rejected_list_reads_back() =>
        Chain.TryReadRejected("[[2,\"time-wrong\"],[5,\"type-unknown\"]]"u8.ToArray()).ShouldBe([new(2, "time-wrong"), new(5, "type-unknown")]);

    [Fact]
    public void A_restart_folds_the_stored_blocks_to_the_same_head_and_tree()
    {
        Seal(3);
        Seal(4);
        var again = new Chain(net.Genesis, store);
        again.Replay().ShouldBeNull();
        (again.Head.Hash, again.Tree.Root()).ShouldBe((chain.Head.Hash, chain.Tree.Root()));
    }

    [Fact]
    public void A_restart_reads_no_entry_where_the_block_says_what_it_changed()
    {
        Seal(3);
        Seal(4);
        Change("UPDATE blocks SET entries = x''").ShouldBe(2);
        var again = new Chain(net.Genesis, store);
        again.Replay().ShouldBeNull();
        (again.Head.Hash, again.Tree.Root()).ShouldBe((chain.Head.Hash, chain.Tree.Root()));
        Should.Throw<BlockStoreCorruptException>(() => store.Read(2));
    }

    [Theory]
    [InlineData("UPDATE effects SET effects = CAST(substr(effects, 1, 32) || x'77' || substr(effects, 34) AS BLOB)")]
    [InlineData("UPDATE effects SET checksum = zeroblob(32)")]
    [InlineData("DELETE FROM effects")]
    public void A_restart_reads_the_entries_where_what_a_block_changed_is_damaged_or_lost(string damage)
    {
        Seal(3);
        Seal(4);
        Change(damage).ShouldBe(2);
        var again = new Chain(net.Genesis, store);
        again.Replay().ShouldBeNull();
        again.Head.Hash.ShouldBe(chain.Head.Hash);
        var next = CheckedEntry.TryRead(net.Entries(7, 1)[0].ToBytes(), keys: null).ShouldNotBeNull();
        again.State.Check([next], LedgerTime.From(DateTimeOffset.UtcNow.AddMinutes(1))).Rejected.ShouldBeEmpty("its stream is at the version that the entries say");
    }

    [Fact]
    public void A_restart_stops_below_a_block_that_is_damaged_and_says_not_what_it_changed()
    {
        Seal(3);
        Seal(4);
        Change("DELETE FROM effects; UPDATE blocks SET entries = x'' WHERE height = 2");
        var again = new Chain(net.Genesis, store);
        again.Replay().ShouldNotBeNull().Height.ShouldBe(2);
        again.Head.Height.ShouldBe(1);
    }

    private int Change(string sql)
    {
        using var file = new SqliteConnection($"Data Source={directory.File("blocks.db")};Pooling=False");
        file.Open();
        using var change = file.CreateCommand();
        change.CommandText = sql;
        return change.ExecuteNonQuery();
    }

    [Fact]
    public void At_most_two_batches_wait_behind_the_next_one()
    {
        Hold(0, 2).ShouldBeNull();
        Hold(2, 2).ShouldBeNull();
        Hold(4, 2).ShouldBeNull();
        Hold(6, 2).ShouldBe("too-far");
        Hold(9, 1).ShouldBe("not-next");
        Hold(0, 2).ShouldBeNull("handing over the same batch again is harmless");
    }

    [Fact]
    public void After_a_block_only_batches_that_follow_it_are_kept()
    {
        Hold(0, 2);
        Hold(2, 2);
        Hold(0, 3);
        chain.Seal(chain.Build(held.Find(Tree(3)), net.Genesis.Time.PlusMs(100_000), Kid), new(1, 0, Digest.Zero, []));
        held.Sealed(chain.Tree);
        held.After(chain.Tree.Root()).ShouldBeNull();
        Hold(3, 1).ShouldBeNull();
        held.After(chain.Tree.Root()).ShouldNotBeNull();
    }

    [Fact]
    public void Two_cuts_of_one_log_that_end_alike_are_two_batches()
    {
        Hold(0, 2).ShouldBeNull();
        Hold(2, 2).ShouldBeNull();
        Hold(0, 4).ShouldBeNull();
        held.Find(Tree(4), Tree(2))!.Batch.First.ShouldBe(3);
        Judge(chain.Build(held.Find(Tree(4), chain.Tree.Root()), net.Genesis.Time.PlusMs(100_000), Kid).HeaderBytes).ShouldBe(true);
    }

    [Fact]
    public void Batches_from_peers_push_out_none_of_a_host()
    {
        Hold(0, 2);
        Hold(2, 2);
        var first = Tree(2);
        for (var i = 0; i < HeldBatches.HeldMax * 2; i++)
        {
            HoldPeers(Other(i)).ShouldBeNull();
        }
        held.Find(first).ShouldNotBeNull();
        held.Find(Tree(4)).ShouldNotBeNull();
        held.After(chain.Tree.Root())!.Root.ShouldBe(first, "and what a host hands over goes first");
    }

    [Fact]
    public void A_batch_from_a_peer_is_held_only_where_its_root_is_wanted()
    {
        var batch = Other(1);
        held.Hold(batch, Promise(batch), chain.Tree, new HashSet<Digest> { Digest.Zero }).ShouldBe("not-next");
        HoldPeers(batch).ShouldBeNull();
        held.After(chain.Tree.Root())!.Batch.ShouldBe(batch);
    }

    private CheckedBatch Other(int i)
    {
        var entry = net.Genesis.Entry with { Actor = $"other-{i}" };
        return CheckedBatch.TryRead([entry.ToBytes()], [ReadOnlyMemory<byte>.Empty], chain.State.Registry).ShouldNotBeNull();
    }

    private string? HoldPeers(CheckedBatch batch)
    {
        var tree = chain.Tree.Copy();
        tree.Append(batch.Entries[0].Leaf);
        return held.Hold(batch, Promise(batch), chain.Tree, new HashSet<Digest> { tree.Root() });
    }

    private BatchPromise Promise(CheckedBatch batch) => net.Promise(batch.First, HeldBatch.On(chain.Tree, batch).After);

    private Digest Tree(int count) => Frontier(count).Root();

    private MerkleFrontier Frontier(int count)
    {
        var tree = new MerkleFrontier();
        foreach (var entry in entries.Take(count))
        {
            tree.Append(Entry.LeafHash(entry));
        }
        return tree;
    }

    private readonly List<byte[]> entries = [];

    private string? Hold(int after, int count)
    {
        for (var i = entries.Count; i < after + count; i++)
        {
            entries.Add(net.Entries(i, 1)[0].ToBytes());
        }
        var parts = entries.Skip(after).Take(count).Select(e => (ReadOnlyMemory<byte>)e).ToList();
        var batch = CheckedBatch.TryRead(parts, [.. parts.Select(_ => ReadOnlyMemory<byte>.Empty)], chain.State.Registry).ShouldNotBeNull();
        return held.Hold(batch, net.Promise(after + 1, Frontier(after + count)), chain.Tree);
    }

    private void Seal(int count)
    {
        Hold((int)chain.Tree.Size, count).ShouldBeNull();
        var candidate = chain.Build(held.After(chain.Tree.Root()), net.Genesis.Time.PlusMs(100_000), Kid);
        chain.Seal(candidate, new(candidate.Header.Height, 0, candidate.Value, []));
        held.Sealed(chain.Tree);
    }

    private bool? Judge(ReadOnlyMemory<byte> header)
    {
        var read = chain.Read(header).ShouldNotBeNull();
        chain.Judge(read, held);
        return read.IsValid;
    }
}
