using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Monitoring;
using EventLedger.EventStore;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>V2M: audits, findings, rules and alerts, and the commands about them that supervisors sign. Source: ITU-T Y.4561 (08/2020) 8.5, 8.9.</summary>
public static class SupervisionEndpoints
{
    private const int PageMax = 200;

    /// <summary>Maps the group.</summary>
    public static void Map(IEndpointRouteBuilder v2m)
    {
        v2m.MapGet("/audits", Audits).WithName("ListAudits").WithSummary("Audits, newest first, and how much of the log the last full one covered").Produces<AuditsView>();
        v2m.MapGet("/audits/{id}", Audit).WithName("GetAudit").WithSummary("One audit and how far it has come").Produces<AuditView>();
        v2m.MapGet("/audits/{id}/report", Report).WithName("GetAuditReport").WithSummary("The report; once a supervisor has signed it, with the proof that verifies offline")
            .Gives(StatusCodes.Status200OK, AuditReport.MediaType, "The report, signed or not.", "v", "report", "proof?", "digest?");
        v2m.MapGet("/findings", Findings).WithName("ListFindings").WithSummary("Findings of supervisors and hosts, newest first").Produces<FindingsView>();
        v2m.MapGet("/findings/{id}", Finding).WithName("GetFinding").WithSummary("One finding with its notes").Produces<FindingView>();
        v2m.MapGet("/rules", Rules).WithName("ListAlertRules").WithSummary("Alert rules that stand").Produces<RulesView>();
        v2m.MapGet("/alerts", Alerts).WithName("ListAlerts").WithSummary("Alerts, newest first").Produces<AlertsView>();
        v2m.MapGet("/streams/{stream}", Version).WithName("GetSupervisionVersion").WithSummary("The version that the signer of the next act names").Produces<VersionView>();
        Take(v2m, "/audits", "OrderAudit", "Order an audit", EventTable.AuditOrdered);
        Take(v2m, "/audits/{id}/close", "CloseAudit", "End an audit: cancel it while it runs, or close it with an outcome", EventTable.AuditClosed);
        Take(v2m, "/audits/{id}/report", "SignReport", "Sign an audit's report", EventTable.ReportSealed);
        Take(v2m, "/findings", "OpenFinding", "Open a finding", EventTable.FindingOpened);
        Take(v2m, "/findings/{id}/notes", "NoteFinding", "Note something about a finding", EventTable.FindingNoted);
        Take(v2m, "/findings/{id}/close", "CloseFinding", "Close a finding", EventTable.FindingClosed);
        Take(v2m, "/rules", "SetAlertRule", "Set or remove an alert rule", EventTable.AlertRuleSet, EventTable.AlertRuleRemoved);
        Take(v2m, "/alerts/{id}/acknowledgement", "AcknowledgeAlert", "Take an alert on", EventTable.AlertAcknowledged);
    }

    private static void Take(IEndpointRouteBuilder v2m, string path, string name, string summary, params string[] types) =>
        v2m.MapPost(path, async (HttpContext http, SupervisionDesk desk, LedgerOptions options, CancellationToken cancellation) =>
        {
            if (http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            {
                return Problems.From("media-type", "Send the command as application/json.");
            }
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, cancellation);
            var answer = await desk.Take(body.ToArray(), types, Preference.Wait(http.Request, options.WaitMax), cancellation);
            return Reply.Json(http, answer, StatusCodes.Status202Accepted);
        }).WithName(name).WithSummary($"{summary}; a supervisor signs").Takes("application/json", "The signed command.", "type", "stream", "expectedVersion", "data")
        .Produces<CommandView>(StatusCodes.Status202Accepted);

    private static async Task<IResult> Version(HttpContext http, IEventStore store, string stream, CancellationToken cancellation) =>
        Reply.Json<VersionView>(http, new VersionView(stream, (await store.StreamVersions([stream], cancellation)).GetValueOrDefault(stream)));

    private static async Task<IResult> Audits(HttpContext http, Acts acts, LedgerHead head, CancellationToken cancellation)
    {
        var items = await acts.Audits(null, cancellation);
        var full = items.FirstOrDefault(a => a is { State: "done", SampleSize: null, Source: null, Format: null, From: 1, To: 0 });
        return Reply.Json<AuditsView>(http, new AuditsView(items, full?.Id, full is null ? 0 : full.Total * 1000 / Math.Max(1, head.Header.Size)));
    }

    private static async Task<IResult> Audit(HttpContext http, Acts acts, string id, CancellationToken cancellation) =>
        Reply.Json<AuditView>(http, await acts.Audits(id, cancellation) is [var audit] ? audit : Unknown(id));

    private static async Task<IResult> Report(HttpContext http, Acts acts, SealProofs proofs, string id, CancellationToken cancellation)
    {
        if (await acts.Audits(id, cancellation) is not [var audit])
        {
            return Reply.Problem(Unknown(id));
        }
        if (audit.Report is not { } text || JsonNode.Parse(text) is not JsonObject report)
        {
            return Reply.Problem(new("report-unready", $"The audit '{id}' is {audit.State}; {audit.Checked} of {audit.Total} entries are checked."));
        }
        return audit.Signed is { } seq && await proofs.Of(seq, cancellation) is { } proof
            ? Reply.File(http, AuditReport.ToFile(report, proof), AuditReport.MediaType, $"audit-{id}.report.json")
            : Reply.File(http, Jcs.Bytes(new JsonObject { ["v"] = 1, ["report"] = report, ["digest"] = audit.Digest }), AuditReport.MediaType, $"audit-{id}.unsigned.json");
    }

    private static async Task<IResult> Findings(HttpContext http, Acts acts, int? limit, long? before, CancellationToken cancellation)
    {
        var items = await acts.Findings(null, before ?? long.MaxValue, Size(limit) + 1, cancellation);
        return Reply.Json<FindingsView>(http, new FindingsView([.. items.Take(Size(limit))], Next("findings", items, f => f.Seq, Size(limit))));
    }

    private static async Task<IResult> Finding(HttpContext http, Acts acts, string id, CancellationToken cancellation) =>
        Reply.Json<FindingView>(http, await acts.Findings(id, long.MaxValue, 1, cancellation) is [var finding] ? finding : Unknown(id));

    private static async Task<IResult> Rules(HttpContext http, Acts acts, CancellationToken cancellation) => Reply.Json<RulesView>(http, new RulesView(await acts.Rules(cancellation)));

    private static async Task<IResult> Alerts(HttpContext http, Acts acts, int? limit, long? before, CancellationToken cancellation)
    {
        var items = await acts.Alerts(before ?? long.MaxValue, null, Size(limit) + 1, cancellation);
        return Reply.Json<AlertsView>(http, new AlertsView([.. items.Take(Size(limit))], Next("alerts", items, a => a.Seq, Size(limit))));
    }

    private static int Size(int? limit) => Math.Clamp(limit ?? 50, 1, PageMax);

    private static string? Next<T>(string list, IReadOnlyList<T> items, Func<T, long> seq, int limit) =>
        items.Count <= limit ? null : string.Create(CultureInfo.InvariantCulture, $"/v2m/v1/{list}?limit={limit}&before={seq(items[limit - 1])}");

    private static Problem Unknown(string id) => new("supervision-unknown", $"There is nothing with the id '{id}'.");
}
