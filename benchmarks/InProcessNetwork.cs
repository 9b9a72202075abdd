using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Bench;

/// <summary>Several nodes in this process, each with a directory of its own on the disk, and the host that hands all of them the same batches.</summary>
internal sealed class InProcessNetwork : IAsyncDisposable
{
    // What the node lets a host hand over: the batch that is being decided and two behind it.
    private const int Ahead = 2;
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("ledger-bench-");

    private readonly SigningKey receipt;
    private readonly MerkleFrontier tree = new();

    private InProcessNetwork(Genesis genesis, SigningKey person, SigningKey receipt, IReadOnlyList<SigningKey> keys)
    {
        (Genesis, Entries, this.receipt) = (genesis, new(genesis, person), receipt);
        Nodes = [.. keys.Select((key, i) => new InProcessNode(genesis, key, Path.Combine(directory.FullName, $"v{i}")))];
    }

    public Genesis Genesis { get; }

    public EntryMaker Entries { get; }

    public IReadOnlyList<InProcessNode> Nodes { get; }

    /// <summary>Starts so many nodes and seals the genesis entry, a format and a source.</summary>
    public static async Task<InProcessNetwork> Start(int count)
    {
        // The nodes share the keys that consensus never uses.
        string[] purposes = [KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];
        var shared = purposes.ToDictionary(p => p, p => Keys.Generate(p));
        var others = shared.ToDictionary(k => k.Key, k => k.Value.Public);
        var keys = Enumerable.Range(0, count).Select(_ => Keys.Generate(KeyPurpose.Consensus)).ToList();
        var person = Keys.Generate(KeyPurpose.Operator);
        var file = Genesis.Write("bench", LedgerTime.From(DateTimeOffset.UtcNow), new("localhost", [], new Dictionary<string, int>()),
            [.. keys.Select((k, i) => new GenesisValidator($"v{i}", $"127.0.0.1:{i + 1}", new(k.Public, 1, others)))],
            [new("operator-0", person.Public), new("operator-1", Keys.Generate(KeyPurpose.Operator).Public)],
            [new("host", others[KeyPurpose.Receipt], others[KeyPurpose.Status], others[KeyPurpose.Transport])]);
        var network = new InProcessNetwork(Genesis.TryParse(file, out var genesis) ? genesis : throw new InvalidOperationException("The genesis file is not one."), person, shared[KeyPurpose.Receipt], keys);
        foreach (var node in network.Nodes)
        {
            node.Start(network.Nodes);
        }
        await network.Seal([network.Entries.Beginning()]);
        return network;
    }

    /// <summary>Hands these batches to all nodes, as far ahead as they take them, and returns when every node has sealed all.</summary>
    public async Task Seal(IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> batches)
    {
        List<BatchPromise> promises = [.. batches.Select(Promise)];
        await Task.WhenAll(Nodes.Select(node => Task.Run(() => Seal(node, batches, promises))));
    }

    private static async Task Seal(InProcessNode node, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> batches, List<BatchPromise> promises)
    {
        var ends = Ends(batches, node.Size);
        for (var i = 0; i < batches.Count; i++)
        {
            if (i > Ahead)
            {
                await node.Sealed(ends[i - Ahead - 1]);
            }
            await node.Submit(batches[i], promises[i]);
        }
        await node.Sealed(ends[^1]);
    }

    // The host's word, as it gives it in production: once for each batch.
    private BatchPromise Promise(IReadOnlyList<ReadOnlyMemory<byte>> batch)
    {
        var first = tree.Size + 1;
        foreach (var entry in batch)
        {
            tree.Append(Entry.LeafHash(entry.Span));
        }
        return BatchPromise.Create(receipt, Genesis.Chain, first, tree);
    }

    /// <summary>Throws when an entry was refused: then less was done than was measured.</summary>
    public void MustHaveAcceptedAll()
    {
        if (Nodes.Sum(n => n.RejectedBlocks()) is > 0 and var blocks)
        {
            throw new InvalidOperationException($"{blocks} blocks hold rejected entries.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
        directory.Delete(recursive: true);
    }

    // The size of the log after each batch.
    private static List<long> Ends(IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> batches, long size)
    {
        var ends = new List<long>(batches.Count);
        foreach (var batch in batches)
        {
            ends.Add(size += batch.Count);
        }
        return ends;
    }
}
