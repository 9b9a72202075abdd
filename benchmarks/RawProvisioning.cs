using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Bench;

/// <summary>
/// The floor of the projection <c>provisioning</c>: reads the same rows, reads their JWTs, and upserts the same two tables in batches, by hand. It knows
/// the one format there is, checks nothing, notes no progress and asks nobody whether another host works too.
/// </summary>
internal static class RawProvisioning
{
    private const long Batch = 2_000;

    // PostgreSQL hands the JWT out of the entry's data.
    private const string Select = """
        select e.seq_id, e.stream_id, e.version, e.timestamp, e.data ->> 'record', l.leaf from mt_events e join ledger_entries l on l.seq = e.seq_id
        where e.seq_id >= $1 and e.seq_id < $1 + $2 and e.type = 'submission_accepted' order by e.seq_id
        """;

    /// <summary>Folds the log up to an entry into empty tables of a schema.</summary>
    public static async Task Run(NpgsqlDataSource database, string schema, long size)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using (var use = new NpgsqlCommand($"set search_path = {schema}, public", connection))
        {
            await use.ExecuteNonQueryAsync();
        }
        for (var from = 1L; from <= size; from += Batch)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var columns = new Columns();
            await using (var read = new NpgsqlCommand(Select, connection) { Parameters = { new() { Value = from }, new() { Value = Batch } } })
            {
                await using var rows = await read.ExecuteReaderAsync();
                while (await rows.ReadAsync())
                {
                    columns.Add(rows);
                }
            }
            await columns.Write(connection);
            await transaction.CommitAsync();
        }
    }

    private sealed class Columns
    {
        private const string PutRecords = """
            insert into records (seq, stream, version, iss, format, format_version, lifecycle, jti, kid, number, title, claims, time, leaf)
            select seq, stream, version, iss, 'reading', 1, false, jti, kid, number, title, claims, time, leaf
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) n(seq, stream, version, iss, jti, kid, number, title, claims, time, leaf)
            on conflict (seq) do nothing
            """;

        private const string PutCounts = """
            insert into counts as c (format, iss, records) select 'reading', * from unnest($1, $2)
            on conflict (format, iss) do update set records = c.records + excluded.records
            """;

        private readonly List<long> seqs = [], versions = [];
        private readonly List<string> streams = [], issuers = [], jtis = [], kids = [], numbers = [], titles = [], claims = [];
        private readonly List<DateTime> times = [];
        private readonly List<byte[]> leaves = [];
        private readonly Dictionary<string, long> counts = [];

        public void Add(NpgsqlDataReader row)
        {
            seqs.Add(row.GetInt64(0));
            streams.Add(row.GetString(1));
            versions.Add(row.GetInt64(2));
            times.Add(row.GetDateTime(3));
            leaves.Add(row.GetFieldValue<byte[]>(5));
            var jwt = row.GetString(4).Split('.');
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(jwt[0]));
            kids.Add(header.RootElement.GetProperty("kid").GetString()!);
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(jwt[1]));
            var iss = payload.RootElement.GetProperty("iss").GetString()!;
            issuers.Add(iss);
            counts[iss] = counts.GetValueOrDefault(iss) + 1;
            jtis.Add(payload.RootElement.GetProperty("jti").GetString()!);
            var device = payload.RootElement.GetProperty("device").GetString()!;
            numbers.Add(device);
            titles.Add($"Reading {device} / {payload.RootElement.GetProperty("number").GetRawText()}");
            claims.Add(Fields(payload.RootElement));
        }

        public async Task Write(NpgsqlConnection connection)
        {
            await using var batch = new NpgsqlBatch(connection);
            Put(PutRecords, seqs, streams, versions, issuers, jtis, kids, numbers, titles,
                new NpgsqlParameter { Value = claims, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb }, times, leaves);
            Put(PutCounts, counts.Keys.ToList(), counts.Values.ToList());
            await batch.ExecuteNonQueryAsync();

            void Put(string sql, params ReadOnlySpan<object> values)
            {
                var command = new NpgsqlBatchCommand(sql);
                foreach (var value in values)
                {
                    command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value });
                }
                batch.BatchCommands.Add(command);
            }
        }

        // Everything that is not of the envelope.
        private static string Fields(JsonElement payload)
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                foreach (var member in payload.EnumerateObject().Where(m => m.Name is not ("iss" or "vct" or "ledger" or "jti" or "iat")))
                {
                    member.WriteTo(writer);
                }
                writer.WriteEndObject();
            }
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
    }
}
