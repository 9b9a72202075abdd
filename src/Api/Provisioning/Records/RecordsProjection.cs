using System.Text.Json;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>
/// Keeps the tables that data users ask: records, changes of status, sources with their keys, formats. Whether a record is sealed is never
/// stored; whoever reads compares its place with the sealed size.
/// </summary>
public sealed class RecordsProjection
{
    /// <summary>Name of its progress.</summary>
    public const string Name = "u2s";

    private readonly Dictionary<string, FormatShape> formats = new(StringComparer.Ordinal);
    private readonly HashSet<string> linked = new(StringComparer.Ordinal);
    private bool loaded;

    /// <summary>Makes the tables where they are missing.</summary>
    public static async Task CreateTables(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Statement.Text("tables"), connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Takes entries in, in log order; one round trip for all of them.</summary>
    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<StoredEntry> entries, CancellationToken cancellation)
    {
        await Load(connection, cancellation);
        await using var batch = new NpgsqlBatch(connection);
        var (records, changes, relinks) = (new RecordRows(), new ChangeRows(), new List<string>());
        foreach (var stored in entries)
        {
            var entry = stored.Entry;
            if (entry.Type == EventTable.SubmissionAccepted)
            {
                if (ProjectedRecord.Read(entry.Data, formats, linked) is { } record)
                {
                    records.Add(stored, record, formats[record.Vct]);
                }
            }
            else if (entry.Type == EventTable.StatusChanged)
            {
                changes.Add(entry);
            }
            else
            {
                Authority(entry, batch, relinks);
            }
        }
        foreach (var command in records.Commands().Concat(relinks.Select(name => RecordRows.Command("link_old_records", name))).Concat(changes.Commands()))
        {
            batch.BatchCommands.Add(command);
        }
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellation);
        }
    }

    private void Authority(Entry entry, NpgsqlBatch batch, List<string> relinks)
    {
        using var data = JsonDocument.Parse(entry.Data);
        foreach (var command in AuthorityRows.Commands(entry, data.RootElement))
        {
            batch.BatchCommands.Add(command);
        }
        // Records that came before the licences which they name are linked once, now.
        if (entry.Type == EventTable.FormatRegistered && Take(data.RootElement.GetProperty("format")) is { } name)
        {
            relinks.Add(name);
        }
    }

    // The name of the field that now names licences, if it did not before.
    private string? Take(JsonElement definition)
    {
        var format = new FormatShape(definition);
        formats[format.Vct] = format;
        return format.HasLifecycle && linked.Add(format.Key[0]) ? format.Key[0] : null;
    }

    private async Task Load(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (loaded)
        {
            return;
        }
        await using var command = new NpgsqlCommand(Statement.Text("formats"), connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            using var definition = JsonDocument.Parse(reader.GetString(0));
            Take(definition.RootElement);
        }
        loaded = true;
    }
}
