using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>Rows back to values.</summary>
internal static class Rows
{
    /// <summary>Columns: seq_id, stream_id, version, type, timestamp, actor, data, leaf.</summary>
    public static StoredEntry Entry(NpgsqlDataReader row)
    {
        var entry = new Entry(
            row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3), Time(row, 4), row.GetString(5), Canonical(row.GetFieldValue<byte[]>(6)));
        return new(entry, entry.ToBytes(), new(row.GetFieldValue<byte[]>(7)));
    }

    /// <summary>Columns: height, first, size, time, header, commit.</summary>
    public static StoredBlock Block(NpgsqlDataReader row, IReadOnlyList<RejectedEntry> rejected) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), Time(row, 3), row.GetFieldValue<byte[]>(4), row.GetFieldValue<byte[]>(5), rejected);

    public static LedgerTime Time(NpgsqlDataReader row, int column) => LedgerTime.From(row.GetFieldValue<DateTimeOffset>(column));

    // jsonb keeps values but neither the order nor the form they were written in.
    private static byte[] Canonical(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return Jcs.Bytes(document.RootElement);
    }
}
