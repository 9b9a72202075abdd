using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>Everything that an answer about one number takes, read in one round trip.</summary>
/// <param name="Sealed">The newest sealed record of each stream with its block.</param>
/// <param name="Waiting">The newest record of each stream that waits for its seal.</param>
/// <param name="Changes">Changes of status by stream.</param>
/// <param name="Linked">Records of formats without a life cycle that name the number; at most 500.</param>
public sealed record LicenceRows(
    IReadOnlyList<(RecordRow Row, long Height, LedgerTime Time)> Sealed, IReadOnlyList<RecordRow> Waiting, ILookup<string, ChangeRow> Changes, IReadOnlyList<RecordRow> Linked);

/// <summary>Reads licences by their number. It is what is asked most, so the statements stay prepared on every connection.</summary>
public sealed class LicenceTables(NpgsqlDataSource database)
{
    /// <summary>All about a number as of a size.</summary>
    public async Task<LicenceRows> Read(string number, long size, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(Statement.Text("licence")) { Parameters = { new NpgsqlParameter<string> { TypedValue = number }, new NpgsqlParameter<long> { TypedValue = size } } },
                new(Statement.Text("licence_changes")) { Parameters = { new NpgsqlParameter<string> { TypedValue = number } } },
                new(Statement.Text("linked")) { Parameters = { new NpgsqlParameter<string> { TypedValue = number } } },
            },
        };
        await batch.PrepareAsync(cancellation);
        await using var rows = await batch.ExecuteReaderAsync(cancellation);
        var (isSealed, waiting) = (new List<(RecordRow, long, LedgerTime)>(), new List<RecordRow>());
        while (await rows.ReadAsync(cancellation))
        {
            var row = RecordRow.Read(rows);
            if (row.Seq > size)
            {
                waiting.Add(row);
            }
            else if (!rows.IsDBNull(RecordRow.ColumnCount))
            {
                isSealed.Add((row, rows.GetInt64(RecordRow.ColumnCount), LedgerTime.From(rows.GetFieldValue<DateTimeOffset>(RecordRow.ColumnCount + 1))));
            }
        }
        var changes = new List<(string Stream, ChangeRow Change)>();
        await rows.NextResultAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            changes.Add((rows.GetString(0), new(rows.GetInt64(1), rows.GetString(2), rows.IsDBNull(3) ? null : rows.GetString(3),
                LedgerTime.From(rows.GetFieldValue<DateTimeOffset>(4)))));
        }
        var linked = new List<RecordRow>();
        await rows.NextResultAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            linked.Add(RecordRow.Read(rows));
        }
        return new(isSealed, waiting, changes.ToLookup(c => c.Stream, c => c.Change), linked);
    }
}
