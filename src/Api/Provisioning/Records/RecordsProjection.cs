using System.Collections.Concurrent;
using System.Text.Json;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>
/// Keeps the tables that data users ask: records, changes of status, sources with their keys, formats. Whether a record is sealed is never
/// stored; whoever reads compares its place with the sealed size.
/// </summary>
public sealed class RecordsProjection : Projection
{
    /// <summary>Its name, and that of its schema after <c>view_</c>.</summary>
    public const string ViewName = "provisioning";

    private readonly ConcurrentDictionary<string, FormatShape> shapes = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string Name => ViewName;

    /// <inheritdoc/>
    public override int Version => 2;

    /// <inheritdoc/>
    public override string Tables => Statement.Text("tables");

    /// <inheritdoc/>
    public override async Task Apply(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<StoredEntry> entries, CancellationToken cancellation)
    {
        var step = new Step(await Known(connection, cancellation));
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var entry in entries)
        {
            step.Take(entry, batch);
        }
        // What a new format needs made is said once; the other statements come with every step and are worth keeping their plans.
        var areUsual = batch.BatchCommands.Count == 0;
        foreach (var command in step.Commands())
        {
            batch.BatchCommands.Add(command);
        }
        if (batch.BatchCommands.Count > 0)
        {
            if (areUsual)
            {
                await batch.PrepareAsync(cancellation);
            }
            await batch.ExecuteNonQueryAsync(cancellation);
        }
    }

    // Asked anew each time, because a rebuild beside the served tables stands elsewhere in the log.
    private async Task<List<FormatShape>> Known(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Statement.Text("known_formats"), connection);
        command.Parameters.Add(new() { Value = shapes.Keys.ToArray() });
        await command.PrepareAsync(cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var known = new List<FormatShape>();
        while (await reader.ReadAsync(cancellation))
        {
            var vct = reader.GetString(0);
            if (!reader.IsDBNull(1))
            {
                using var definition = JsonDocument.Parse(reader.GetString(1));
                shapes[vct] = new(definition.RootElement);
            }
            known.Add(shapes[vct]);
        }
        return known;
    }

    // One batch of entries on its way into rows.
    private sealed class Step(List<FormatShape> known)
    {
        private readonly Dictionary<string, FormatShape> formats = known.ToDictionary(f => f.Vct, StringComparer.Ordinal);
        private readonly HashSet<string> linked = [.. known.Where(f => f.HasLifecycle).Select(f => f.Key[0])];
        private readonly RecordRows records = new();
        private readonly ChangeRows changes = new();
        private readonly CirculationRows circulations = new();
        private readonly List<string> relinks = [];

        public void Take(StoredEntry stored, NpgsqlBatch batch)
        {
            var entry = stored.Entry;
            if (entry.Type == EventTable.SubmissionAccepted)
            {
                if (ProjectedRecord.Read(entry, formats, linked) is { } record)
                {
                    records.Add(stored, record, formats[record.Vct]);
                }
            }
            else if (entry.Type == EventTable.StatusChanged)
            {
                changes.Add(entry);
            }
            else if (CirculationRows.Is(entry.Type))
            {
                circulations.Add(entry);
            }
            else if (EventTable.Types.GetValueOrDefault(entry.Type) == Proof.Authorization)
            {
                Authority(entry, batch);
            }
        }

        // Records that came before the licences which they name are linked once, after those of this batch are in.
        public IEnumerable<NpgsqlBatchCommand> Commands() =>
            records.Commands().Concat(relinks.Select(name => RecordRows.Command("link_old_records", name))).Concat(changes.Commands()).Concat(circulations.Commands());

        private void Authority(Entry entry, NpgsqlBatch batch)
        {
            using var data = JsonDocument.Parse(entry.Data);
            foreach (var command in AuthorityRows.Commands(entry, data.RootElement))
            {
                batch.BatchCommands.Add(command);
            }
            if (entry.Type == EventTable.FormatRegistered)
            {
                var format = new FormatShape(data.RootElement.GetProperty("format"));
                formats[format.Vct] = format;
                if (format.HasLifecycle && linked.Add(format.Key[0]))
                {
                    relinks.Add(format.Key[0]);
                }
            }
        }
    }
}
