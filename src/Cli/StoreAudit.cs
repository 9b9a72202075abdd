using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Cli;

/// <summary>
/// Reads the tables themselves, row by row, and recomputes what they claim: entries, leaves, event ids, streams, sidecars, tree, headers, commits, and by the
/// ledger rules every verdict.
/// </summary>
internal sealed class StoreAudit
{
    private const string Where = "postgresql";

    private readonly NpgsqlDataSource database;
    private readonly Genesis genesis;
    private readonly Action<Inconsistency> found;
    private readonly List<BlockHeader> headers = [];
    private readonly List<Digest> leaves = [];
    private readonly Dictionary<string, (long Version, LedgerTime First, LedgerTime Last)> streams = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (string Code, long Height)> rejections = [];
    private readonly List<CheckedEntry> pending = [];
    private readonly List<BlockRow> blocks = [];
    private readonly HashSet<long> rejected = [];
    private readonly TableAudit tables;

    public StoreAudit(NpgsqlDataSource database, Genesis genesis, Action<Inconsistency> found) =>
        (this.database, this.genesis, this.found, tables) = (database, genesis, found, new(found));

    private sealed record BlockRow(long Height, byte[] Header, byte[] Commit, long First, long Size, DateTimeOffset Time);

    public long Entries => leaves.Count;

    public long Height => headers.Count;

    public long Size => headers.Count == 0 ? 0 : headers[^1].Size;

    public BlockHeader? BlockAt(long height) => height >= 1 && height <= headers.Count ? headers[(int)height - 1] : null;

    public Digest? LeafAt(long seq) => seq >= 1 && seq <= leaves.Count ? leaves[(int)seq - 1] : null;

    public async Task<long> Count(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select coalesce(max(seq_id), 0) from mt_events");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    public async Task Run(Action<long> report, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        // One view of all tables, though the ledger goes on meanwhile.
        await using var view = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        await ReadBlocks(connection, cancel);
        await using var command = new NpgsqlCommand("""
            select e.seq_id, e.id, e.stream_id, e.version, e.data::text, e.type, e.timestamp, l.actor, l.leaf, s.bytes
            from mt_events e left join ledger_entries l on l.seq = e.seq_id left join ledger_sidecars s on s.seq = e.seq_id order by e.seq_id
            """, connection);
        await using (var rows = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancel))
        {
            var blockSeals = new BlockReplay(this);
            while (await rows.ReadAsync(cancel))
            {
                Take(rows);
                blockSeals.Advance();
                report(leaves.Count);
            }
            blockSeals.Finish();
        }
        await CheckStreams(connection, cancel);
        await CheckTree(connection, cancel);
        await tables.Run(connection, Size, cancel);
    }

    private void Take(NpgsqlDataReader row)
    {
        var seq = row.GetInt64(0);
        while (leaves.Count + 1 < seq)
        {
            found(new(Where, "entry-missing", leaves.Count + 1, null, "there is no row in mt_events"));
            leaves.Add(default);
        }
        var (id, stream, version, text) = (row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4));
        var (type, time) = (row.GetString(5), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(6)));
        var actor = row.IsDBNull(7) ? "" : row.GetString(7);
        var noted = row.IsDBNull(8) ? default(Digest?) : new Digest(row.GetFieldValue<byte[]>(8));
        var sidecar = row.IsDBNull(9) ? [] : row.GetFieldValue<byte[]>(9);
        using var data = JsonDocument.Parse(text);
        var bytes = new Entry(seq, stream, version, type, time, actor, Jcs.Bytes(data.RootElement)).ToBytes();
        var leaf = Entry.LeafHash(bytes);
        leaves.Add(leaf);
        if (noted is null)
        {
            found(new(Where, "entry-missing", seq, null, "there is no row in ledger_entries"));
        }
        else if (leaf != noted)
        {
            found(new(Where, "entry-changed", seq, null, $"mt_events row {seq} (stream {stream}, version {version}) does not have the leaf hash in ledger_entries"));
        }
        if (id != Entry.EventId(genesis.Chain, stream, version))
        {
            found(new(Where, "event-id-wrong", seq, null, "mt_events.id is not made from stream and version"));
        }
        var before = streams.TryGetValue(stream, out var known) ? known : (Version: 0, First: time, Last: time);
        if (version != before.Version + 1)
        {
            found(new(Where, "version-wrong", seq, null, $"stream {stream} goes from {before.Version} to {version}"));
        }
        streams[stream] = (version, before.First, time);
        if (CheckedEntry.TryRead(bytes, keys: null) is not { } entry)
        {
            found(new(Where, "entry-malformed", seq, null, "what mt_events holds is no entry"));
            return;
        }
        if (!entry.IsMatchedBy(sidecar))
        {
            found(new(Where, "sidecar-wrong", seq, null, sidecar.Length == 0 ? "its sidecar is missing" : "its sidecar is not the one that it names"));
        }
        pending.Add(entry);
        if (!rejected.Contains(seq))
        {
            tables.Take(entry);
        }
    }

    private async Task ReadBlocks(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using (var command = new NpgsqlCommand("select height, header, commit, first, size, time from ledger_blocks order by height", connection))
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                blocks.Add(new(rows.GetInt64(0), rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2), rows.GetInt64(3), rows.GetInt64(4),
                    rows.GetFieldValue<DateTimeOffset>(5)));
            }
        }
        await using (var command = new NpgsqlCommand("select seq, code, height from ledger_rejections", connection))
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                rejections[rows.GetInt64(0)] = (rows.GetString(1), rows.GetInt64(2));
                rejected.Add(rows.GetInt64(0));
            }
        }
    }

    private async Task CheckStreams(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select id, version, created, timestamp from mt_streams", connection);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var seen = 0;
        while (await rows.ReadAsync(cancel))
        {
            var (id, version) = (rows.GetString(0), rows.GetInt64(1));
            var (created, last) = (LedgerTime.From(rows.GetFieldValue<DateTimeOffset>(2)), LedgerTime.From(rows.GetFieldValue<DateTimeOffset>(3)));
            seen++;
            if (!streams.TryGetValue(id, out var stream) || stream != (version, created, last))
            {
                found(new(Where, "stream-wrong", null, null, $"mt_streams row {id} does not fit its events"));
            }
        }
        if (seen != streams.Count)
        {
            found(new(Where, "stream-missing", null, null, $"mt_streams has {seen} rows for {streams.Count} streams"));
        }
    }

    private async Task CheckTree(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select level, index, hash from ledger_nodes order by level, index", connection);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var (level, index, hash) = (rows.GetInt16(0), rows.GetInt64(1), new Digest(rows.GetFieldValue<byte[]>(2)));
            var (from, count) = (index << (8 * level), 1L << (8 * level));
            var tree = new MerkleFrontier();
            for (var i = from; i < Math.Min(from + count, leaves.Count); i++)
            {
                tree.Append(leaves[(int)i]);
            }
            if (tree.Root() != hash)
            {
                found(new(Where, "tree-wrong", from + 1, null, $"ledger_nodes level {level}, index {index} is not the root of its {count} leaves"));
            }
        }
    }

    /// <summary>Walks the blocks beside the entries: chain of hashes, roots, commits, and the verdict on each entry by the rules themselves.</summary>
    private sealed class BlockReplay(StoreAudit audit)
    {
        private readonly LedgerState state = new(audit.genesis);
        private readonly MerkleFrontier tree = new();
        private BlockHeader before = audit.genesis.Header;
        private int next;
        private bool ruled = true;

        public void Advance()
        {
            while (next < audit.blocks.Count && BlockHeader.TryParse(audit.blocks[next].Header, out var header) && header.Size <= audit.leaves.Count)
            {
                Judge(header, audit.blocks[next].Commit);
                next++;
            }
        }

        public void Finish()
        {
            for (; next < audit.blocks.Count; next++)
            {
                audit.found(new(Where, "block-unfounded", null, audit.blocks[next].Height, "its header cannot be read, or entries that it seals are missing"));
            }
        }

        private void Judge(BlockHeader header, byte[] commitBytes)
        {
            void Bad(string what, string detail) => audit.found(new(Where, what, null, audit.blocks[next].Height, detail));
            if (header.Height != audit.blocks[next].Height || header.Height != before.Height + 1 || header.Prev != before.Hash || header.Chain != audit.genesis.Chain
                || header.First != before.Size + 1 || header.Time <= before.Time)
            {
                Bad("header-wrong", "the header does not go on where the block before ends");
            }
            if ((header.First, header.Size, header.Time.Moment) != (audit.blocks[next].First, audit.blocks[next].Size, audit.blocks[next].Time))
            {
                Bad("columns-wrong", "first, size or time in ledger_blocks are not those of its header");
            }
            if (!Commit.TryParse(commitBytes, out var commit) || commit.Block != header.Hash || commit.Height != header.Height)
            {
                Bad("commit-wrong", "the commit is not for this header");
            }
            else if (ruled && (header.Validators, header.NextValidators) != (state.Set.Hash, state.NextSet.Hash))
            {
                Bad("validators-wrong", "the header names other validators than the sealed events about them give");
            }
            else if ((ruled || header.Validators == state.Set.Hash) && commit.Problem(audit.genesis.Chain, state.Set) is { } problem)
            {
                Bad("commit-wrong", problem);
            }
            while (tree.Size < header.Size)
            {
                tree.Append(audit.leaves[(int)tree.Size]);
            }
            if (tree.Root() != header.Root)
            {
                Bad("root-wrong", $"entries {header.First} to {header.Size} do not have the root that was sealed");
            }
            Rules(header, Bad);
            audit.headers.Add(header);
            before = header;
        }

        // Once an entry cannot be read, what follows from it cannot be judged.
        private void Rules(BlockHeader header, Action<string, string> bad)
        {
            var entries = audit.pending.Where(e => e.Entry.Seq >= header.First && e.Entry.Seq <= header.Size).ToList();
            audit.pending.Clear();
            ruled &= entries.Count == header.Count;
            if (!ruled)
            {
                return;
            }
            var verdict = state.Check(entries, header.Time);
            state.Apply(header, verdict);
            if (BlockHeader.ResultsOf(before.Results, verdict.Rejected) != header.Results)
            {
                bad("results-wrong", "the rules reject other entries than were sealed as rejected");
            }
            foreach (var (seq, code) in verdict.Rejected)
            {
                if (!audit.rejections.Remove(seq, out var noted) || noted != (code, header.Height))
                {
                    audit.found(new(Where, "rejection-wrong", seq, header.Height, $"sealed as rejected ({code}), but ledger_rejections does not say so"));
                }
            }
            foreach (var (seq, noted) in audit.rejections.Where(r => r.Key >= header.First && r.Key <= header.Size))
            {
                audit.found(new(Where, "rejection-wrong", seq, header.Height, $"ledger_rejections says {noted.Code}, but the entry was sealed as valid"));
            }
        }
    }
}
