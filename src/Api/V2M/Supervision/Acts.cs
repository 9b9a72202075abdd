using System.Text.Json;
using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;
using Npgsql;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>What supervisors did and what stands because of it.</summary>
public sealed class Acts(MonitorTables tables, IEventStore store, ProjectionDaemon projections, LedgerHead head)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Findings, newest first.</summary>
    /// <param name="id">Only this one; null for all.</param>
    /// <param name="before">Only those below this entry.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<FindingView>> Findings(string? id, long before, long limit, CancellationToken cancellation)
    {
        await CatchUp(cancellation);
        return await tables.Read("findings", Finding, cancellation, id, before, limit);
    }

    /// <summary>Rules that stand.</summary>
    public async Task<IReadOnlyList<RuleView>> Rules(CancellationToken cancellation)
    {
        await CatchUp(cancellation);
        return await tables.Read("rules", row => new RuleView(row.GetString(0), row.GetString(1), row.GetInt64(2), Text(row, 3), row.IsDBNull(4) ? null : row.GetInt64(4),
            row.GetInt64(5), row.GetString(6)), cancellation);
    }

    /// <summary>Alerts, newest first.</summary>
    public async Task<IReadOnlyList<AlertView>> Alerts(long before, long? seq, long limit, CancellationToken cancellation)
    {
        await CatchUp(cancellation);
        return await tables.Read("alerts", row => new AlertView(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), MonitorTables.Time(row, 4),
            row.IsDBNull(6) ? null : MonitorTables.Time(row, 6), row.IsDBNull(7) ? null : new(row.GetInt64(7), row.GetString(8), row.GetString(9))), cancellation, before, seq, limit);
    }

    /// <summary>Audits, newest first.</summary>
    public async Task<IReadOnlyList<AuditView>> Audits(string? id, CancellationToken cancellation)
    {
        await CatchUp(cancellation);
        return await tables.Read("audits", Audit, cancellation, id);
    }

    /// <summary>Why a command does not fit what stands; null when it does. Validators know nothing of this: it keeps the record tidy, not the ledger safe.</summary>
    public async Task<Problem?> Objection(SignedCommand command, CancellationToken cancellation)
    {
        switch (command.Type)
        {
            case EventTable.FindingOpened or EventTable.AuditOrdered when command.ExpectedVersion > 0:
                return new("supervision-exists", $"'{command.Id}' is taken; choose another id.");
            case EventTable.AuditOrdered when Sample(command.Data) is { } seedHeight && seedHeight <= head.Header.Height:
                return new("seed-known", $"Block {seedHeight} is sealed already, so its hash is no fair seed: name a height above {head.Header.Height}.");
            case EventTable.FindingNoted or EventTable.FindingClosed:
                var finding = await Findings(command.Id, long.MaxValue, 1, cancellation) is [{ State: not "raised" } found] ? found : null;
                return finding switch { null => Unknown(command), { State: "closed" } => Closed(command), _ => null };
            case EventTable.AlertRuleSet when !RuleKind.All.Contains(command.Text("kind")!):
                return new("request-malformed", $"There is no rule of kind '{command.Text("kind")}'. Kinds are: {string.Join(", ", RuleKind.All)}.");
            case EventTable.AlertRuleRemoved:
                return (await Rules(cancellation)).Any(r => r.Id == command.Id) ? null : Unknown(command);
            case EventTable.AlertAcknowledged:
                var alert = long.TryParse(command.Id, out var seq) ? await Alerts(long.MaxValue, seq, 1, cancellation) is [var called] ? called : null : null;
                return alert switch { null => Unknown(command), { Acknowledged: not null } => Closed(command), _ => null };
            case EventTable.AuditClosed:
                var audit = await Audits(command.Id, cancellation) is [var ordered] ? ordered : null;
                return audit switch { null => Unknown(command), { Closed: not null } => Closed(command), _ => null };
            case EventTable.ReportSealed:
                var of = await Audits(command.Text("of"), cancellation) is [var audited] ? audited : null;
                return of is null ? Unknown(command) : of.Digest is null || of.Digest != command.Text("digest")
                    ? new("report-other", "The digest is not that of the audit's report; read /v2m/v1/audits/{id}/report and sign what you read.") : null;
            default:
                return null;
        }
    }

    private async Task CatchUp(CancellationToken cancellation) =>
        await projections.WaitFor(MonitoringProjection.ViewName, (await store.Head(cancellation)).Seq, Patience, cancellation);

    private static long? Sample(JsonElement data) => data.TryGetProperty("sample", out var sample) ? sample.GetProperty("seedHeight").GetInt64() : null;

    private static Problem Unknown(SignedCommand command) => new("supervision-unknown", $"There is nothing with the id '{command.Id}' that {command.Type} could be about.");

    private static Problem Closed(SignedCommand command) => new("supervision-closed", $"'{command.Id}' is closed.");

    private static FindingView Finding(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), Text(row, 2), JsonDocument.Parse(row.GetString(3)).RootElement, row.GetInt64(4),
        MonitorTables.Time(row, 5), row.GetString(6), row.GetString(7), JsonSerializer.Deserialize<List<NoteView>>(row.GetString(12), JsonSerializerOptions.Web)!,
        row.IsDBNull(8) ? null : new(row.GetInt64(8), MonitorTables.Time(row, 9), row.GetString(10), row.GetString(11)));

    private static AuditView Audit(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), MonitorTables.Time(row, 2), row.GetString(3), row.GetInt64(4), row.GetInt64(5), Text(row, 6),
        Text(row, 7), row.IsDBNull(8) ? null : row.GetInt64(8), row.IsDBNull(9) ? null : row.GetInt64(9), row.GetString(10), row.GetInt64(11), row.GetInt64(12), row.GetInt64(13),
        Text(row, 15), row.IsDBNull(16) ? null : row.GetInt64(16), Text(row, 17), row.IsDBNull(18) ? null : row.GetInt64(18), Text(row, 19))
    {
        Report = Text(row, 14),
    };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
