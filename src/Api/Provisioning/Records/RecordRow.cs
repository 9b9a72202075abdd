using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>One record as data users may see it. Whether it is sealed is for the reader to compare.</summary>
public sealed record RecordRow(long Seq, string Stream, long Version, string Iss, string Source, string Format, long FormatVersion, bool HasLifecycle, string Jti,
    string Kid, string Number, string Title, JsonElement Claims, long? Exp, LedgerTime Time, Digest Leaf, JsonElement? Metadata)
{
    /// <summary>What the record says in its claim <c>vct</c>.</summary>
    public string Vct => FormatShape.VctOf(Format, FormatVersion);

    /// <summary>Why it puts an earlier record right; null where it does not.</summary>
    public string? Correction => About("correction");

    /// <summary>When it was captured, in the source's words; null where that was not said.</summary>
    public string? Captured => About("captured");

    /// <summary>The columns that reading takes, in its order.</summary>
    internal const string Columns =
        "seq, stream, version, iss, source, format, format_version, lifecycle, jti, kid, number, title, claims, exp, time, leaf, metadata";

    /// <summary>How many columns that are.</summary>
    internal const int ColumnCount = 17;

    internal static RecordRow Read(NpgsqlDataReader row) => Read(row, 0);

    internal static RecordRow Read(NpgsqlDataReader row, int at) => new(row.GetInt64(at), row.GetString(at + 1), row.GetInt64(at + 2), row.GetString(at + 3),
        row.GetString(at + 4), row.GetString(at + 5), row.GetInt64(at + 6), row.GetBoolean(at + 7), row.GetString(at + 8), row.GetString(at + 9), row.GetString(at + 10),
        row.GetString(at + 11), Json(row, at + 12), row.IsDBNull(at + 13) ? null : row.GetInt64(at + 13), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(at + 14)),
        new(row.GetFieldValue<byte[]>(at + 15)), row.IsDBNull(at + 16) ? null : Json(row, at + 16));

    private string? About(string claim) => Metadata is { } metadata && metadata.TryGetProperty(claim, out var said) ? ProjectedRecord.Text(said) : null;

    private static JsonElement Json(NpgsqlDataReader row, int column)
    {
        using var document = JsonDocument.Parse(row.GetString(column));
        return document.RootElement.Clone();
    }
}

/// <summary>A change of status of a stream.</summary>
/// <param name="Seq">Place of its entry.</param>
/// <param name="Change">valid, suspended or revoked.</param>
/// <param name="Reason">In the source's words.</param>
/// <param name="Time">Time of its entry.</param>
public sealed record ChangeRow(long Seq, string Change, string? Reason, LedgerTime Time);

/// <summary>A registered source.</summary>
public sealed record SourceRow(string Iss, string Name, string State, long Seq);

/// <summary>A registered key.</summary>
public sealed record KeyRow(Jwk Jwk, long Seq, long? RevokedSeq);

/// <summary>Which records: a range of places (the lower end not included), and what they must be.</summary>
public sealed record RecordRange(long After, long UpTo, string? Format, string? Iss);
