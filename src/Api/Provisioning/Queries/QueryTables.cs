using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EventLedger.Api.Provisioning.Records;
using Npgsql;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>One row of an answer: a record, and with a join the one that belongs to it.</summary>
public readonly record struct QueryRow(RecordRow Record, RecordRow? Joined);

/// <summary>Runs queries on the tables of the projection.</summary>
public sealed class QueryTables(NpgsqlDataSource database)
{
    // A question that reads for longer than this is put too widely; the next one waits for the same cores.
    private const int SecondsMax = 20, TotalsMax = 1000;

    // Up to a sealed size nothing changes any more, so what was counted once stays true.
    private readonly ConcurrentDictionary<(string Question, long Size), long> totals = [];

    /// <summary>Rows of one page.</summary>
    public async Task<IReadOnlyList<QueryRow>> Page(RecordQuery query, long size, CancellationToken cancellation)
    {
        await using var near = QuerySql.Near(query, size, query.Limit);
        if (near is not null && await Rows(query, near, cancellation).ToListAsync(cancellation) is var rows && rows.Count == query.Limit)
        {
            return rows;
        }
        return await Rows(query, size, query.Limit, cancellation).ToListAsync(cancellation);
    }

    /// <summary>All rows, read while they are sent.</summary>
    public IAsyncEnumerable<QueryRow> All(RecordQuery query, long size, CancellationToken cancellation) => Rows(query with { After = null }, size, null, cancellation);

    /// <summary>How many rows there are, exactly.</summary>
    public async Task<long> Total(RecordQuery query, long size, CancellationToken cancellation)
    {
        await using var command = QuerySql.Count(query, size);
        var question = command.CommandText + string.Concat(command.Parameters.Select(p => $"\0{p.Value}"));
        if (totals.TryGetValue((question, size), out var known))
        {
            return known;
        }
        await using var connection = await database.OpenConnectionAsync(cancellation);
        (command.Connection, command.CommandTimeout) = (connection, SecondsMax);
        var total = (long)(await command.ExecuteScalarAsync(cancellation))!;
        if (totals.Count >= TotalsMax)
        {
            totals.Clear();
        }
        totals[(question, size)] = total;
        return total;
    }

    /// <summary>Whether a failure says that a question reads for too long.</summary>
    public static bool IsTooWide(NpgsqlException error) => error.InnerException is TimeoutException || error is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };

    private async IAsyncEnumerable<QueryRow> Rows(RecordQuery query, long size, int? limit, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var count = 0;
        if (query.After?.Value != Cursor.Without)
        {
            await using var command = QuerySql.Rows(query, size, limit);
            await foreach (var row in Rows(query, command, cancellation))
            {
                count++;
                yield return row;
            }
        }
        if (query.Order?.Field is not null && (limit is null || count < limit))
        {
            await using var command = QuerySql.Last(query, size, limit - count);
            await foreach (var row in Rows(query, command, cancellation))
            {
                yield return row;
            }
        }
    }

    private async IAsyncEnumerable<QueryRow> Rows(RecordQuery query, NpgsqlCommand command, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        command.Connection = connection;
        // Of an export it is the silence between two rows that is limited, which is what the reader waits for.
        command.CommandTimeout = SecondsMax;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return new(RecordRow.Read(reader), query.Join is null ? null : RecordRow.Read(reader, RecordRow.ColumnCount));
        }
    }
}
