using Npgsql;
using NpgsqlTypes;

namespace EventLedger.EventStore.Postgres;

/// <summary>One connection with the prepared call that writes a group.</summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlCommand append;

    private AppendCommand(NpgsqlConnection connection)
    {
        this.connection = connection;
        append = new(Sql.Text("Postgres.Sql", "append"), connection);
        foreach (var type in (ReadOnlySpan<NpgsqlDbType>)[
            NpgsqlDbType.Bigint, NpgsqlDbType.TimestampTz,
            Many(NpgsqlDbType.Uuid), Many(NpgsqlDbType.Varchar), Many(NpgsqlDbType.Bigint), Many(NpgsqlDbType.Varchar), Many(NpgsqlDbType.TimestampTz),
            Many(NpgsqlDbType.Jsonb), Many(NpgsqlDbType.Text), Many(NpgsqlDbType.Bytea),
            Many(NpgsqlDbType.Varchar), Many(NpgsqlDbType.Bigint), Many(NpgsqlDbType.Bigint), Many(NpgsqlDbType.TimestampTz), Many(NpgsqlDbType.TimestampTz),
            Many(NpgsqlDbType.Bigint), Many(NpgsqlDbType.Bytea),
            Many(NpgsqlDbType.Smallint), Many(NpgsqlDbType.Bytea), Many(NpgsqlDbType.Bigint)])
        {
            append.Parameters.Add(new() { NpgsqlDbType = type });
        }
    }

    public static async Task<AppendCommand> Open(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            // An append is acknowledged after it is on disk, whatever the server's default says.
            await using var set = new NpgsqlCommand("set synchronous_commit = on", connection);
            await set.ExecuteNonQueryAsync(cancellation);
            var command = new AppendCommand(connection);
            await command.append.PrepareAsync(cancellation);
            return command;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<Head> Head(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Postgres.Sql", "head"), connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new(row.GetInt64(0), Rows.Time(row, 1));
    }

    /// <summary>Whether the whole group stands where it was meant to.</summary>
    public async Task<bool> Holds(Group group, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Postgres.Sql", "holds"), connection);
        command.Parameters.Add(new() { Value = group.Before.Seq });
        command.Parameters.Add(new() { Value = group.Entries.ConvertAll(e => e.Leaf.ToArray()), NpgsqlDbType = Many(NpgsqlDbType.Bytea) });
        return (long)(await command.ExecuteScalarAsync(cancellation))! == group.Entries.Count;
    }

    public async Task<Written> Write(Group group, CancellationToken cancellation)
    {
        var n = 0;
        Set(group.Before.Seq);
        Set(group.After.Time.Moment.UtcDateTime);
        Set(group.Ids);
        Set(group.Entries.ConvertAll(e => e.Entry.Stream));
        Set(group.Entries.ConvertAll(e => e.Entry.Version));
        Set(group.Entries.ConvertAll(e => e.Entry.Type));
        Set(group.Entries.ConvertAll(e => e.Entry.Time.Moment.UtcDateTime));
        Set(group.Entries.ConvertAll(e => e.Entry.Data));
        Set(group.Entries.ConvertAll(e => e.Entry.Actor));
        Set(group.Entries.ConvertAll(e => e.Leaf.ToArray()));
        Set(group.Streams.ConvertAll(s => s.Stream));
        Set(group.Streams.ConvertAll(s => s.From));
        Set(group.Streams.ConvertAll(s => s.To));
        Set(group.Streams.ConvertAll(s => s.First.Moment.UtcDateTime));
        Set(group.Streams.ConvertAll(s => s.Last.Moment.UtcDateTime));
        Set(group.Sidecars.ConvertAll(s => s.Seq));
        Set(group.Sidecars.ConvertAll(s => s.Bytes));
        Set(group.Uniques.ConvertAll(u => (short)u.Key.Kind));
        Set(group.Uniques.ConvertAll(u => u.Key.Key.ToArray()));
        Set(group.Uniques.ConvertAll(u => u.Seq));

        await using var row = await append.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var head = new Head(row.GetInt64(1), Rows.Time(row, 2));
        if (row.GetBoolean(0))
        {
            // What comes after the row is the word that it was committed.
            while (await row.NextResultAsync(cancellation))
            {
            }
            return new Written.Whole();
        }
        return head.Seq != group.Before.Seq ? new Written.HeadMoved(head) : new Written.Conflicts(Named(row, 3), Named(row, 5));

        void Set(object value) => append.Parameters[n++].Value = value;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static (int No, long Value)[] Named(NpgsqlDataReader row, int column) => row.IsDBNull(column)
        ? []
        : [.. row.GetFieldValue<long[]>(column).Zip(row.GetFieldValue<long[]>(column + 1), (no, value) => ((int)no - 1, value))];

    private static NpgsqlDbType Many(NpgsqlDbType type) => NpgsqlDbType.Array | type;
}
