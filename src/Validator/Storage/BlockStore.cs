using System.Buffers.Binary;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using Microsoft.Data.Sqlite;

namespace EventLedger.Validator.Storage;

/// <summary>
/// All sealed blocks in one SQLite file, one row and one flush for each. Every row carries a checksum over all its columns, which
/// is compared whenever the row is read.
/// </summary>
public sealed class BlockStore : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS blocks(
            height INTEGER PRIMARY KEY, first INTEGER NOT NULL, size INTEGER NOT NULL, header BLOB NOT NULL, sealed BLOB NOT NULL,
            rejected BLOB NOT NULL, frontier BLOB NOT NULL, entries BLOB NOT NULL, sidecars BLOB NOT NULL, checksum BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS blocks_by_size ON blocks(size, height);
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

    /// <summary>Height of the newest block; 0 when there is none.</summary>
    public long Height => Interlocked.Read(ref height);

    /// <summary>Stores the next block, or replaces a damaged one; returns when it is on disk.</summary>
    public void Write(StoredBlock block)
    {
        var row = Row.From(block);
        lock (writing)
        {
            using var transaction = writer.BeginTransaction();
            using var insert = writer.CreateCommand();
            insert.CommandText = "INSERT OR REPLACE INTO blocks VALUES ($height, $first, $size, $header, $sealed, $rejected, $frontier, $entries, $sidecars, $checksum)";
            row.Bind(insert);
            insert.ExecuteNonQuery();
            if (block.Height > Height)
            {
                Execute($"UPDATE head SET height = {block.Height}");
            }
            transaction.Commit();
            Interlocked.Exchange(ref height, Math.Max(Height, block.Height));
        }
    }

    /// <summary>Reads one block; null above the head. Throws <see cref="BlockStoreCorruptException"/> when the row is missing or damaged.</summary>
    public StoredBlock? Read(long at)
    {
        if (at < 1 || at > Height)
        {
            return null;
        }
        try
        {
            using var reader = new SqliteConnection(connection);
            reader.Open();
            using var select = reader.CreateCommand();
            select.CommandText = "SELECT height, first, size, header, sealed, rejected, frontier, entries, sidecars, checksum FROM blocks WHERE height = $height";
            select.Parameters.AddWithValue("$height", at);
            using var rows = select.ExecuteReader();
            return rows.Read() ? Row.From(rows).ToBlock(at) : throw new BlockStoreCorruptException(at, "the row is missing");
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

    private void Execute(string sql)
    {
        using var command = writer.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed record Row(long Height, long First, long Size, byte[] Header, byte[] Sealed, byte[] Rejected, byte[] Frontier, byte[] Entries, byte[] Sidecars, byte[] Checksum)
    {
        public static Row From(StoredBlock b)
        {
            var frontier = new byte[Digest.SizeBytes * b.Frontier.Count];
            for (var i = 0; i < b.Frontier.Count; i++)
            {
                b.Frontier[i].CopyTo(frontier.AsSpan(i * Digest.SizeBytes));
            }
            var row = new Row(b.Height, b.First, b.Size, b.Header.ToArray(), b.Commit.ToArray(), b.Rejected.ToArray(), frontier,
                Packed.Pack(b.Entries), Packed.Pack(b.Sidecars), []);
            return row with { Checksum = row.Sum() };
        }

        public static Row From(SqliteDataReader r) => new(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), (byte[])r[3], (byte[])r[4],
            (byte[])r[5], (byte[])r[6], (byte[])r[7], (byte[])r[8], (byte[])r[9]);

        public void Bind(SqliteCommand command)
        {
            var p = command.Parameters;
            p.AddWithValue("$height", Height);
            p.AddWithValue("$first", First);
            p.AddWithValue("$size", Size);
            p.AddWithValue("$header", Header);
            p.AddWithValue("$sealed", Sealed);
            p.AddWithValue("$rejected", Rejected);
            p.AddWithValue("$frontier", Frontier);
            p.AddWithValue("$entries", Entries);
            p.AddWithValue("$sidecars", Sidecars);
            p.AddWithValue("$checksum", Checksum);
        }

        public StoredBlock ToBlock(long at)
        {
            var (entries, sidecars) = (Packed.TryUnpack(Entries), Packed.TryUnpack(Sidecars));
            if (entries is null || sidecars is null || sidecars.Length != entries.Length)
            {
                throw new BlockStoreCorruptException(at, "its entries cannot be read");
            }
            var frontier = new Digest[Frontier.Length / Digest.SizeBytes];
            for (var i = 0; i < frontier.Length; i++)
            {
                frontier[i] = new(Frontier.AsSpan(i * Digest.SizeBytes, Digest.SizeBytes));
            }
            var block = new StoredBlock(Height, First, Size, Header, Sealed, entries, sidecars, Rejected, frontier);
            return Height == at && Sum().AsSpan().SequenceEqual(Checksum) ? block : throw new BlockStoreCorruptException(at, "its checksum does not match") { Found = block };
        }

        private byte[] Sum()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> number = stackalloc byte[8];
            ReadOnlySpan<long> numbers = [Height, First, Size, Header.Length, Sealed.Length, Rejected.Length, Frontier.Length, Entries.Length, Sidecars.Length];
            foreach (var n in numbers)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, n);
                hash.AppendData(number);
            }
            hash.AppendData(Header);
            hash.AppendData(Sealed);
            hash.AppendData(Rejected);
            hash.AppendData(Frontier);
            hash.AppendData(Entries);
            hash.AppendData(Sidecars);
            return hash.GetHashAndReset();
        }
    }
}
