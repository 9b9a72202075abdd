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
    public async Task<IReadOnlyList<RecordRow>> Page(RecordRange range, int limit, CancellationToken cancellation) => (range.Format, range.Iss) switch
    {
        // A statement for each, because a condition that may be switched off hides the index from the planner.
        (null, null) => await Read("page", RecordRow.Read, cancellation, range.After, range.UpTo, (long)limit),
        (_, null) => await Read("page_format", RecordRow.Read, cancellation, range.After, range.UpTo, (long)limit, range.Format),
        (null, _) => await Read("page_iss", RecordRow.Read, cancellation, range.After, range.UpTo, (long)limit, range.Iss),
        _ => await Read("page_both", RecordRow.Read, cancellation, range.After, range.UpTo, (long)limit, range.Format, range.Iss),
    };

    /// <summary>How many there are in a range, exactly.</summary>
    public async Task<long> Total(RecordRange range, CancellationToken cancellation) =>
        (await Read("total", row => row.GetInt64(0), cancellation, range.After, range.UpTo, range.Format, range.Iss))[0];

    /// <summary>How many versions of records of a format a newer one took the place of, up to a place.</summary>
    public async Task<long> Superseded(string format, string? iss, long upTo, CancellationToken cancellation) =>
        (await Read("superseded", row => row.GetInt64(0), cancellation, upTo, format, iss))[0];

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

    /// <summary>All versions of a format, the newest first; empty when there is none.</summary>
    public async Task<IReadOnlyList<FormatShape>> FormatsOf(string id, CancellationToken cancellation)
    {
        await LoadFormats(cancellation);
        return [.. formats.Values.Where(f => f.Id == id).OrderByDescending(f => f.Version)];
    }

    /// <summary>Every format with all its versions.</summary>
    public async Task<IReadOnlyList<FormatShape>> AllFormats(CancellationToken cancellation)
    {
        await LoadFormats(cancellation);
        return [.. formats.Values.OrderBy(f => f.Id, StringComparer.Ordinal).ThenBy(f => f.Version)];
    }

    /// <summary>Place of the entry that registered a format.</summary>
    public async Task<long?> FormatSeq(string vct, CancellationToken cancellation) =>
        (await Read("format_seq", row => (long?)row.GetInt64(0), cancellation, vct)).FirstOrDefault();

    /// <summary>Entries of a status list that are not VALID, as of a size.</summary>
    public async Task<IReadOnlyList<(int Index, int Value)>> StatusValues(string uri, long size, CancellationToken cancellation) =>
        await Read("status_values", row => ((int)row.GetInt64(0), row.GetBoolean(1) ? 1 : 2), cancellation, uri, size);

    // Definitions never change, so only those that are new are read.
    private async Task LoadFormats(CancellationToken cancellation)
    {
        foreach (var text in await Read("new_formats", row => row.GetString(0), cancellation, (object)formats.Keys.ToArray()))
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

    private Task<List<T>> Read<T>(string statement, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values) =>
        Statement.Read(database, statement, read, cancellation, values);
}
