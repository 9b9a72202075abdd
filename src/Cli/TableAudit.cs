using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Cli;

/// <summary>What no entry's hash covers: columns that are always the same, rows that belong to no entry, progress, and what records claim for themselves.</summary>
internal sealed class TableAudit(Action<Inconsistency> found)
{
    private const string Where = "postgresql";

    // Each gives the entry, or null where it is about none, and words.
    private static readonly (string What, string Sql)[] Questions =
    [
        ("column-changed", """
            select seq_id, 'mt_events row ' || seq_id || ' has another bdata, tenant_id, mt_dotnet_type, is_archived or fraction of a millisecond than the ledger writes'
            from mt_events where bdata is not null or tenant_id is distinct from '*DEFAULT*' or mt_dotnet_type is not null or is_archived is distinct from false
                or timestamp <> date_trunc('milliseconds', timestamp) order by 1
            """),
        ("column-changed", """
            select null, 'mt_streams row ' || id || ' has another type, tenant_id, is_archived or fraction of a millisecond than the ledger writes'
            from mt_streams where type is not null or tenant_id is distinct from '*DEFAULT*' or is_archived is distinct from false
                or timestamp <> date_trunc('milliseconds', timestamp) or created <> date_trunc('milliseconds', created) order by id
            """),
        ("row-unfounded", "select seq, 'ledger_entries has a row without an event' from ledger_entries l where not exists (select from mt_events where seq_id = l.seq) order by 1"),
        ("row-unfounded", "select seq, 'ledger_sidecars has a row without an event' from ledger_sidecars l where not exists (select from mt_events where seq_id = l.seq) order by 1"),
        ("progress-wrong", """
            select p.last_seq_id, 'mt_event_progression row ' || p.name || ' does not fit the entry that it has reached'
            from mt_event_progression p left join mt_events e on e.seq_id = p.last_seq_id
            where p.last_seq_id > 0 and e.timestamp is distinct from p.last_updated order by p.name
            """),
        ("head-wrong", """
            select h.seq, 'ledger_head ends at ' || h.seq || ', mt_events at ' || coalesce(m.seq, 0)
            from ledger_head h, (select max(seq_id) as seq from mt_events) m where h.seq <> coalesce(m.seq, 0)
            """),
    ];

    private readonly Dictionary<(short Kind, Digest Key), long> claimed = [];

    /// <summary>Notes what a valid record claims.</summary>
    public void Take(CheckedEntry entry)
    {
        if (entry.Record is { } record && Claims.TryRead(record.Payload, out var claims))
        {
            foreach (var unique in claims.Uniques())
            {
                claimed.TryAdd(((short)unique.Kind, unique.Key), entry.Entry.Seq);
            }
        }
    }

    /// <summary>Asks the tables.</summary>
    public async Task Run(NpgsqlConnection connection, long sealedSize, CancellationToken cancel)
    {
        foreach (var (what, sql) in Questions)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                found(new(Where, what, rows.IsDBNull(0) ? null : rows.GetInt64(0), null, rows.GetString(1)));
            }
        }
        await using (var command = new NpgsqlCommand("select kind, key, seq from ledger_uniques order by seq, kind", connection))
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
            {
                var (key, seq) = ((rows.GetInt16(0), new Digest(rows.GetFieldValue<byte[]>(1))), rows.GetInt64(2));
                if (!claimed.Remove(key, out var holder) || holder != seq)
                {
                    found(new(Where, "unique-wrong", seq, null, "ledger_uniques holds a key for it that its record does not claim"));
                }
            }
        }
        // What is not sealed yet may still be rejected.
        foreach (var seq in claimed.Values.Where(seq => seq <= sealedSize).Order())
        {
            found(new(Where, "unique-missing", seq, null, "ledger_uniques lacks what its record claims, so that another could claim it too"));
        }
    }
}
