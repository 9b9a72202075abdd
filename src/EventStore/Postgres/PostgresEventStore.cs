using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore.Schema;
using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>The store on PostgreSQL, in Marten's tables. Any number of hosts may share one database.</summary>
public sealed class PostgresEventStore : IEventStore, IAsyncDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly Writer writer;
    private readonly Blocks blocks;
    private readonly Tail tail = new();
    private readonly Signal head, sealedHeight;
    private readonly Listener listener;

    private PostgresEventStore(NpgsqlDataSource database, string chain, TimeProvider clock)
    {
        (this.database, Chain) = (database, chain);
        (head, sealedHeight) = (new(clock), new(clock));
        blocks = new(database);
        writer = new(this, database, clock, Wrote);
        listener = new(database, head, sealedHeight, clock);
    }

    /// <summary>Makes the tables where they are missing and opens the store. Throws <see cref="InvalidDataException"/> when they hold another chain.</summary>
    public static async Task<PostgresEventStore> Open(
        NpgsqlDataSource database, string chain, TimeProvider clock, CancellationToken cancellation = default)
    {
        await LedgerSchema.Apply(database, cancellation);
        await database.Run("open", cancellation, chain);
        var there = (await database.Read("chain", row => row.GetString(0), cancellation))[0];
        return there == chain
            ? new(database, chain, clock)
            : throw new InvalidDataException($"The database holds chain '{there}', not '{chain}'.");
    }

    /// <inheritdoc/>
    public string Chain { get; }

    /// <inheritdoc/>
    public string? ReadOnlyReason { get; set; }

    /// <summary>
    /// Called after a lost connection and before anything is written again, as often as it takes; the host compares the server with the one it
    /// knew and may set <see cref="ReadOnlyReason"/>.
    /// </summary>
    public Func<CancellationToken, Task> Reconnected { get; set; } = _ => Task.CompletedTask;

    /// <summary>Which server answers at present.</summary>
    public async Task<ServerIdentity> Server(CancellationToken cancellation) => (await database.Read(
        "server", row => new ServerIdentity(row.GetString(0), row.GetInt32(1), row.GetFieldValue<DateTimeOffset>(2)), cancellation))[0];

    /// <inheritdoc/>
    public async Task<AppendResult> Append(Append command, CancellationToken cancellation)
    {
        Appending.Check(command);
        return ReadOnlyReason is { } reason ? new AppendResult.ReadOnly(reason) : await writer.Append(command, cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AppendResult>> AppendMany(IReadOnlyList<Append> commands, CancellationToken cancellation)
    {
        foreach (var command in commands)
        {
            Appending.Check(command);
        }
        return await writer.AppendMany(commands, cancellation);
    }

    /// <inheritdoc/>
    public Task Restore(IReadOnlyList<RestoredEntry> entries, CancellationToken cancellation) => writer.Restore(entries, given =>
    {
        var streams = new HashSet<string>();
        foreach (var bytes in given.Select(g => g.Bytes))
        {
            if (Entry.TryParse(bytes, out var entry))
            {
                streams.Add(entry.Stream);
            }
        }
        return StreamVersions(streams, cancellation);
    });

    /// <inheritdoc/>
    public async Task<Head> Head(CancellationToken cancellation) =>
        (await database.Read("head", row => new Head(row.GetInt64(0), Rows.Time(row, 1)), cancellation))[0];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredEntry>> ReadStream(string stream, long fromVersion, CancellationToken cancellation) =>
        await database.Read("read_stream", Rows.Entry, cancellation, stream, fromVersion);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredEntry>> ReadAll(long fromSeq, int max, CancellationToken cancellation)
    {
        var first = Math.Max(1, fromSeq);
        if (tail.From(first, max) is { } recent)
        {
            return recent;
        }
        var entries = await database.Read("read_all", Rows.Entry, cancellation, Math.Min(first, long.MaxValue - max), (long)max);
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Entry.Seq != first + i)
            {
                throw new InvalidDataException($"The store has lost entry {first + i}.");
            }
        }
        return entries;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<long, ReadOnlyMemory<byte>>> ReadSidecars(long firstSeq, long lastSeq, CancellationToken cancellation) =>
        tail.Sidecars(firstSeq, lastSeq) ?? (await database.Read(
            "read_sidecars", row => (Seq: row.GetInt64(0), Bytes: (ReadOnlyMemory<byte>)row.GetFieldValue<byte[]>(1)), cancellation, firstSeq, lastSeq))
            .ToDictionary(s => s.Seq, s => s.Bytes);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, long>> StreamVersions(IReadOnlyCollection<string> streams, CancellationToken cancellation) =>
        (await database.Read("stream_versions", row => (Id: row.GetString(0), Version: row.GetInt64(1)), cancellation, streams.ToList()))
            .ToDictionary(s => s.Id, s => s.Version);

    /// <inheritdoc/>
    public async Task<long?> SeqOf(UniqueKey key, CancellationToken cancellation) =>
        await database.Read("seq_of", row => row.GetInt64(0), cancellation, (short)key.Kind, key.Key.ToArray()) is [var seq] ? seq : null;

    /// <inheritdoc/>
    public async Task<bool> StoreBlock(StoredBlock block, CancellationToken cancellation)
    {
        var isNew = await blocks.Store(block, await Head(cancellation), cancellation);
        sealedHeight.Advance(block.Height);
        return isNew;
    }

    /// <inheritdoc/>
    public Task<StoredBlock?> Block(long height, CancellationToken cancellation) => blocks.At(height, cancellation);

    /// <inheritdoc/>
    public Task<StoredBlock?> BlockOf(long seq, CancellationToken cancellation) => blocks.Of(seq, cancellation);

    /// <inheritdoc/>
    public Task<StoredBlock?> LatestBlock(CancellationToken cancellation) => blocks.Latest(cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RejectedEntry>> Rejections(long firstSeq, long lastSeq, CancellationToken cancellation) =>
        blocks.Rejections(firstSeq, lastSeq, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Digest>> InclusionPath(long seq, long size, CancellationToken cancellation) =>
        blocks.Proofs.Inclusion(seq, size, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Digest>> ConsistencyPath(long first, long second, CancellationToken cancellation) =>
        blocks.Proofs.Consistency(first, second, cancellation);

    /// <inheritdoc/>
    public Task<MerkleFrontier> Frontier(long size, CancellationToken cancellation) => blocks.Proofs.Frontier(size, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Digest>> TreeHashes(int tileLevel, long index, int count, CancellationToken cancellation) =>
        blocks.Proofs.Hashes(tileLevel, index, count, cancellation);

    /// <inheritdoc/>
    public Task<bool> WaitForEntry(long seq, TimeSpan timeout, CancellationToken cancellation) => head.Reach(seq, timeout, cancellation);

    /// <inheritdoc/>
    public Task<bool> WaitForBlock(long height, TimeSpan timeout, CancellationToken cancellation) => sealedHeight.Reach(height, timeout, cancellation);

    /// <summary>Stops writing; appends on their way fail with <see cref="ObjectDisposedException"/>, their outcome unknown.</summary>
    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        await listener.DisposeAsync();
    }

    private void Wrote(Group group)
    {
        tail.Add(group);
        head.Advance(group.After.Seq);
    }
}
