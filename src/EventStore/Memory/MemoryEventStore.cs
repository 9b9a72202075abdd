using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore.Tree;

namespace EventLedger.EventStore.Memory;

/// <summary>The store in memory: what tests of other parts run on. It forgets everything with the process.</summary>
public sealed class MemoryEventStore : IEventStore
{
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly TreeProofs proofs;
    private readonly Signal head, sealedHeight;
    private readonly List<StoredEntry> entries = [];
    private readonly Dictionary<long, ReadOnlyMemory<byte>> sidecars = [];
    private readonly Dictionary<string, List<StoredEntry>> streams = [];
    private readonly Dictionary<UniqueKey, long> uniques = [];
    private readonly List<StoredBlock> blocks = [];
    private readonly SortedDictionary<long, string> rejections = [];

    /// <summary>An empty store.</summary>
    public MemoryEventStore(string chain, TimeProvider clock)
    {
        (Chain, this.clock) = (chain, clock);
        (head, sealedHeight) = (new(clock), new(clock));
        proofs = new((level, index, count, _) =>
        {
            lock (gate)
            {
                IReadOnlyList<Digest> leaves = level == 0 ? [.. entries.Skip((int)index).Take(count).Select(e => e.Leaf)] : [];
                return Task.FromResult(leaves);
            }
        });
    }

    /// <inheritdoc/>
    public string Chain { get; }

    /// <inheritdoc/>
    public string? ReadOnlyReason { get; set; }

    /// <inheritdoc/>
    public Task<AppendResult> Append(Append command, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(Decide(command));
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AppendResult>> AppendMany(IReadOnlyList<Append> commands, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<AppendResult>>([.. commands.Select(Decide)]);
        }
    }

    /// <inheritdoc/>
    public Task Restore(IReadOnlyList<RestoredEntry> entries, CancellationToken cancellation)
    {
        lock (gate)
        {
            foreach (var given in entries)
            {
                var entry = Restoring.Parse(given, End, VersionOf);
                if (given.Uniques.Any(uniques.ContainsKey))
                {
                    throw new InvalidDataException($"Entry {entry.Seq} claims what another one holds.");
                }
                Keep(entry, given.Bytes, given.Sidecar, given.Uniques);
            }
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<Head> Head(CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult(End);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEntry>> ReadStream(string stream, long fromVersion, CancellationToken cancellation)
    {
        lock (gate)
        {
            IReadOnlyList<StoredEntry> found = streams.TryGetValue(stream, out var all) ? [.. all.Where(e => e.Entry.Version >= fromVersion)] : [];
            return Task.FromResult(found);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEntry>> ReadAll(long fromSeq, int max, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<StoredEntry>>([.. entries.Skip((int)Math.Max(0, fromSeq - 1)).Take(max)]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<long, ReadOnlyMemory<byte>>> ReadSidecars(long firstSeq, long lastSeq, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<long, ReadOnlyMemory<byte>>>(
                sidecars.Where(s => s.Key >= firstSeq && s.Key <= lastSeq).ToDictionary());
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> StreamVersions(IReadOnlyCollection<string> streams, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, long>>(
                streams.Distinct().Where(this.streams.ContainsKey).ToDictionary(s => s, VersionOf));
        }
    }

    /// <inheritdoc/>
    public Task<long?> SeqOf(UniqueKey key, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult(uniques.TryGetValue(key, out var seq) ? seq : (long?)null);
        }
    }

    /// <inheritdoc/>
    public Task<bool> StoreBlock(StoredBlock block, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (block.Height <= blocks.Count)
            {
                return blocks[(int)block.Height - 1].Header.Span.SequenceEqual(block.Header.Span)
                    ? Task.FromResult(false)
                    : throw new InvalidDataException($"Another block stands at height {block.Height}.");
            }
            if (block.Height != blocks.Count + 1 || block.First != (blocks.LastOrDefault()?.Size ?? 0) + 1 || block.Size > entries.Count)
            {
                throw new InvalidDataException($"Block {block.Height} does not follow height {blocks.Count} with {entries.Count} entries.");
            }
            blocks.Add(block);
            foreach (var (seq, code) in block.Rejected)
            {
                rejections[seq] = code;
                foreach (var key in uniques.Where(u => u.Value == seq).Select(u => u.Key).ToList())
                {
                    uniques.Remove(key);
                }
            }
        }
        sealedHeight.Advance(block.Height);
        return Task.FromResult(true);
    }

    /// <inheritdoc/>
    public Task<StoredBlock?> Block(long height, CancellationToken cancellation) => Find(b => b.Height == height);

    /// <inheritdoc/>
    public Task<StoredBlock?> BlockOf(long seq, CancellationToken cancellation) => Find(b => b.First <= seq && seq <= b.Size);

    /// <inheritdoc/>
    public Task<StoredBlock?> LatestBlock(CancellationToken cancellation) => Find(_ => true);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RejectedEntry>> Rejections(long firstSeq, long lastSeq, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<RejectedEntry>>(
                [.. rejections.Where(r => r.Key >= firstSeq && r.Key <= lastSeq).Select(r => new RejectedEntry(r.Key, r.Value))]);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Digest>> InclusionPath(long seq, long size, CancellationToken cancellation) => proofs.Inclusion(seq, size, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Digest>> ConsistencyPath(long first, long second, CancellationToken cancellation) =>
        proofs.Consistency(first, second, cancellation);

    /// <inheritdoc/>
    public Task<MerkleFrontier> Frontier(long size, CancellationToken cancellation) => proofs.Frontier(size, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Digest>> TreeHashes(int tileLevel, long index, int count, CancellationToken cancellation) =>
        proofs.Hashes(tileLevel, index, count, cancellation);

    /// <inheritdoc/>
    public Task<bool> WaitForEntry(long seq, TimeSpan timeout, CancellationToken cancellation) => head.Reach(seq, timeout, cancellation);

    /// <inheritdoc/>
    public Task<bool> WaitForBlock(long height, TimeSpan timeout, CancellationToken cancellation) => sealedHeight.Reach(height, timeout, cancellation);

    private Head End => entries.Count == 0 ? default : new(entries.Count, entries[^1].Entry.Time);

    private long VersionOf(string stream) => streams.TryGetValue(stream, out var all) ? all[^1].Entry.Version : 0;

    private AppendResult Decide(Append command)
    {
        Appending.Check(command);
        if (ReadOnlyReason is { } reason)
        {
            return new AppendResult.ReadOnly(reason);
        }
        foreach (var key in command.Uniques)
        {
            if (uniques.TryGetValue(key, out var holder))
            {
                return new AppendResult.UniqueTaken(key, holder);
            }
        }
        var version = VersionOf(command.Stream);
        if (version != command.ExpectedVersion)
        {
            return new AppendResult.VersionConflict(version);
        }
        var time = Appending.Time(clock, End.Time);
        var added = new List<StoredEntry>(command.Events.Count);
        foreach (var e in command.Events)
        {
            var entry = new Entry(entries.Count + 1, command.Stream, ++version, e.Type, time, e.Actor, e.Data);
            added.Add(Keep(entry, entry.ToBytes(), e.Sidecar, added.Count == 0 ? command.Uniques : []));
        }
        return new AppendResult.Appended(added);
    }

    private StoredEntry Keep(Entry entry, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> sidecar, IReadOnlyList<UniqueKey> claims)
    {
        var stored = new StoredEntry(entry, bytes, Entry.LeafHash(bytes.Span));
        entries.Add(stored);
        if (!streams.TryGetValue(entry.Stream, out var stream))
        {
            streams[entry.Stream] = stream = [];
        }
        stream.Add(stored);
        if (!sidecar.IsEmpty)
        {
            sidecars[entry.Seq] = sidecar;
        }
        foreach (var key in claims)
        {
            uniques[key] = entry.Seq;
        }
        head.Advance(entry.Seq);
        return stored;
    }

    private Task<StoredBlock?> Find(Predicate<StoredBlock> wanted)
    {
        lock (gate)
        {
            return Task.FromResult(blocks.FindLast(wanted));
        }
    }
}
