using System.Text.Json;
using EventLedger.Api.KeyVault;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

public sealed class SubmissionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-8.6-1")]
    [Y4561("D-8.6-2")]
    [Y4561("D-7.1.1-f")]
    [Y4561("D-7.3.4-d")]
    public async Task A_record_gets_a_receipt_that_the_host_signed_and_is_sealed()
    {
        var (status, body) = await agency.Submit(agency.Licence("A-1"));

        status.ShouldBe(202, body.ToString());
        Receipt.TryParse(body.GetProperty("receipt"), out var receipt).ShouldBeTrue();
        receipt!.IsSignedBy(ledger.Genesis.Hosts[0].Receipt).ShouldBeTrue();
        receipt.Seq.ShouldBe(body.GetProperty("seq").GetInt64());
        await ledger.Sealed(receipt.Seq);
        var (_, stands) = await Agency.Read(await ledger.Http.GetAsync($"/r2d/v1/submissions/{receipt.Seq}"));
        stands.GetProperty("status").GetString().ShouldBe("sealed");
        stands.GetProperty("height").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_same_record_again_gets_the_first_receipt()
    {
        var record = agency.Licence("A-2");
        var (_, first) = await agency.Submit(record);
        var (status, second) = await agency.Submit(record);

        status.ShouldBe(202);
        second.GetProperty("receipt").GetProperty("body").ToString().ShouldBe(first.GetProperty("receipt").GetProperty("body").ToString());
    }

    [Fact]
    [Y4561("D-8.6-4")]
    public async Task Who_waits_gets_the_proof()
    {
        var (status, body) = await agency.Submit(agency.Licence("P-1"), prefer: "wait=30");

        status.ShouldBe(201, body.ToString());
        ProofVerifier.Verify(System.Text.Encoding.UTF8.GetBytes(body.GetRawText()), ledger.Genesis.File).Judgement.ShouldBe(Judgement.Authentic);
    }

    [Fact]
    public async Task Who_waits_and_wants_little_gets_the_address_alone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/r2d/v1/submissions") { Content = new StringContent(agency.Licence("P-2")) };
        request.Content.Headers.ContentType = new(Api.R2D.SubmitEndpoint.MediaType);
        request.Headers.TryAddWithoutValidation("Prefer", "wait=30, return=minimal");
        using var response = await ledger.Http.SendAsync(request);

        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Created);
        response.Headers.GetValues("Preference-Applied").ShouldBe(["wait, return=minimal"]);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        var (_, stands) = await Agency.Read(await ledger.Http.GetAsync(response.Headers.Location));
        stands.GetProperty("status").GetString().ShouldBe("sealed");
    }

    [Fact]
    public async Task Another_record_under_the_same_jti_is_refused()
    {
        await agency.Submit(agency.Licence("A-3", p => p["jti"] = "same"));
        await Refused(agency.Licence("A-4", p => p["jti"] = "same"), 409, RejectionCode.JtiReused);
    }

    [Fact]
    public async Task Another_record_at_the_same_status_index_is_refused()
    {
        await agency.Submit(agency.Licence("A-5", p => p["status"]!["status_list"]!["idx"] = 77777));
        await Refused(agency.Licence("A-6", p => p["status"]!["status_list"]!["idx"] = 77777), 409, RejectionCode.IdxReused);
    }

    [Fact]
    [Y4561("N-6.2.2-a")]
    [Y4561("N-8.1-c")]
    [Y4561("N-8.1-d")]
    public async Task What_does_not_hold_is_refused_with_its_code()
    {
        await Refused("not a record", 400, RejectionCode.RecordMalformed);
        await Refused(agency.Licence("B", p => p["ledger"] = "other"), 400, RejectionCode.LedgerWrong);
        await Refused(agency.Licence("B", p => p["iat"] = Agency.Now.UnixMs / 1000 + 3600), 400, RejectionCode.IatFuture);
        await Refused(agency.Licence("B", p => p["iss"] = "https://nobody.example"), 403, RejectionCode.SourceUnknown);
        await Refused(agency.Licence("B", key: TestLedger.NewKey(KeyPurpose.Record)), 403, RejectionCode.KeyUnknown);
        await Refused(agency.Licence("B", key: ledger.Operators[0]), 403, RejectionCode.KeyPurpose);
        await Refused(agency.Licence("B", p => p["vct"] = "urn:eventledger:licence:9"), 409, RejectionCode.FormatUnknown);
        await Refused(agency.Licence("B", p => p.Remove("status")), 400, RejectionCode.StatusMalformed);
        await Refused(agency.Licence("B", p => p["number"] = 5), 400, RejectionCode.SchemaMismatch);
        await Refused(agency.Licence("B", holder: null), 400, RejectionCode.SchemaMismatch);
        await Refused(agency.Licence("B", holder: new string('x', 101)), 400, RejectionCode.SchemaMismatch);
        await Refused(agency.Licence("B") + "W10~", 400, "disclosure-wrong");
        var good = agency.Licence("B");
        var dot = good.LastIndexOf('.');
        await Refused(good[..(dot + 1)] + (good[dot + 1] == 'A' ? 'B' : 'A') + good[(dot + 2)..], 400, RejectionCode.SignatureWrong);
    }

    [Fact]
    public async Task A_personal_field_that_stands_open_is_refused_and_not_repeated_in_the_answer()
    {
        var body = await Refused(agency.Licence("C", p => p["holder"] = "Jane Doe", holder: null), 400, RejectionCode.FieldExposed);
        body.ToString().ShouldNotContain("Jane");
    }

    [Fact]
    public async Task A_public_field_in_a_disclosure_is_refused()
    {
        var salt = new byte[16];
        var payload = agency.Licence("D");
        SdJwt.TryParse(payload, out var record, out _).ShouldBeTrue();
        var open = System.Text.Json.Nodes.JsonNode.Parse(record!.Payload.GetRawText())!.AsObject();
        open.Remove("_sd");
        open.Remove("_sd_alg");
        open.Remove("kind");
        await Refused(SdJwt.Create(agency.Key, open, [SdJwt.Disclosure(salt, "holder", "Jane"), SdJwt.Disclosure(salt, "kind", "food")]), 400, "field-undisclosed");
    }

    [Fact]
    public async Task The_wrong_media_type_and_a_large_body_are_refused()
    {
        (await agency.Submit(agency.Licence("E"), mediaType: "text/plain")).Status.ShouldBe(415);
        (await agency.Submit(new string('a', 70_000))).Status.ShouldBe(413);
    }

    [Fact]
    public async Task Disclosures_open_with_the_vault_alone()
    {
        var (_, body) = await agency.Submit(agency.Licence("F-1", holder: "Mary Major"));
        var seq = body.GetProperty("seq").GetInt64();
        var store = ledger.Get<IEventStore>();
        var entry = (await store.ReadAll(seq, 1, default))[0];
        var sidecar = (await store.ReadSidecars(seq, seq, default))[seq];

        System.Text.Encoding.UTF8.GetString(entry.Bytes.Span).ShouldNotContain("Mary");
        using var data = JsonDocument.Parse(entry.Entry.Data);
        var record = data.RootElement.GetProperty("record").GetString()!;
        data.RootElement.GetProperty("sidecar").GetString().ShouldBe(Digest.Of(sidecar.Span).ToString());
        var associated = Sidecar.AssociatedData(ledger.Genesis.Chain, record);
        var key = ledger.Get<IKeyVault>().Find(Sidecar.KeyId(sidecar.Span)).ShouldNotBeNull();
        Sidecar.Open(key.Key, associated, sidecar.Span).ShouldNotBeNull().ShouldHaveSingleItem();
        Sidecar.Open(new byte[32], associated, sidecar.Span).ShouldBeNull();
    }

    /// <summary>The tree over these entries has the root that the validators signed, so nothing but them is in the block.</summary>
    [Fact]
    [Y4561("D-8.6-3")]
    public async Task A_sealed_submission_has_its_members_and_no_value_of_a_classified_field()
    {
        const string secret = "Zenobia Quartermaine";
        var (status, bundle) = await agency.Submit(agency.Licence("S-1", holder: secret), prefer: "wait=30");
        status.ShouldBe(201, bundle.ToString());
        var (header, seq) = (bundle.GetProperty("header"), bundle.GetProperty("entry").GetProperty("seq").GetInt64());
        var entries = await ledger.Get<IEventStore>().ReadAll(1, header.GetProperty("size").GetInt32(), default);
        var tree = new MerkleFrontier();
        foreach (var entry in entries)
        {
            tree.Append(Entry.LeafHash(entry.Bytes.Span));
        }
        tree.Root().ToString().ShouldBe(header.GetProperty("root").GetString());

        using var @sealed = JsonDocument.Parse(entries[(int)seq - 1].Bytes);
        Names(@sealed.RootElement).ShouldBe(["actor", "data", "seq", "stream", "time", "type", "v", "version"]);
        var data = @sealed.RootElement.GetProperty("data");
        Names(data).ShouldBe(["record", "sidecar"]);
        SdJwt.TryParse(data.GetProperty("record").GetString() + "~", out var record, out _).ShouldBeTrue();
        // Description and type are the format and what became of the record; number and kind are public in it, the holder is a digest.
        Names(record!.Payload).Order().ShouldBe(["_sd", "_sd_alg", "iat", "iss", "jti", "kind", "ledger", "number", "status", "sub", "vct"]);
        record.Payload.GetProperty("vct").GetString().ShouldBe(Agency.Vct);
        record.Payload.GetProperty("_sd").GetArrayLength().ShouldBe(1);
        @sealed.RootElement.GetProperty("type").GetString().ShouldBe(EventTable.SubmissionAccepted);
        LedgerTime.Parse(@sealed.RootElement.GetProperty("time").GetString()!).UnixMs.ShouldBeLessThanOrEqualTo(LedgerTime.Parse(header.GetProperty("time").GetString()!).UnixMs);
        foreach (var text in (string[])[@sealed.RootElement.GetRawText(), record.Payload.GetRawText(), header.GetRawText(), bundle.GetProperty("commit").GetRawText()])
        {
            text.ShouldNotContain("Zenobia");
            text.ShouldNotContain(B64.Encode(System.Text.Encoding.UTF8.GetBytes(secret)));
        }
        // What comes back names the hash of the data as it stands in the block.
        var (_, stands) = await Agency.Read(await ledger.Http.GetAsync($"/r2d/v1/submissions/{seq}"));
        stands.GetProperty("leaf").GetString().ShouldBe(Entry.LeafHash(entries[(int)seq - 1].Bytes.Span).ToString());

        static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Select(m => m.Name);
    }

    [Fact]
    [Y4561("N-8.1-e")]
    public async Task A_newer_record_of_the_same_key_and_a_change_of_status_go_into_the_same_stream()
    {
        var (_, first) = await agency.Submit(agency.Licence("G-1"));
        var (_, second) = await agency.Submit(agency.Licence("G-1", p => p["kind"] = "drink"));
        var revoke = RecordRules.CreateStatusChange(agency.Key, agency.Iss, ledger.Genesis.Chain, "s-1", Agency.Now, "licence", ["G-1"], RecordStatus.Revoked, null);
        var (status, third) = await agency.Submit(revoke);
        status.ShouldBe(202, third.ToString());

        var entries = await ledger.Get<IEventStore>().ReadAll(first.GetProperty("seq").GetInt64(), 100, default);
        var stream = entries[0].Entry.Stream;
        entries.Where(e => e.Entry.Stream == stream).Select(e => (e.Entry.Version, e.Entry.Type)).ShouldBe(
            [(1, EventTable.SubmissionAccepted), (2, EventTable.SubmissionAccepted), (3, EventTable.StatusChanged)]);
        await ledger.Sealed(third.GetProperty("seq").GetInt64());
        (await ledger.Get<IEventStore>().Rejections(1, third.GetProperty("seq").GetInt64(), default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_of_status_of_a_record_that_is_not_there_is_refused() => await Refused(
        RecordRules.CreateStatusChange(agency.Key, agency.Iss, ledger.Genesis.Chain, "s-9", Agency.Now, "licence", ["none"], RecordStatus.Revoked, null), 409,
        RejectionCode.RecordUnknown);

    private async Task<JsonElement> Refused(string record, int status, string code)
    {
        var (got, body) = await agency.Submit(record);
        got.ShouldBe(status, body.ToString());
        body.GetProperty("type").GetString().ShouldBe($"/problems/{code}");
        return body;
    }
}
