using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Bench;

/// <summary>The floor of an append: one connection, one prepared batch a transaction, one round trip, no check, no order, no hash of content.</summary>
internal sealed class RawInsert : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlBatch batch;
    private long seq;

    private RawInsert(NpgsqlConnection connection)
    {
        this.connection = connection;
        batch = new(connection);
        Add("insert into mt_streams (id, version, timestamp, created) select id, 1, $2, $2 from unnest($1) n(id)",
            Many(NpgsqlDbType.Varchar), NpgsqlDbType.TimestampTz);
        Add("""
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            select $1 + n.no, n.id, n.stream, 1, n.data, 'submission_accepted', $5 from unnest($2, $3, $4) with ordinality n(id, stream, data, no)
            """, NpgsqlDbType.Bigint, Many(NpgsqlDbType.Uuid), Many(NpgsqlDbType.Varchar), Many(NpgsqlDbType.Jsonb), NpgsqlDbType.TimestampTz);
        Add("insert into ledger_entries (seq, actor, leaf) select $1 + n.no, 'urn:source:bench', n.leaf from unnest($2) with ordinality n(leaf, no)",
            NpgsqlDbType.Bigint, Many(NpgsqlDbType.Bytea));
        Add("insert into ledger_uniques (kind, key, seq) select 1, n.key, $1 + n.no from unnest($2) with ordinality n(key, no)",
            NpgsqlDbType.Bigint, Many(NpgsqlDbType.Bytea));

        void Add(string sql, params NpgsqlDbType[] types)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var type in types)
            {
                command.Parameters.Add(new() { NpgsqlDbType = type });
            }
            batch.BatchCommands.Add(command);
        }
    }

    public static async Task<RawInsert> Open(NpgsqlDataSource database)
    {
        var raw = new RawInsert(await database.OpenConnectionAsync());
        await raw.batch.PrepareAsync();
        return raw;
    }

    /// <summary>Events per second.</summary>
    public async Task<double> Run(int perTransaction, byte[] data, TimeSpan lasting)
    {
        var start = Stopwatch.GetTimestamp();
        var before = seq;
        while (Stopwatch.GetElapsedTime(start) < lasting)
        {
            var time = DateTime.UtcNow;
            var ids = Enumerable.Range(0, perTransaction).Select(_ => Guid.NewGuid()).ToArray();
            var streams = Array.ConvertAll(ids, id => string.Create(CultureInfo.InvariantCulture, $"record-{id:n}-0-0"));
            var hashes = Array.ConvertAll(ids, _ => RandomNumberGenerator.GetBytes(32));
            Set(0, streams, time);
            Set(1, seq, ids, streams, Array.ConvertAll(ids, _ => data), time);
            Set(2, seq, hashes);
            Set(3, seq, hashes);
            await batch.ExecuteNonQueryAsync();
            seq += perTransaction;
        }
        return (seq - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await batch.DisposeAsync();
        await connection.DisposeAsync();
    }

    private void Set(int command, params object[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            batch.BatchCommands[command].Parameters[i].Value = values[i];
        }
    }

    private static NpgsqlDbType Many(NpgsqlDbType type) => NpgsqlDbType.Array | type;
}
