using System.Globalization;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.EventStore.Projections;

/// <summary>One set of a projection's tables and how far they are: those that are served, or those that will replace them.</summary>
internal sealed class Build(Projection projection, NpgsqlDataSource database, IEventStore store, string progressName, string schema)
{
    /// <summary>Entries a step folds in at most.</summary>
    public const int BatchMax = 2000;

    private (long From, Task<IReadOnlyList<StoredEntry>> Entries)? ahead;

    public string ProgressName => progressName;

    public string Schema => schema;

    public long Seq { get; private set; }

    /// <summary>The name under which a version's progress stands, as Marten writes it.</summary>
    public static string LiveName(Projection p) => p.Version == 1 ? $"{p.Name}:All" : string.Create(CultureInfo.InvariantCulture, $"{p.Name}:V{p.Version}:All");

    /// <summary>The version that a <see cref="LiveName"/> speaks of.</summary>
    public static int VersionIn(string liveName) =>
        liveName.Split(':') is [_, ['V', .. var number], _] ? int.Parse(number, CultureInfo.InvariantCulture) : 1;

    /// <summary>The name of a rebuild's progress until it takes over.</summary>
    public static string NextName(Projection p) => string.Create(CultureInfo.InvariantCulture, $"{p.Name}:Rebuild{p.Version}:All");

    /// <summary>What one step came to.</summary>
    internal enum Step
    {
        /// <summary>Entries were folded in.</summary>
        Advanced,

        /// <summary>There is nothing more to fold in.</summary>
        AtEnd,

        /// <summary>Another host runs this projection.</summary>
        Elsewhere,

        /// <summary>It has taken an entry for valid that was sealed as rejected since.</summary>
        Stale,

        /// <summary>It has no tables yet, or another host replaced it.</summary>
        Gone,
    }

    /// <summary>Makes empty tables. Those that another host has begun meanwhile are left to grow, unless they are to be made anew.</summary>
    public async Task Create(bool anew, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Scalar(connection, Statement("wait"), cancellation, progressName);
        if (!anew && await Progress(connection, cancellation) is not null)
        {
            return;
        }
        await Execute(connection, Statement("forget"), cancellation, progressName);
        await Scalar(connection, Statement("catalog"), cancellation);
        await Execute(connection, $"drop schema if exists {schema} cascade; create schema {schema}; set local search_path = {schema}, public", cancellation);
        await Execute(connection, projection.Tables, cancellation);
        await Execute(connection, Statement("begin"), cancellation, progressName);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Folds the next batch in.</summary>
    public async Task<Step> Advance(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await Progress(connection, cancellation) is not { } progress)
        {
            return Step.Gone;
        }
        Seq = progress.Seq;
        if (progress.Skipped != progress.Rejected)
        {
            return Step.Stale;
        }
        var entries = await Read(Seq + 1, cancellation);
        if (entries.Count == 0)
        {
            return Step.AtEnd;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var last = entries[^1].Entry;
        // First of all: another host may have folded these entries in since the progress was read.
        if (await Take(connection, last, cancellation) is not { } rejected)
        {
            return Step.Elsewhere;
        }
        var valid = rejected.Count == 0 ? entries : [.. entries.Where(e => !rejected.Contains(e.Entry.Seq))];
        if (valid.Count > 0)
        {
            await projection.Apply(connection, transaction, valid, cancellation);
        }
        if (rejected.Count > 0)
        {
            await Execute(connection, Statement("skip"), cancellation, progressName, (long)rejected.Count);
        }
        await transaction.CommitAsync(cancellation);
        Seq = last.Seq;
        return Step.Advanced;
    }

    /// <summary>Takes the place of what is served, in one transaction; false when that one is further on.</summary>
    public async Task<bool> Replace(Build live, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!(bool)(await Scalar(connection, Statement("lock"), cancellation, live.ProgressName))!
            || !(bool)(await Scalar(connection, Statement("lock"), cancellation, progressName))!
            || await Progress(connection, cancellation) is not { } mine
            || (await live.Progress(connection, cancellation))?.Seq > mine.Seq)
        {
            return false;
        }
        foreach (var old in await Versions(connection, projection, cancellation))
        {
            await Execute(connection, Statement("forget"), cancellation, old);
        }
        await Execute(connection, Statement("rename"), cancellation, progressName, live.ProgressName);
        await Scalar(connection, Statement("catalog"), cancellation);
        await Execute(connection, $"drop schema if exists {live.Schema} cascade; alter schema {schema} rename to {live.Schema}", cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    public async Task<bool> Exists(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await Progress(connection, cancellation) is not null;
    }

    /// <summary>Progress names of all versions that are or were served.</summary>
    public static async Task<List<string>> Versions(NpgsqlConnection connection, Projection projection, CancellationToken cancellation)
    {
        await using var command = Command(connection, Statement("versions"), projection.Name);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var names = new List<string>();
        while (await rows.ReadAsync(cancellation))
        {
            names.Add(rows.GetString(0));
        }
        return names;
    }

    // While one batch is written the next one is read.
    private async Task<IReadOnlyList<StoredEntry>> Read(long from, CancellationToken cancellation)
    {
        var reading = ahead is { } read && read.From == from ? read.Entries : store.ReadAll(from, BatchMax, cancellation);
        ahead = null;
        var entries = await reading;
        ahead = entries.Count == BatchMax ? (from + BatchMax, store.ReadAll(from + BatchMax, BatchMax, cancellation)) : null;
        return entries;
    }

    private async Task<(long Seq, long Skipped, long Rejected)?> Progress(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection, Statement("progress"), progressName);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)) : null;
    }

    // Takes the step up to an entry, in one turn; gives what it must leave out, or null where another host has the projection.
    private async Task<HashSet<long>?> Take(NpgsqlConnection connection, Entry last, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Part("advance", progressName, Seq, last.Seq, last.Time.Moment.UtcDateTime));
        batch.BatchCommands.Add(Part("rejected", Seq + 1, last.Seq));
        // The last: with another search path the one before would be planned anew.
        batch.BatchCommands.Add(Part("settings", $"{schema}, public"));
        await batch.PrepareAsync(cancellation);
        await using var rows = await batch.ExecuteReaderAsync(cancellation);
        var seqs = new HashSet<long>();
        while (await rows.ReadAsync(cancellation))
        {
            seqs.Add(rows.GetInt64(0));
        }
        await rows.NextResultAsync(cancellation);
        return batch.BatchCommands[0].RecordsAffected == 0 ? null : seqs;
    }

    private static string Statement(string name) => Sql.Text("Projections.Sql", name);

    private static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellation);
    }

    private static NpgsqlBatchCommand Part(string name, params object[] values)
    {
        var command = new NpgsqlBatchCommand(Statement(name));
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
