using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>One record as data users may see it. Whether it is sealed is for the reader to compare.</summary>
public sealed record RecordRow(long Seq, string Stream, long Version, string Iss, string Source, string Format, long FormatVersion, bool HasLifecycle, string Jti,
    string Kid, string Number, string Title, JsonElement Claims, long? Exp, LedgerTime Time, Digest Leaf)
{
    /// <summary>What the record says in its claim <c>vct</c>.</summary>
    public string Vct => FormatShape.VctOf(Format, FormatVersion);

    internal static RecordRow Read(NpgsqlDataReader row)
    {
        using var claims = JsonDocument.Parse(row.GetString(12));
        return new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6), row.GetBoolean(7),
            row.GetString(8), row.GetString(9), row.GetString(10), row.GetString(11), claims.RootElement.Clone(), row.IsDBNull(13) ? null : row.GetInt64(13),
            LedgerTime.From(row.GetFieldValue<DateTimeOffset>(14)), new(row.GetFieldValue<byte[]>(15)));
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
