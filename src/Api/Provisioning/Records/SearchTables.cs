using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>What a text names exactly.</summary>
/// <param name="Kind">block, record, licence or source.</param>
/// <param name="Name">Its height, id, number or source id.</param>
/// <param name="Title">For people.</param>
public sealed record Recognised(string Kind, string Name, string Title);

/// <summary>How far the ledger was sealed at a time.</summary>
public sealed record SealedAt(long Size, long Height, LedgerTime Time);

/// <summary>A record with its block.</summary>
public sealed record SealedRow(RecordRow Row, long Height, LedgerTime Time);

/// <summary>Finds records by words, hashes and times.</summary>
public sealed class SearchTables(NpgsqlDataSource database)
{
    /// <summary>Records that have all the words, newest first.</summary>
    public Task<List<RecordRow>> Search(string words, long size, long before, int limit, CancellationToken cancellation) =>
        Statement.Read(database, "search", RecordRow.Read, cancellation, words, size, before, (long)limit);

    /// <summary>How many of them there are, exactly.</summary>
    public async Task<long> Total(string words, long size, CancellationToken cancellation) =>
        (await Statement.Read(database, "search_total", row => row.GetInt64(0), cancellation, words, size))[0];

    /// <summary>What a text names exactly; often nothing.</summary>
    public Task<List<Recognised>> Recognise(string text, AsOf asOf, CancellationToken cancellation) => Statement.Read(database, "recognise",
        row => new Recognised(row.GetString(0), row.GetString(1), row.GetString(2)), cancellation, text,
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0L,
        Digest.TryParse(text, out var hash) ? hash.ToArray() : Array.Empty<byte>(), asOf.Size, asOf.Height);

    /// <summary>Records whose entry has a hash or that name it; at most 100.</summary>
    public Task<List<SealedRow>> ByHash(Digest hash, long size, CancellationToken cancellation) => Statement.Read(database, "by_hash", Sealed, cancellation, hash.ToArray(), size);

    /// <summary>Records of a range that is sealed, in log order, each with its block.</summary>
    public Task<List<SealedRow>> Between(RecordRange range, int limit, CancellationToken cancellation) =>
        Statement.Read(database, "sealed_between", Sealed, cancellation, range.After, range.UpTo, (long)limit, range.Format);

    /// <summary>The newest block at a time; null before the first.</summary>
    public async Task<SealedAt?> At(LedgerTime time, CancellationToken cancellation) => (await Statement.Read(database, "size_at",
        row => new SealedAt(row.GetInt64(0), row.GetInt64(1), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(2))), cancellation, time.Moment)).FirstOrDefault();

    private static SealedRow Sealed(NpgsqlDataReader row) =>
        new(RecordRow.Read(row), row.GetInt64(RecordRow.ColumnCount), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(RecordRow.ColumnCount + 1)));
}
