using System.Collections.Concurrent;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>Reads what <see cref="RecordsProjection"/> keeps.</summary>
public sealed class RecordTables(NpgsqlDataSource database)
{
    private readonly ConcurrentDictionary<string, FormatShape> formats = new(StringComparer.Ordinal);

    /// <summary>One record; null when the entry is none, or was rejected.</summary>
    public async Task<RecordRow?> Record(long seq, CancellationToken cancellation) => (await Read("record", RecordRow.Read, cancellation, seq)).FirstOrDefault();

    /// <summary>The record with a leaf hash.</summary>
    public async Task<RecordRow?> Record(Digest leaf, CancellationToken cancellation) =>
        (await Read("record_by_leaf", RecordRow.Read, cancellation, leaf.ToArray())).FirstOrDefault();

    /// <summary>Records of a range in log order.</summary>
    public async Task<IReadOnlyList<RecordRow>> Page(RecordRange range, int limit, CancellationToken cancellation) =>
        await Read("page", RecordRow.Read, cancellation, range.After, range.UpTo, range.Format, range.Iss, (long)limit);

    /// <summary>How many there are in a range, exactly.</summary>
    public async Task<long> Total(RecordRange range, CancellationToken cancellation) =>
        (await Read("total", row => row.GetInt64(0), cancellation, range.After, range.UpTo, range.Format, range.Iss))[0];

    /// <summary>The newest record of each stream that has this number, as of a size; at most 50.</summary>
    public async Task<IReadOnlyList<RecordRow>> ByNumber(string number, long size, CancellationToken cancellation) =>
        await Read("by_number", RecordRow.Read, cancellation, number, size);

    /// <summary>Records of formats without a life cycle that name a number in one of these fields, as of a size; at most 500.</summary>
    public async Task<IReadOnlyList<RecordRow>> Linked(IReadOnlyList<string> fields, string number, long size, CancellationToken cancellation) =>
        await Read("linked", RecordRow.Read, cancellation, fields.ToArray(), number, size);

    /// <summary>All records of a stream.</summary>
    public async Task<IReadOnlyList<RecordRow>> Versions(string stream, CancellationToken cancellation) => await Read("versions", RecordRow.Read, cancellation, stream);

    /// <summary>All changes of status of a stream.</summary>
    public async Task<IReadOnlyList<ChangeRow>> Changes(string stream, CancellationToken cancellation) => await Read(
        "changes", row => new ChangeRow(row.GetInt64(0), row.GetString(1), Text(row, 2), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(3))), cancellation, stream);

    /// <summary>A source.</summary>
    public async Task<SourceRow?> Source(string iss, CancellationToken cancellation) => (await Read(
        "source", row => new SourceRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3)), cancellation, iss)).FirstOrDefault();

    /// <summary>A key by its thumbprint.</summary>
    public async Task<KeyRow?> Key(string kid, CancellationToken cancellation) => (await Read("key", ReadKey, cancellation, kid)).FirstOrDefault();

    /// <summary>A format by its <c>vct</c>. Definitions never change, so each is read once.</summary>
    public async Task<FormatShape> Format(string vct, CancellationToken cancellation)
    {
        if (!formats.ContainsKey(vct))
        {
            await LoadFormats(cancellation);
        }
        return formats.TryGetValue(vct, out var format) ? format : throw new InvalidDataException($"A record names format {vct}, which the tables do not hold.");
    }

    /// <summary>The fields that name licences: first key fields of formats with a life cycle.</summary>
    public async Task<IReadOnlyList<string>> LicenceFields(CancellationToken cancellation)
    {
        await LoadFormats(cancellation);
        return [.. formats.Values.Where(f => f.HasLifecycle).Select(f => f.Key[0]).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Place of the entry that registered a format.</summary>
    public async Task<long?> FormatSeq(string vct, CancellationToken cancellation) =>
        (await Read("format_seq", row => (long?)row.GetInt64(0), cancellation, vct)).FirstOrDefault();

    /// <summary>Entries of a status list that are not VALID, as of a size.</summary>
    public async Task<IReadOnlyList<(int Index, int Value)>> StatusValues(string uri, long size, CancellationToken cancellation) =>
        await Read("status_values", row => ((int)row.GetInt64(0), row.GetBoolean(1) ? 1 : 2), cancellation, uri, size);

    private async Task LoadFormats(CancellationToken cancellation)
    {
        foreach (var text in await Read("formats", row => row.GetString(0), cancellation))
        {
            using var definition = JsonDocument.Parse(text);
            var format = new FormatShape(definition.RootElement);
            formats[format.Vct] = format;
        }
    }

    private static KeyRow ReadKey(NpgsqlDataReader row)
    {
        using var json = JsonDocument.Parse(row.GetString(0));
        return Jwk.TryParse(json.RootElement, out var jwk)
            ? new(jwk, row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2))
            : throw new InvalidDataException("The tables hold a key that is none.");
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private async Task<List<T>> Read<T>(string statement, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(Statement.Text(statement), connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }
        return rows;
    }
}
