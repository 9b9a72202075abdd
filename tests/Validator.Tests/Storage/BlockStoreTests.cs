using System.Text;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Tests.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Storage;

public sealed class BlockStoreTests : IDisposable
{
    private static readonly Registry Authority = new RulesChain().State.Registry;

    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_block_reads_back_as_it_was_written()
    {
        using var store = Filled(3);
        Same(store.Read(2).ShouldNotBeNull(), Block(2)).ShouldBeTrue();
        store.Height.ShouldBe(3);
        store.Read(4).ShouldBeNull();
    }

    [Fact]
    public void What_a_block_changed_reads_back_without_its_entries()
    {
        using var store = Filled(3);
        store.Write(Block(2), effects: null);
        var summaries = store.ReadSummaries(1).ToList();
        summaries.Select(s => s is not null).ShouldBe([true, false, true], "of the second only its entries tell");
        AreEffects(summaries[0]!, 1).ShouldBeTrue();
        store.ReadSummaries(3).Select(s => s!.Height).ShouldBe([3]);
        store.ReadSummaries(4).ShouldBeEmpty();
        Same(store.Read(2).ShouldNotBeNull(), Block(2)).ShouldBeTrue();
    }

    [Fact]
    public void An_entry_is_found_by_its_number_past_heartbeats()
    {
        using var store = Filled(3);
        store.Write(Block(4) with { First = 10, Size = 9, Entries = [], Sidecars = [] }, Effects(4));
        store.Write(Block(5) with { First = 10, Size = 12 }, Effects(5));
        Enumerable.Range(1, 13).Select(seq => store.HeightOf(seq)).ShouldBe([1, 1, 1, 2, 2, 2, 3, 3, 3, 5, 5, 5, 0]);
    }

    [Fact]
    public void A_store_that_cannot_be_opened_is_not_called_damaged()
    {
        Filled(3).Dispose();
        var log = directory.File("blocks.db-wal");
        Directory.CreateDirectory(log);
        File.WriteAllText(Path.Combine(log, "in-the-way"), "");
        Should.Throw<IOException>(() => new BlockStore(directory.File("blocks.db"))).ShouldNotBeOfType<BlockStoreCorruptException>();
        Directory.Delete(log, recursive: true);
        using var again = new BlockStore(directory.File("blocks.db"));
        again.Height.ShouldBe(3);
    }

    [Fact]
    public void Everything_is_there_after_a_reopening()
    {
        Filled(3).Dispose();
        using var again = new BlockStore(directory.File("blocks.db"));
        again.Height.ShouldBe(3);
        Same(again.Read(3).ShouldNotBeNull(), Block(3)).ShouldBeTrue();
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_the_file_is_harmless_or_named()
    {
        Filled(5).Dispose();
        var path = directory.File("blocks.db");
        var whole = File.ReadAllBytes(path);
        var named = 0;
        for (var at = 0; at < whole.Length; at += 61)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x04;
            File.WriteAllBytes(path, damaged);
            File.Delete(path + "-wal");
            File.Delete(path + "-shm");
            named += Damage(path, at) is { } height && height is >= 0 and <= 6 ? 1 : 0;
        }
        named.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void A_damaged_block_can_be_replaced()
    {
        using (var store = Filled(3))
        {
            store.Write(Block(2) with { Commit = "replaced"u8.ToArray() }, effects: null);
            store.Height.ShouldBe(3);
        }
        using var again = new BlockStore(directory.File("blocks.db"));
        Encoding.ASCII.GetString(again.Read(2)!.Commit.Span).ShouldBe("replaced");
    }

    // The height that was named, or null when all five blocks still read as they were written.
    private static long? Damage(string path, int at)
    {
        try
        {
            using var store = new BlockStore(path);
            store.Height.ShouldBe(5, $"byte {at}");
            store.ReadSummaries(1).Select((s, i) => s is null || AreEffects(s, i + 1)).ShouldBe([true, true, true, true, true], $"byte {at}");
            for (var height = 1; height <= 5; height++)
            {
                Same(store.Read(height).ShouldNotBeNull(), Block(height)).ShouldBeTrue($"byte {at}");
            }
            return null;
        }
        catch (BlockStoreCorruptException e)
        {
            return e.Height;
        }
    }

    private BlockStore Filled(int blocks)
    {
        var store = new BlockStore(directory.File("blocks.db"));
        for (var height = 1; height <= blocks; height++)
        {
            store.Write(Block(height), Effects(height));
        }
        return store;
    }

    private static StoredBlock Block(int height)
    {
        ReadOnlyMemory<byte>[] entries = [Text($"entry a of {height}"), Text(new string('x', 2000)), Text($"entry c of {height}")];
        ReadOnlyMemory<byte>[] sidecars = [Text(""), Text($"sidecar of {height}"), Text("")];
        return new(height, (height * 3) - 2, height * 3, Text($"header {height}"), Text($"commit {height}"), entries, sidecars, Text("[]"), [Digest.Of($"{height}")]);
    }

    private static BatchVerdict Effects(int height) => new([], Authority, new(height), new Dictionary<UInt128, StreamFacts> { [(UInt128)height << 90] = new(height, height, 0, Suspended: true) },
        [(UInt128)height << 100]);

    private static bool AreEffects(BlockSummary s, int height)
    {
        var packed = new byte[BlockEffects.SizeOf(Effects(height))];
        BlockEffects.Pack(Effects(height), packed);
        return s.Height == height && s.Header.Span.SequenceEqual(Block(height).Header.Span) && s.Frontier.SequenceEqual(Block(height).Frontier) && s.Effects.Span.SequenceEqual(packed);
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static bool Same(StoredBlock a, StoredBlock b) =>
        (a.Height, a.First, a.Size) == (b.Height, b.First, b.Size) && a.Header.Span.SequenceEqual(b.Header.Span) && a.Commit.Span.SequenceEqual(b.Commit.Span)
        && a.Rejected.Span.SequenceEqual(b.Rejected.Span) && a.Frontier.SequenceEqual(b.Frontier) && a.Entries.Count == b.Entries.Count
        && a.Entries.Zip(b.Entries).All(p => p.First.Span.SequenceEqual(p.Second.Span))
        && a.Sidecars.Zip(b.Sidecars).All(p => p.First.Span.SequenceEqual(p.Second.Span));
}
