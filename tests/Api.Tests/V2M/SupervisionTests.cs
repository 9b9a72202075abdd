using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Monitoring;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.V2M;

/// <summary>What supervisors do: audits, findings, rules. Each is signed by a person, sealed, and has its effect here alone.</summary>
public sealed class SupervisionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;
    private Supervisor supervisor = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
        supervisor = await Supervisor.Bind(ledger);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("N-8.5-h"), Y4561("D-7.1.2-e"), Y4561("D-7.2.4-c"), Y4561("D-8.9-1"), Y4561("D-8.9-2"), Y4561("D-8.9-3"), Y4561("D-8.9-4"), Y4561("D-8.9-4'")]
    public async Task An_audit_of_everything_ends_in_a_report_that_a_supervisor_signs_and_anybody_checks_offline()
    {
        await Records(20);
        (await supervisor.Post("/v2m/v1/audits", EventTable.AuditOrdered, Order("full"))).Status.ShouldBe(202);
        var audit = await supervisor.Until("/v2m/v1/audits/full", a => Text(a, "state") == "done");
        var order = audit.GetProperty("seq").GetInt64();
        (audit.GetProperty("checked").GetInt64(), audit.GetProperty("failed").GetInt64()).ShouldBe((audit.GetProperty("total").GetInt64(), 0));
        audit.GetProperty("total").GetInt64().ShouldBeGreaterThanOrEqualTo(order);
        var overview = await supervisor.Get("/v2m/v1/audits");
        (Text(overview, "lastFullPass"), overview.GetProperty("coveragePerMille").GetInt64() > 900).ShouldBe(("full", true));

        var unsigned = await supervisor.Get("/v2m/v1/audits/full/report");
        var report = (JsonObject)JsonNode.Parse(unsigned.GetProperty("report").GetRawText())!;
        AuditReport.DigestOf(report).ToString().ShouldBe(Text(unsigned, "digest"));
        (await supervisor.Post("/v2m/v1/audits/full/report", EventTable.ReportSealed, new() { ["id"] = "r1", ["of"] = "full", ["digest"] = Digest.Of("other").ToString() }))
            .Body.GetProperty("code").GetString().ShouldBe("report-other");
        (await supervisor.Post("/v2m/v1/audits/full/report", EventTable.ReportSealed, new() { ["id"] = "r1", ["of"] = "full", ["digest"] = Text(unsigned, "digest") })).Status.ShouldBe(202);

        var file = await Bytes("/v2m/v1/audits/full/report");
        var genesis = ledger.Genesis.File;
        var verdict = AnyProof.Verify(file, genesis);
        (verdict.Word, verdict.Code).ShouldBe(("authentic", VerdictCode.Ok));
        verdict.Checks.ShouldContain(c => c.Text.Contains(supervisor.Pseudonym, StringComparison.Ordinal));
        var prettier = Jcs.Bytes(JsonNode.Parse(Encoding.UTF8.GetString(file).Replace("\"failed\":0", "\"failed\":1", StringComparison.Ordinal)));
        AnyProof.Verify(prettier, genesis).Word.ShouldBe("not-authentic");
    }

    [Fact]
    [Y4561("N-8.5-h"), Y4561("D-7.2.4-c")]
    public async Task A_changed_byte_turns_an_audit_red_and_opens_a_finding()
    {
        var seqs = await Records(5);
        await Database.Run(ledger.Connection, $"set ledger.guard = 'off'; update mt_events set data = jsonb_set(data, '{{record}}', to_jsonb(replace(data ->> 'record', 'A', 'B'))) where seq_id = {seqs[2]}");
        (await supervisor.Post("/v2m/v1/audits", EventTable.AuditOrdered, Order("red"))).Status.ShouldBe(202);
        var audit = await supervisor.Until("/v2m/v1/audits/red", a => Text(a, "state") == "done");
        audit.GetProperty("failed").GetInt64().ShouldBe(1);
        var failure = (await supervisor.Get("/v2m/v1/audits/red/report")).GetProperty("report").GetProperty("failures").EnumerateArray().ShouldHaveSingleItem();
        (failure[0].GetInt64(), failure[1].GetString()).ShouldBe((seqs[2], "entry-changed"));
        var finding = (await supervisor.Until("/v2m/v1/findings", f => f.GetProperty("items").GetArrayLength() > 0)).GetProperty("items")[0];
        (Text(finding, "kind"), Text(finding, "state"), finding.GetProperty("about").GetProperty("seq").GetInt64()).ShouldBe(("audit-failed", "raised", seqs[2]));
    }

    [Fact]
    [Y4561("D-7.2.4-c")]
    public async Task A_sample_is_drawn_by_the_hash_of_a_block_to_come_and_can_be_drawn_again()
    {
        var seqs = await Records(30);
        var head = ledger.Get<Api.Host.LedgerHead>().Header.Height;
        var past = Order("late", sample: new() { ["size"] = 7, ["seedHeight"] = head });
        (await supervisor.Post("/v2m/v1/audits", EventTable.AuditOrdered, past)).Body.GetProperty("code").GetString().ShouldBe("seed-known");
        var order = Order("sample", source: agency.Iss, format: "licence", sample: new() { ["size"] = 7, ["seedHeight"] = head + 3 });
        (await supervisor.Post("/v2m/v1/audits", EventTable.AuditOrdered, order)).Status.ShouldBe(202);
        while (ledger.Get<Api.Host.LedgerHead>().Header.Height < head + 3)
        {
            await Records(1);
        }
        var audit = await supervisor.Until("/v2m/v1/audits/sample", a => Text(a, "state") == "done");
        (audit.GetProperty("checked").GetInt64(), audit.GetProperty("failed").GetInt64()).ShouldBe((7, 0));
        var report = (await supervisor.Get("/v2m/v1/audits/sample/report")).GetProperty("report");
        report.GetProperty("population").GetInt64().ShouldBe(seqs.Count);
        // The seed is public, and so is the way from it to the places.
        var block = (await Agency.Read(await ledger.Http.GetAsync($"/u2s/v1/blocks/{head + 3}"))).Body;
        Text(report.GetProperty("sample"), "seed").ShouldBe(Text(block, "hash"));
        AuditSample.Draw(Digest.Parse(Text(block, "hash")!), seqs.Count, 7).Count.ShouldBe(7);
    }

    [Fact]
    [Y4561("D-8.9-1")]
    public async Task An_audit_that_waits_survives_a_restart_and_one_that_is_closed_ends()
    {
        await Records(3);
        var head = ledger.Get<Api.Host.LedgerHead>().Header.Height;
        foreach (var id in (string[])["kept", "stopped"])
        {
            (await supervisor.Post("/v2m/v1/audits", EventTable.AuditOrdered, Order(id, sample: new() { ["size"] = 2, ["seedHeight"] = head + 12 }))).Status.ShouldBe(202);
        }
        (await supervisor.Post("/v2m/v1/audits/stopped/close", EventTable.AuditClosed,
            new() { ["id"] = "stopped", ["digest"] = Digest.Of("").ToString(), ["outcome"] = "cancelled" }, version: 1)).Status.ShouldBe(202);
        Text(await supervisor.Get("/v2m/v1/audits/stopped"), "state").ShouldBe("cancelled");
        (await supervisor.Get("/v2m/v1/audits/kept")).GetProperty("state").GetString().ShouldBe("waiting");
        await ledger.StopHost();
        await ledger.StartHost();
        await ledger.Ready();
        while (ledger.Get<Api.Host.LedgerHead>().Header.Height < head + 12)
        {
            await Records(1);
        }
        (await supervisor.Until("/v2m/v1/audits/kept", a => Text(a, "state") == "done")).GetProperty("checked").GetInt64().ShouldBe(2);
        Text(await supervisor.Get("/v2m/v1/audits/stopped"), "state").ShouldBe("cancelled");
    }

    [Fact]
    [Y4561("N-8.5-a"), Y4561("N-8.5-b")]
    public async Task A_finding_is_opened_noted_and_closed_by_supervisors_and_by_nobody_else()
    {
        JsonObject opened = new() { ["id"] = "case-1", ["kind"] = "irregular", ["text"] = "Zwölf Akten fehlen" };
        (await supervisor.Post("/v2m/v1/findings", EventTable.FindingOpened, opened)).Status.ShouldBe(202);
        (await supervisor.Post("/v2m/v1/findings/case-1/notes", EventTable.FindingNoted, new() { ["id"] = "case-1", ["text"] = "asked the agency" }, 1)).Status.ShouldBe(202);
        (await supervisor.Post("/v2m/v1/findings/case-1/close", EventTable.FindingClosed, new() { ["id"] = "case-1", ["outcome"] = "answered" }, 2)).Status.ShouldBe(202);
        var finding = await supervisor.Get("/v2m/v1/findings/case-1");
        (Text(finding, "state"), Text(finding, "text"), Text(finding, "actor"), Text(finding.GetProperty("closed"), "outcome")).ShouldBe(("closed", "Zwölf Akten fehlen", supervisor.Pseudonym, "answered"));
        Text(finding.GetProperty("notes").EnumerateArray().ShouldHaveSingleItem(), "text").ShouldBe("asked the agency");

        Code(await supervisor.Post("/v2m/v1/findings", EventTable.FindingOpened, opened, 3)).ShouldBe("supervision-exists");
        Code(await supervisor.Post("/v2m/v1/findings/case-1/notes", EventTable.FindingNoted, new() { ["id"] = "case-1", ["text"] = "late" }, 3)).ShouldBe("supervision-closed");
        Code(await supervisor.Post("/v2m/v1/findings/none/notes", EventTable.FindingNoted, new() { ["id"] = "none", ["text"] = "x" })).ShouldBe("supervision-unknown");
        // An operator's signature under a supervisor's act.
        Code(await supervisor.Post("/v2m/v1/findings", EventTable.FindingOpened, new() { ["id"] = "case-2", ["kind"] = "k", ["text"] = "t" }, signers: [ledger.Operators[0]]))
            .ShouldBe(RejectionCode.AuthorizationSignature);
        // A supervisor's act on another stream, and another act at a supervisor's door.
        Code(await supervisor.Post("/v2m/v1/findings", EventTable.FindingOpened, new() { ["id"] = "case-3", ["kind"] = "k", ["text"] = "t" }, stream: "findings")).ShouldBe(RejectionCode.StreamWrong);
        Code(await supervisor.Post("/v2m/v1/findings", EventTable.SourceSuspended, new() { ["id"] = "x", ["iss"] = agency.Iss, ["reason"] = "r" }, stream: EventTable.SourceStream(agency.Iss)))
            .ShouldBe("host-forbidden");
    }

    [Fact]
    [Y4561("N-8.5-b")]
    public async Task Validators_seal_a_supervisors_signature_under_anything_else_as_rejected_though_the_host_lets_it_in()
    {
        var (_, key) = await TokenFor.Bind(ledger, Role.Supervisor);
        var data = Supervisor.Command(ledger, EventTable.SourceSuspended, EventTable.SourceStream(agency.Iss), new() { ["iss"] = agency.Iss, ["reason"] = "forged" }, 2, [key])["data"]!;
        var store = ledger.Get<IEventStore>();
        var version = (await store.StreamVersions([EventTable.SourceStream(agency.Iss)], default)).GetValueOrDefault(EventTable.SourceStream(agency.Iss));
        var done = (await store.Append(new(EventTable.SourceStream(agency.Iss), version, new NewEvent(EventTable.SourceSuspended, supervisor.Pseudonym, Jcs.Bytes(data))), default))
            .ShouldBeOfType<AppendResult.Appended>();
        await ledger.Sealed(done.LastSeq);
        (await store.Rejections(done.LastSeq, done.LastSeq, default)).ShouldHaveSingleItem().Code.ShouldBe(RejectionCode.AuthorizationSignature);
    }

    [Fact]
    [Y4561("D-7.2.4-d")]
    public async Task A_rule_calls_over_the_live_feed_is_acknowledged_and_clears_when_its_reason_is_gone()
    {
        await Records(1);
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, supervisor.Token);
        await using var feed = live.Follow(new() { ["kinds"] = new JsonArray("alert") }, null).GetAsyncEnumerator();
        var first = feed.MoveNextAsync().AsTask();
        (await agency.Submit(agency.Licence("X", p => p["kind"] = 7))).Status.ShouldBe(400);
        (await supervisor.Post("/v2m/v1/rules", EventTable.AlertRuleSet, new() { ["id"] = "rejects", ["kind"] = "reject-rate", ["threshold"] = 400, ["target"] = agency.Iss })).Status.ShouldBe(202);
        Code(await supervisor.Post("/v2m/v1/rules", EventTable.AlertRuleSet, new() { ["id"] = "odd", ["kind"] = "full-moon", ["threshold"] = 1 })).ShouldBe("request-malformed");
        (await first).ShouldBeTrue();
        Text(feed.Current.Items[0], "type").ShouldBe(EventTable.AlertRaised);

        var alert = (await supervisor.Get("/v2m/v1/alerts")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (Text(alert, "rule"), Text(alert, "kind"), Text(alert, "about")).ShouldBe(("rejects", "reject-rate", agency.Iss));
        var id = alert.GetProperty("seq").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        (await supervisor.Post($"/v2m/v1/alerts/{id}/acknowledgement", EventTable.AlertAcknowledged, new() { ["id"] = id, ["text"] = "looking into it" })).Status.ShouldBe(202);
        Text((await supervisor.Get("/v2m/v1/alerts")).GetProperty("items")[0].GetProperty("acknowledged"), "actor").ShouldBe(supervisor.Pseudonym);
        // More good records bring the rate below the threshold.
        await Records(4);
        (await feed.MoveNextAsync()).ShouldBeTrue();
        Text(feed.Current.Items[0], "type").ShouldBe(EventTable.AlertCleared);
        (await supervisor.Get("/v2m/v1/alerts")).GetProperty("items")[0].TryGetProperty("cleared", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Each_kind_of_rule_calls_for_what_it_names()
    {
        await Records(1);
        foreach (var (kind, threshold) in (Dictionary<string, int>)new() { ["silence"] = 1, ["stall"] = 1, ["lag"] = 100_000, ["evidence"] = 1, ["key-expiry"] = 60 })
        {
            (await supervisor.Post("/v2m/v1/rules", EventTable.AlertRuleSet, new() { ["id"] = kind, ["kind"] = kind, ["threshold"] = threshold })).Status.ShouldBe(202);
        }
        var alerts = await supervisor.Until("/v2m/v1/alerts", a => a.GetProperty("items").EnumerateArray().Select(i => Text(i, "kind")).Distinct().Count() >= 2);
        alerts.GetProperty("items").EnumerateArray().Select(i => Text(i, "kind")).Distinct().Order().ShouldBe(["silence", "stall"]);
        (await supervisor.Post("/v2m/v1/rules", EventTable.AlertRuleRemoved, new() { ["id"] = "silence", ["reason"] = "enough" }, 1)).Status.ShouldBe(202);
        (await supervisor.Get("/v2m/v1/rules")).GetProperty("items").EnumerateArray().Select(r => Text(r, "id")).ShouldBe(["evidence", "key-expiry", "lag", "stall"]);
    }

    [Fact]
    [Y4561("N-8.5-g"), Y4561("D-7.3.3")]
    public async Task The_consistency_of_two_times_is_a_file_that_verifies_offline()
    {
        await Records(2);
        var between = Agency.Now;
        await Records(6);
        var file = await Bytes($"/v2m/v1/consistency?from={between}");
        var verdict = AnyProof.Verify(file, ledger.Genesis.File);
        (verdict.Word, verdict.Code).ShouldBe(("authentic", VerdictCode.Ok));
        using var json = JsonDocument.Parse(file);
        LedgerTime.Parse(Text(json.RootElement.GetProperty("first").GetProperty("header"), "time")!).ShouldBeLessThanOrEqualTo(between);
        LedgerTime.Parse(Text(json.RootElement.GetProperty("second").GetProperty("header"), "time")!).ShouldBeGreaterThan(between);
        file[Array.IndexOf(file, (byte)'[') + 3] ^= 1;
        AnyProof.Verify(file, ledger.Genesis.File).Word.ShouldBe("not-authentic");
        (await ledger.Send(HttpMethod.Get, $"/v2m/v1/consistency?from=2001-01-01T00:00:00.000Z&to={between}", supervisor.Token)).Body.GetProperty("code").GetString().ShouldBe("height-unknown");
    }

    private async Task<IReadOnlyList<long>> Records(int count)
    {
        var seqs = new List<long>();
        for (var n = 0; n < count; n++)
        {
            seqs.Add((await agency.Submit(agency.Licence($"R-{Guid.NewGuid():N}"))).Body.GetProperty("seq").GetInt64());
        }
        await ledger.Sealed(seqs[^1]);
        return seqs;
    }

    private async Task<byte[]> Bytes(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", supervisor.Token);
        using var response = await ledger.Http.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(200);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static JsonObject Order(string id, string? source = null, string? format = null, JsonObject? sample = null)
    {
        var order = new JsonObject { ["id"] = id, ["range"] = new JsonObject { ["from"] = 1, ["to"] = 0 } };
        foreach (var (name, value) in (Dictionary<string, JsonNode?>)new() { ["source"] = source, ["format"] = format, ["sample"] = sample })
        {
            if (value is not null)
            {
                order[name] = value;
            }
        }
        return order;
    }

    private static string? Code((int Status, JsonElement Body) answer) => answer.Body.TryGetProperty("code", out var code) ? code.GetString() : $"{answer.Status}";

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
