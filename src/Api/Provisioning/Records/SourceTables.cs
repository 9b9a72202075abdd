using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>A source with its first and last record.</summary>
public sealed record SourceCardRow(string Iss, string Name, string State, long Seq, (long Seq, LedgerTime Time)? First, (long Seq, LedgerTime Time)? Last);

/// <summary>A key of a source.</summary>
/// <param name="Kid">Its thumbprint.</param>
/// <param name="Purpose">What it signs.</param>
/// <param name="Registered">Place of the entry that registered it.</param>
/// <param name="Revoked">Place of the entry that ended it; null while it stands.</param>
public sealed record SourceKeyView(string Kid, string Purpose, long Registered, long? Revoked);

/// <summary>How many records of a format a source has entered.</summary>
public sealed record SourceFormatView(string Format, long Records);

/// <summary>Reads what is known of sources.</summary>
public sealed class SourceTables(NpgsqlDataSource database)
{
    /// <summary>A source by the SHA-256 of its URI; null when there is none.</summary>
    public async Task<SourceCardRow?> Card(Digest id, CancellationToken cancellation) => (await Statement.Read(database, "source_card",
        row => new SourceCardRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), Entered(row, 4), Entered(row, 6)), cancellation, id.ToString())).FirstOrDefault();

    /// <summary>Its keys, oldest first.</summary>
    public Task<List<SourceKeyView>> Keys(string iss, CancellationToken cancellation) => Statement.Read(database, "source_keys",
        row => new SourceKeyView(row.GetString(0), row.GetString(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3)), cancellation, iss);

    /// <summary>What it has entered.</summary>
    public Task<List<SourceFormatView>> Formats(string iss, CancellationToken cancellation) =>
        Statement.Read(database, "source_formats", row => new SourceFormatView(row.GetString(0), row.GetInt64(1)), cancellation, iss);

    private static (long, LedgerTime)? Entered(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : (row.GetInt64(at), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(at + 1)));
}
