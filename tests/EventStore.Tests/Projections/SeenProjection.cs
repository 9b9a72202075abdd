using EventLedger.Domain.Ledger;
using EventLedger.EventStore.Projections;
using Npgsql;

namespace EventLedger.EventStore.Tests.Projections;

/// <summary>Notes each entry it sees; a second sight would break its key.</summary>
internal sealed class SeenProjection(int version = 1, Func<Entry, Task>? before = null) : Projection
{
    public override string Name => "seen";

    public override int Version => version;

    public override string Tables => "create table seen (seq bigint primary key, stream text not null, version int not null)";

    public override async Task Apply(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<StoredEntry> entries, CancellationToken cancellation)
    {
        foreach (var entry in entries.Select(e => e.Entry))
        {
            await (before?.Invoke(entry) ?? Task.CompletedTask);
            await using var command = new NpgsqlCommand("insert into seen values ($1, $2, $3)", connection, transaction);
            command.Parameters.Add(new() { Value = entry.Seq });
            command.Parameters.Add(new() { Value = entry.Stream });
            command.Parameters.Add(new() { Value = version });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
