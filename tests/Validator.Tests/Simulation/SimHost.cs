using System.Security.Cryptography;
using System.Text;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The host: its log of entries grows, and what is not sealed yet it hands to every validator again and again.</summary>
internal sealed class SimHost(Simulation sim)
{
    private const int BatchMax = 8;
    private static readonly string[] Junk = ["{\"record\":\"junk\"}", "{}", "{\"record\":7}"];
    private readonly List<byte[]> log = [];
    private readonly Dictionary<Digest, CheckedBatch?> read = [];
    private readonly List<MerkleFrontier> trees = [new()];
    private readonly Dictionary<(int First, int Length), (CheckedBatch? Batch, BatchPromise Promise)> cuts = [];
    private readonly ISignatures signatures = sim.Keys.HostSignatures(sim.Plan.IsReal);
    private long lastMs;
    private long silentUntilUs;

    /// <summary>Whether it has said this: bytes that no host has written must not be sealed.</summary>
    public bool HasWritten(long seq, ReadOnlySpan<byte> entry) => seq <= log.Count && log[(int)seq - 1].AsSpan().SequenceEqual(entry);

    public void BeSilent(long us) => silentUntilUs = sim.NowUs + us;

    /// <summary>Reads a batch; the same bytes mean the same to every validator, for no entry here is signed by a key that only some know.</summary>
    public CheckedBatch? Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars)
    {
        if (!CheckedBatch.IsWithinLimits(entries, sidecars))
        {
            return null;
        }
        var id = IdOf(entries, sidecars);
        if (!read.TryGetValue(id, out var batch))
        {
            read.Add(id, batch = CheckedBatch.TryRead(entries, sidecars, Registry.From(sim.Keys.Genesis)));
        }
        return batch;
    }

    private static Digest IdOf(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in entries.Concat(sidecars))
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(part.Span);
        }
        return new(hash.GetHashAndReset());
    }

    /// <summary>The tree over its first entries.</summary>
    public MerkleFrontier TreeAt(long size) => trees[(int)size].Copy();

    /// <summary>New entries, and all that is not sealed goes out again.</summary>
    public void Work()
    {
        if (sim.NowUs < silentUntilUs)
        {
            return;
        }
        var unsealed = log.Count - sim.Checker.SealedSize;
        if (unsealed < 3 * BatchMax)
        {
            var count = sim.Dice.Between(1, 3);
            for (var i = 0; i < count; i++)
            {
                log.Add(Next());
                var tree = trees[^1].Copy();
                tree.Append(Entry.LeafHash(log[^1]));
                trees.Add(tree);
            }
        }
        var first = (int)sim.Checker.SealedSize;
        var most = Math.Min(log.Count - first, BatchMax);
        var differs = sim.Rate(Fault.HostDiffers);
        foreach (var node in sim.Nodes)
        {
            // Two sealers may cut the same log into other batches.
            var length = sim.Dice.Chance(differs) && most > 1 ? (int)sim.Dice.Between(1, most - 1) : most;
            if (length < most)
            {
                sim.Tally.Count(Fault.HostDiffers);
            }
            Hand(node, first, length);
            if (sim.Dice.Chance(200) && first + length < log.Count)
            {
                Hand(node, first + length, Math.Min(log.Count - first - length, BatchMax));
            }
        }
    }

    private void Hand(SimNode node, int first, int length)
    {
        if (length == 0 || (!sim.Network.IsHealed && sim.Dice.Chance(sim.Plan.Loss)))
        {
            return;
        }
        var (batch, promise) = Cut(first, length);
        if (sim.Dice.Chance(sim.Rate(Fault.HostJunk)))
        {
            sim.Tally.Count(Fault.HostJunk);
            batch = Read([.. Entries(first, length - 1), Encoding.ASCII.GetBytes("junk")]);
        }
        if (batch is not null)
        {
            sim.Post(node, sim.Dice.Between(500, 50_000), new NodeInput.Brought(batch, promise, new()));
        }
    }

    /// <summary>The version that an entry of the host's own stream has in this place.</summary>
    public long VersionAt(long seq) => seq - 1 - (sim.Members?.WrittenBefore(seq) ?? 0);

    public BatchPromise Promise(int first, int length) => Cut(first, length).Promise;

    // Each cut is read and signed once: it says the same whenever it goes out again.
    private (CheckedBatch? Batch, BatchPromise Promise) Cut(int first, int length)
    {
        if (!cuts.TryGetValue((first, length), out var cut))
        {
            var (size, root) = (first + length, trees[first + length].Root());
            cut = (Read([.. Entries(first, length)]), new(first + 1, size, root, signatures.Kid, signatures.Sign(BatchPromise.Bytes(sim.Keys.Genesis.Chain, first + 1, size, root))));
            cuts.Add((first, length), cut);
        }
        return cut;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Entries(int first, int length) => log.GetRange(first, length).Select(e => (ReadOnlyMemory<byte>)e);

    private CheckedBatch? Read(ReadOnlyMemory<byte>[] entries) => Read(entries, [.. entries.Select(_ => ReadOnlyMemory<byte>.Empty)]);

    private byte[] Next()
    {
        var seq = log.Count + 1;
        if (seq == 1)
        {
            lastMs = sim.Keys.Genesis.Time.UnixMs;
            return sim.Keys.Genesis.Entry.ToBytes();
        }
        lastMs = Math.Max(lastMs, sim.WallMs);
        if (sim.Members?.Next(seq, new(lastMs)) is { } change)
        {
            return change.ToBytes();
        }
        var kind = sim.Dice.Below(100);
        var type = kind switch { < 90 => "finding_raised", < 94 => "no_such_type", < 97 => EventTable.SubmissionAccepted, _ => "finding_raised" };
        return new Entry(seq, EventTable.FindingStream, VersionAt(seq) + (kind == 99 ? 1 : 0), type, new(lastMs + (kind == 98 ? 3_600_000 : 0)), "host",
            Encoding.ASCII.GetBytes(type == EventTable.SubmissionAccepted ? Junk[seq % Junk.Length] : "{}")).ToBytes();
    }
}
