using System.Buffers;
using System.Runtime.InteropServices;
using EventLedger.Domain.Ledger;
using Microsoft.Data.Sqlite;

namespace EventLedger.Validator.Storage;

/// <summary>
/// All sealed blocks in one SQLite file, one transaction and one flush for each. Every row carries a checksum over all its columns, which
/// is compared whenever the block is read; what a block changed is a row of its own, for a start that need not read the entries.
/// </summary>
public sealed class BlockStore : IBlockStore, IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS blocks(
            height INTEGER PRIMARY KEY, first INTEGER NOT NULL, size INTEGER NOT NULL, header BLOB NOT NULL, sealed BLOB NOT NULL,
            rejected BLOB NOT NULL, frontier BLOB NOT NULL, entries BLOB NOT NULL, sidecars BLOB NOT NULL, checksum BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS blocks_by_size ON blocks(size, height);
        CREATE TABLE IF NOT EXISTS effects(height INTEGER PRIMARY KEY, effects BLOB NOT NULL, checksum BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS head(one INTEGER PRIMARY KEY CHECK (one = 1), height INTEGER NOT NULL);
        INSERT OR IGNORE INTO head VALUES (1, 0);
        """;

    private readonly string connection;
    private readonly SqliteConnection writer;
    private readonly Lock writing = new();
    private long height;

    /// <summary>
    /// Opens or makes the store; throws <see cref="BlockStoreCorruptException"/> with height 0 when the file cannot be read at all, and
    /// <see cref="IOException"/> when that says nothing about the file: the disk is full, or another process holds it.
    /// </summary>
    public BlockStore(string path)
    {
        connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ToString();
        writer = new(connection);
        try
        {
            writer.Open();
            Execute(Schema);
            Execute("PRAGMA synchronous = FULL");
            height = ReadHead();
        }
        catch (Exception e) when (e is SqliteException or BlockStoreCorruptException)
        {
            Dispose();
            if (e is SqliteException sqlite && !IsDamage(sqlite))
            {
                throw new IOException($"The block store cannot be opened: {e.Message}", e);
            }
            throw e as BlockStoreCorruptException ?? new BlockStoreCorruptException(0, e.Message, e);
        }
    }

    /// <inheritdoc/>
    public long Height => Interlocked.Read(ref height);

    /// <inheritdoc/>
    public void Write(StoredBlock block, BatchVerdict? effects)
    {
        // A block is a large object, and a new array for each would never be at rest in memory.
        var rented = new List<byte[]>();
        Write(BlockRow.From(block, effects, size =>
        {
            rented.Add(ArrayPool<byte>.Shared.Rent(size));
            return rented[^1].AsMemory(0, size);
        }));
        rented.ForEach(array => ArrayPool<byte>.Shared.Return(array));
    }

    private void Write(BlockRow row)
    {
        lock (writing)
        {
            using var transaction = writer.BeginTransaction();
            Execute("INSERT OR REPLACE INTO blocks VALUES ($height, $first, $size, $header, $sealed, $rejected, $frontier, $entries, $sidecars, $checksum)", p =>
            {
                p.AddWithValue("$height", row.Height);
                p.AddWithValue("$first", row.First);
                p.AddWithValue("$size", row.Size);
                p.AddWithValue("$header", row.Header);
                p.AddWithValue("$sealed", row.Sealed);
                p.AddWithValue("$rejected", row.Rejected);
                p.AddWithValue("$frontier", row.Frontier);
                AddBlob(p, "$entries", row.Entries);
                AddBlob(p, "$sidecars", row.Sidecars);
                p.AddWithValue("$checksum", row.Checksum);
            });
            if (!row.Effects.IsEmpty)
            {
                Execute("INSERT OR REPLACE INTO effects VALUES ($height, $effects, $checksum)", p =>
                {
                    p.AddWithValue("$height", row.Height);
                    AddBlob(p, "$effects", row.Effects);
                    p.AddWithValue("$checksum", row.SummaryChecksum);
                });
            }
            else
            {
                Execute("DELETE FROM effects WHERE height = $height", p => p.AddWithValue("$height", row.Height));
            }
            if (row.Height > Height)
            {
                Execute("UPDATE head SET height = $height", p => p.AddWithValue("$height", row.Height));
            }
            transaction.Commit();
            Interlocked.Exchange(ref height, Math.Max(Height, row.Height));
        }
    }

    /// <inheritdoc/>
    public StoredBlock? Read(long at) => at < 1 || at > Height ? null : Whole(at, () =>
    {
        using var reader = new SqliteConnection(connection);
        reader.Open();
        using var select = reader.CreateCommand();
        select.CommandText = "SELECT height, first, size, header, sealed, rejected, frontier, entries, sidecars, blocks.checksum, effects.effects, effects.checksum "
            + "FROM blocks LEFT JOIN effects USING (height) WHERE height = $height";
        select.Parameters.AddWithValue("$height", at);
        using var rows = select.ExecuteReader();
        return rows.Read() ? RowOf(rows).ToBlock(at) : throw new BlockStoreCorruptException(at, "the row is missing");
    });

    /// <inheritdoc/>
    public IEnumerable<BlockSummary?> ReadSummaries(long from)
    {
        using var reader = new SqliteConnection(connection);
        using var select = reader.CreateCommand();
        select.CommandText = "SELECT height, first, size, header, x'', rejected, frontier, x'', x'', x'', effects.effects, effects.checksum "
            + "FROM blocks LEFT JOIN effects USING (height) WHERE height >= $from ORDER BY height";
        select.Parameters.AddWithValue("$from", from);
        using var rows = Whole(from, () =>
        {
            reader.Open();
            return select.ExecuteReader();
        });
        var row = Whole(from, () => Next(rows));
        for (var at = from; at <= Height; at++)
        {
            if (row?.Height == at)
            {
                yield return row.ToSummary();
                row = Whole(at + 1, () => Next(rows));
            }
            else
            {
                yield return null;
            }
        }
    }

    private static BlockRow? Next(SqliteDataReader rows) => rows.Read() ? RowOf(rows) : null;

    private static T Whole<T>(long at, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException)
        {
            throw new BlockStoreCorruptException(at, e.Message, e);
        }
    }

    /// <summary>The height of the block that holds an entry; 0 when it is not sealed here.</summary>
    public long HeightOf(long seq)
    {
        using var reader = new SqliteConnection(connection);
        reader.Open();
        using var select = reader.CreateCommand();
        select.CommandText = "SELECT height FROM blocks WHERE size >= $seq ORDER BY size, height LIMIT 1";
        select.Parameters.AddWithValue("$seq", seq);
        return select.ExecuteScalar() as long? ?? 0;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        writer.Dispose();
        using var pool = new SqliteConnection(connection);
        SqliteConnection.ClearPool(pool);
    }

    // The head stands apart from the rows: otherwise a lost last row would look like a shorter chain.
    private long ReadHead()
    {
        using var select = writer.CreateCommand();
        select.CommandText = "SELECT (SELECT height FROM head), (SELECT coalesce(max(height), 0) FROM blocks)";
        using var row = select.ExecuteReader();
        _ = row.Read();
        var (stated, held) = (row.GetInt64(0), row.GetInt64(1));
        return held <= stated ? stated : throw new BlockStoreCorruptException(stated, $"the head says {stated}, the rows reach {held}");
    }

    // SQLite's codes for a full disk, a lock, missing rights or memory, and I/O other than a read that failed (266, 522): the stored bytes may be whole.
    private static bool IsDamage(SqliteException e) =>
        e.SqliteErrorCode is not (3 or 5 or 6 or 7 or 8 or 13 or 14) && (e.SqliteErrorCode != 10 || e.SqliteExtendedErrorCode is 266 or 522);

    private void Execute(string sql, Action<SqliteParameterCollection>? bind = null)
    {
        using var command = writer.CreateCommand();
        command.CommandText = sql;
        bind?.Invoke(command.Parameters);
        command.ExecuteNonQuery();
    }

    private static BlockRow RowOf(SqliteDataReader r) => new(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), (byte[])r[3], (byte[])r[4],
        (byte[])r[5], (byte[])r[6], (byte[])r[7], (byte[])r[8], (byte[])r[9], r[10] as byte[], r[11] as byte[] ?? []);

    // A parameter takes an array and says how much of it counts.
    private static void AddBlob(SqliteParameterCollection parameters, string name, ReadOnlyMemory<byte> bytes)
    {
        var whole = MemoryMarshal.TryGetArray(bytes, out var array) && array.Offset == 0 ? array.Array! : bytes.ToArray();
        parameters.Add(name, SqliteType.Blob, bytes.Length).Value = whole;
    }
}
