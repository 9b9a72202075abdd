using EventLedger.Domain.Kernel;
using EventLedger.EventStore.Tree;
using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>Sealed blocks, the list of what was rejected, and the tree.</summary>
internal sealed class Blocks
{
    private readonly NpgsqlDataSource database;

    public Blocks(NpgsqlDataSource database)
    {
        this.database = database;
        Proofs = new(Fetch);
    }

    public TreeProofs Proofs { get; }

    public async Task<bool> Store(StoredBlock block, Head head, CancellationToken cancellation)
    {
        var latest = await Latest(cancellation);
        if (block.Height <= (latest?.Height ?? 0))
        {
            var there = await At(block.Height, cancellation);
            return there!.Header.Span.SequenceEqual(block.Header.Span)
                ? false
                : throw new InvalidDataException($"Another block stands at height {block.Height}.");
        }
        if (block.Height != (latest?.Height ?? 0) + 1 || block.First != (latest?.Size ?? 0) + 1 || block.Size > head.Seq)
        {
            throw new InvalidDataException($"Block {block.Height} does not follow height {latest?.Height ?? 0} with {head.Seq} entries.");
        }
        var nodes = await NewNodes(latest?.Size ?? 0, block.Size, cancellation);
        try
        {
            await database.Run(
                "store_block", cancellation, block.Height, block.First, block.Size, block.Time.Moment.UtcDateTime, block.Header, block.Commit,
                block.Rejected.Select(r => r.Seq).ToArray(), block.Rejected.Select(r => r.Code).ToArray(),
                nodes.ConvertAll(n => (short)n.Level), nodes.ConvertAll(n => n.Index), nodes.ConvertAll(n => n.Hash.ToArray()));
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another host was faster; it is looked at as if it had been there before.
            return await Store(block, head, cancellation);
        }
    }

    public Task<StoredBlock?> At(long height, CancellationToken cancellation) => Find("block", cancellation, height);

    public async Task<StoredBlock?> Of(long seq, CancellationToken cancellation) =>
        await Find("block_of", cancellation, seq) is { } block && block.First <= seq ? block : null;

    public Task<StoredBlock?> Latest(CancellationToken cancellation) => Find("latest_block", cancellation);

    public async Task<IReadOnlyList<RejectedEntry>> Rejections(long first, long last, CancellationToken cancellation) =>
        await database.Read("rejections", row => new RejectedEntry(row.GetInt64(0), row.GetString(1)), cancellation, first, last);

    private async Task<StoredBlock?> Find(string statement, CancellationToken cancellation, params object[] values)
    {
        var found = await database.Read(statement, row => Rows.Block(row, []), cancellation, values);
        return found is [var block] ? block with { Rejected = await Rejections(block.First, block.Size, cancellation) } : null;
    }

    // Every subtree of 256^level leaves that became full since the last block.
    private async Task<List<(int Level, long Index, Digest Hash)>> NewNodes(long before, long after, CancellationToken cancellation)
    {
        var nodes = new List<(int, long, Digest)>();
        IReadOnlyList<Digest> below = [];
        var (level, belowFirst) = (0, 0L);
        for (var (from, to) = (before / TreeProofs.Width, after / TreeProofs.Width); to > from; (from, to) = (from / TreeProofs.Width, to / TreeProofs.Width))
        {
            level++;
            var made = new List<Digest>();
            for (var index = from; index < to; index++)
            {
                var first = index * TreeProofs.Width;
                var children = level > 1 && first >= belowFirst
                    ? [.. below.Skip((int)(first - belowFirst)).Take(TreeProofs.Width)]
                    : await Children(level - 1, first, below, belowFirst, cancellation);
                made.Add(TreeProofs.Fold(children));
                nodes.Add((level, index, made[^1]));
            }
            (below, belowFirst) = (made, from);
        }
        return nodes;
    }

    // Some children were stored with earlier blocks, the others were just made.
    private async Task<IReadOnlyList<Digest>> Children(
        int level, long first, IReadOnlyList<Digest> made, long madeFirst, CancellationToken cancellation)
    {
        var stored = await Proofs.Hashes(level, first, level == 0 ? TreeProofs.Width : (int)(madeFirst - first), cancellation);
        return [.. stored, .. made.Take(TreeProofs.Width - stored.Count)];
    }

    private async Task<IReadOnlyList<Digest>> Fetch(int level, long index, int count, CancellationToken cancellation) => level == 0
        ? await database.Read("leaves", Hash, cancellation, index, (long)count)
        : await database.Read("nodes", Hash, cancellation, index, (long)count, (short)level);

    private static Digest Hash(NpgsqlDataReader row) => new(row.GetFieldValue<byte[]>(0));
}
