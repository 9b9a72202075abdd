using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

/// <summary>A correction takes two registrars: what the first one signed waits, for the other's eyes alone, until the second one signs, throws it away, or its time is over.</summary>
public sealed class SecondRegistrarTests(PostgresFixture postgres) : RegistrarCity(postgres)
{
    private const string Waiting = "/r2d/v1/registrar/waiting";

    [Fact, Y4561("N-6.2.2-c"), Y4561("N-8.5-e")]
    public async Task A_correction_waits_for_a_second_registrar_and_is_sealed_with_both_names_and_the_reason()
    {
        await Licence("C-1");
        var (_, draft) = await Draft(Correction("C-1"));
        var summary = draft.GetProperty("summary");
        (summary.GetProperty("act").GetString(), summary.GetProperty("reason").GetString()).ShouldBe(("correct", "The kind was misread."));
        (await Hand(draft, Ann.Key)).Body.GetProperty("code").GetString().ShouldBe("second-registrar-missing");
        var id = await Keep(draft);
        (await Keep(draft)).ShouldBe(id, "the same again is the same");

        var (bob, his) = await Registrar("city");
        var item = (await Ledger.Send(HttpMethod.Get, Waiting, his)).Body.GetProperty("items")[0];
        item.GetRawText().ShouldNotContain("John Doe", Case.Sensitive, "a list shows nothing that is protected");
        (item.GetProperty("id").GetString(), item.GetProperty("isMine").GetBoolean(), item.GetProperty("reason").GetString()).ShouldBe((id, false, "The kind was misread."));
        var (status, held) = await Ledger.Send(HttpMethod.Get, $"{Waiting}/{id}", his);
        status.ShouldBe(200);
        held.GetProperty("summary").GetProperty("hidden").GetProperty("holder").GetString().ShouldBe("John Doe");
        held.GetProperty("subject").GetString().ShouldBe(draft.GetProperty("subject").GetString(), "both sign the same");
        Subject(held).ToString().ShouldBe(held.GetProperty("subject").GetString());

        // One person is not two, whatever key; nor is somebody of another house, nor a signature over something else.
        (await Sign(id, held, Ann.Key, Token)).Body.GetProperty("code").GetString().ShouldBe("signature-known");
        var (eve, hers) = await Registrar("harbour");
        (await Sign(id, held, eve, hers)).Body.GetProperty("code").GetString().ShouldBe("waiting-unknown");
        (await Ledger.Send(HttpMethod.Get, $"{Waiting}/{id}", hers)).Status.ShouldBe(404);
        (await Ledger.Send(HttpMethod.Delete, $"{Waiting}/{id}", hers)).Status.ShouldBe(404);
        (await Ledger.Send(HttpMethod.Get, Waiting, hers)).Body.GetProperty("total").GetInt64().ShouldBe(0);
        (await Sign(id, held, Ann.Key, his)).Body.GetProperty("code").GetString().ShouldBe("assertion-wrong", "the first one's signature again, handed in by the second");
        var (_, other) = await Draft(Correction("C-1"));
        (await Sign(id, other, bob, his)).Body.GetProperty("code").GetString().ShouldBe("assertion-wrong", "over another draft");

        (status, var receipt) = await Sign(id, held, bob, his);
        status.ShouldBe(202, receipt.ToString());
        var seq = receipt.GetProperty("seq").GetInt64();
        (await Sign(id, held, bob, his)).Body.GetProperty("seq").GetInt64().ShouldBe(seq, "a click that comes twice");
        (await Ledger.Send(HttpMethod.Get, $"{Waiting}/{id}", Token)).Body.GetProperty("seq").GetInt64().ShouldBe(seq, "the first one sees where it went");
        (await Ledger.Send(HttpMethod.Delete, $"{Waiting}/{id}", Token)).Status.ShouldBe(404, "what is in the log is not thrown away");
        summary.GetProperty("before").GetProperty("kind").GetString().ShouldBe("food", "what stood was shown beside");
        await Ledger.Sealed(seq);
        (await Ledger.Get<IEventStore>().Rejections(1, seq, default)).ShouldBeEmpty("validators run the same rule");
        (await Ledger.Get<IEventStore>().ReadAll(seq, 1, default))[0].Entry.TryRecord(out var record, out _).ShouldBeTrue();
        record!.Payload.GetProperty("assertion").GetProperty("signatures").EnumerateArray().Select(s => s.GetProperty("kid").GetString())
            .ShouldBe([Ann.Key.Public.Kid, bob.Public.Kid]);

        // Everybody reads why, beside the record and not as one of its fields; the version before stays.
        var steps = (await Ledger.Send(HttpMethod.Get, "/u2s/v1/licences/C-1/history")).Body.GetProperty("steps");
        steps.EnumerateArray().Select(s => s.GetProperty("what").GetString()).ShouldBe(["submitted", "corrected"]);
        steps[1].GetProperty("reason").GetString().ShouldBe("The kind was misread.");
        (await Ledger.Send(HttpMethod.Get, "/u2s/v1/licences/C-1")).Body.GetProperty("claims").TryGetProperty("correction", out _).ShouldBeFalse();
        ProofVerifier.Verify(await Ledger.Http.GetByteArrayAsync($"/u2s/v1/records/{seq}/proof"), Ledger.Genesis.File).Judgement.ShouldBe(Judgement.Authentic);
    }

    [Fact]
    public async Task What_waits_is_encrypted_and_its_key_goes_when_it_is_signed_thrown_away_or_over()
    {
        await Licence("C-2");
        var (bob, his) = await Registrar("city");
        Task<string> Row(string id) => Sql($"select coalesce((select to_jsonb(w)::text from host.registrar_waiting w where id = '{id}'), '')");
        var (_, draft) = await Draft(Correction("C-2"));
        var signed = await Keep(draft);
        var row = await Row(signed);
        row.ShouldNotContain("John Doe");
        foreach (var disclosure in draft.GetProperty("disclosures").EnumerateArray())
        {
            row.ShouldNotContain(disclosure.GetString()!);
        }
        (await Sign(signed, draft, bob, his)).Status.ShouldBe(202);
        (await Row(signed)).ShouldContain("\"hidden\": null");

        var (_, second) = await Draft(Correction("C-2"));
        var dropped = await Keep(second);
        (await Ledger.Send(HttpMethod.Delete, $"{Waiting}/{dropped}", his)).Status.ShouldBe(204);
        (await Row(dropped)).ShouldBe("");
        (await Sign(dropped, second, bob, his)).Body.GetProperty("code").GetString().ShouldBe("waiting-unknown");

        var (_, third) = await Draft(Correction("C-2"));
        var over = await Keep(third);
        await Sql("update host.registrar_waiting set until = now() - interval '1 second'; select ''");
        (await Sign(over, third, bob, his)).Body.GetProperty("code").GetString().ShouldBe("waiting-unknown");
        var (keys, id) = (Ledger.Get<EventLedger.Api.KeyVault.IKeyVault>(), Sidecar.KeyId(Convert.FromHexString(await Sql($"select encode(hidden, 'hex') from host.registrar_waiting where id = '{over}'")))!);
        keys.Find(id).ShouldNotBeNull();
        await Ledger.Get<EventLedger.Api.R2D.WaitingStore>().Sweep(default);
        (await Row(over)).ShouldBe("");
        keys.Find(id).ShouldBeNull("what the draft hid is gone, wherever a copy of the row lies");
        (await Ledger.Send(HttpMethod.Get, $"{Waiting}/{signed}", Token)).Body.TryGetProperty("seq", out _).ShouldBeTrue("where it went is told for a month");
    }

    [Fact]
    public async Task A_record_that_has_changed_meanwhile_is_not_corrected_from_what_no_longer_stands()
    {
        await Licence("C-3");
        var (bob, his) = await Registrar("city");
        var (_, draft) = await Draft(Correction("C-3"));
        var id = await Keep(draft);
        await Licence("C-3");
        var (_, held) = await Ledger.Send(HttpMethod.Get, $"{Waiting}/{id}", his);
        held.TryGetProperty("isStale", out var stale).ShouldBeTrue(held.ToString());
        stale.GetBoolean().ShouldBeTrue();
        (await Sign(id, draft, bob, his)).Body.GetProperty("code").GetString().ShouldBe("version-conflict");
        // Nothing was done: it can still be thrown away.
        (await Ledger.Send(HttpMethod.Delete, $"{Waiting}/{id}", Token)).Status.ShouldBe(204);
    }

    [Fact]
    public async Task A_browsers_own_key_is_enough_to_let_another_person_sign()
    {
        var browser = await Browser(Ann.Pseudonym);
        var (_, draft) = await Draft(Issue("C-4"));
        (await Hand(draft, browser)).Body.GetProperty("code").GetString().ShouldBe("second-registrar-missing");
        var id = await Keep(draft, browser);
        var (bob, his) = await Registrar("city");
        (await Sign(id, draft, bob, his)).Status.ShouldBe(202);
    }

    [Fact]
    public async Task Two_browsers_are_not_enough_and_leave_it_to_somebody_whose_key_is()
    {
        var (bob, his) = await Registrar("city");
        var (_, draft) = await Draft(Issue("C-7"));
        var id = await Keep(draft, await Browser(Ann.Pseudonym));
        (await Sign(id, draft, await Browser(PseudonymOf(bob)), his)).Body.GetProperty("code").GetString().ShouldBe("assertion-wrong");
        (await Sign(id, draft, bob, his)).Status.ShouldBe(202);
    }

    [Fact]
    public async Task What_both_signed_before_the_host_died_is_finished_by_whoever_looks_next()
    {
        await Licence("C-8");
        var (bob, his) = await Registrar("city");
        var (_, draft) = await Draft(Correction("C-8"));
        var id = await Keep(draft);
        // As a host leaves it that dies after it kept the second signature.
        await Sql($"update host.registrar_waiting set signatures = jsonb_build_array(signatures::jsonb -> 0, '{Authorization.Sign(bob, Subject(draft)).ToJsonString()}'::jsonb)::text where id = '{id}'; select ''");
        (await Ledger.Send(HttpMethod.Delete, $"{Waiting}/{id}", Token)).Status.ShouldBe(404, "both have signed it");
        var (status, finished) = await Ledger.Send(HttpMethod.Get, $"{Waiting}/{id}", Token);
        status.ShouldBe(200, finished.ToString());
        var seq = finished.GetProperty("seq").GetInt64();

        // And as one leaves it that dies after the append, before it could note that.
        await Licence("C-11");
        var (_, other) = await Draft(Correction("C-11"));
        id = await Keep(other);
        var both = Body(other, Signed(other, Ann.Key, bob));
        await Sql($"update host.registrar_waiting set signatures = '{both["assertion"]!["signatures"]!.ToJsonString()}' where id = '{id}'; select ''");
        var own = (await Ledger.Send(HttpMethod.Post, Records, Token, both)).Body.GetProperty("seq").GetInt64();
        own.ShouldBeGreaterThan(seq);
        (await Sign(id, other, bob, his)).Body.GetProperty("seq").GetInt64().ShouldBe(own, "the same bytes again are the same entry");
    }

    [Fact]
    public async Task Of_two_corrections_of_one_version_the_second_is_not_taken_in()
    {
        await Licence("C-9");
        var (bob, his) = await Registrar("city");
        var ((_, first), (_, second)) = (await Draft(Correction("C-9")), await Draft(Correction("C-9")));
        var ids = (await Keep(first), await Keep(second));
        var answers = await Task.WhenAll(Sign(ids.Item1, first, bob, his), Sign(ids.Item2, second, bob, his));
        answers.Select(a => a.Status).Order().ShouldBe([202, 409]);
        // The one that came too late can still be thrown away.
        (await Ledger.Send(HttpMethod.Delete, $"{Waiting}/{(answers[0].Status == 409 ? ids.Item1 : ids.Item2)}", Token)).Status.ShouldBe(204);
    }

    [Fact]
    public async Task A_draft_hides_nothing_from_the_one_who_signs_second()
    {
        await Licence("C-10");
        var (_, draft) = await Draft(Correction("C-10"));
        async Task<string> Refused(Action<JsonObject, JsonArray> change)
        {
            var (payload, disclosures) = ((JsonObject)JsonNode.Parse(draft.GetProperty("payload").GetRawText())!, (JsonArray)JsonNode.Parse(draft.GetProperty("disclosures").GetRawText())!);
            change(payload, disclosures);
            var (nonce, exp) = (draft.GetProperty("nonce").GetString()!, EventLedger.Domain.Kernel.LedgerTime.Parse(draft.GetProperty("exp").GetString()!));
            var subject = Assertion.Subject(Ledger.Genesis.Chain, Agency.Iss, EventTable.SubmissionAccepted, payload, nonce, exp);
            var body = new JsonObject { ["payload"] = payload, ["disclosures"] = disclosures, ["assertion"] = Authorization.Create(nonce, exp, [Authorization.Sign(Ann.Key, subject)]) };
            var (_, answer) = await Ledger.Send(HttpMethod.Post, Waiting, Token, body);
            return answer.TryGetProperty("code", out var code) ? code.GetString()! : "";
        }
        (await Refused((payload, _) => payload["_sd"]!.AsArray().Add(EventLedger.Domain.Kernel.B64.Encode(new byte[32])))).ShouldBe("request-malformed", "a digest whose disclosure comes later");
        (await Refused((payload, _) => payload["cnf"] = new JsonObject())).ShouldBe("request-malformed", "a claim that no draft shows");
        (await Refused((_, disclosures) => disclosures[0] = $"{disclosures[0]}~{disclosures[0]}")).ShouldBe("request-malformed", "two disclosures in one");
        (await Refused((payload, _) => payload["jti"] = "another")).ShouldBe("", "all else is the person's own to say");
    }

    [Fact]
    public async Task Two_who_sign_at_the_same_moment_make_one_entry()
    {
        await Licence("C-5");
        var (bob, his) = await Registrar("city");
        var (cid, hers) = await Registrar("city");
        var (_, draft) = await Draft(Correction("C-5"));
        var id = await Keep(draft);
        var answers = await Task.WhenAll(Sign(id, draft, bob, his), Sign(id, draft, cid, hers));
        answers.Count(a => a.Status == 202).ShouldBeGreaterThanOrEqualTo(1);
        var seqs = answers.Where(a => a.Status == 202).Select(a => a.Body.GetProperty("seq").GetInt64()).Distinct().ToList();
        seqs.Count.ShouldBe(1);
        (await Ledger.Get<IEventStore>().ReadAll(seqs[0] + 1, 10, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_cannot_wait_is_refused()
    {
        var (_, none) = await Draft(Correction("C-6"));
        none.GetProperty("code").GetString().ShouldBe("record-unknown", "there is nothing to correct");
        await Licence("C-6");
        (await Draft(Correction("C-6", new string('x', 401)))).Body.GetProperty("detail").GetString()!.ShouldContain("1 to 400");
        var (_, draft) = await Draft(Correction("C-6"));
        var (bob, his) = await Registrar("city");
        async Task<string> Refused(JsonObject body, string token) => (await Ledger.Send(HttpMethod.Post, Waiting, token, body)).Body.GetProperty("code").GetString()!;
        (await Refused(Body(draft, Signed(draft, Ann.Key)), his)).ShouldBe("assertion-wrong", "signed by another");
        (await Refused(Body(draft, Signed(draft)), Token)).ShouldBe("assertion-wrong", "signed by nobody");
        (await Refused(Body(draft, Signed(draft, Ann.Key, bob)), Token)).ShouldBe("assertion-wrong", "it has both and need not wait");
        (await Refused(new() { ["payload"] = 1 }, Token)).ShouldBe("request-malformed");
        var changed = Body(draft, Signed(draft, Ann.Key));
        changed["disclosures"] = new JsonArray(SdJwt.Disclosure(new byte[16], "holder", "Somebody Else"));
        (await Refused(changed, Token)).ShouldBe("disclosure-wrong");
        // Both at once need not wait.
        (await Hand(draft, Ann.Key, bob)).Status.ShouldBe(202);
    }

    private async Task Licence(string number)
    {
        var (_, draft) = await Draft(Issue(number));
        var (status, receipt) = await Hand(draft, Ann.Key);
        status.ShouldBe(202, receipt.ToString());
        await Ledger.Sealed(receipt.GetProperty("seq").GetInt64());
    }

    private static JsonObject Correction(string number, string reason = "The kind was misread.")
    {
        var wish = Issue(number);
        (wish["correction"], wish["fields"]!["kind"], wish["fields"]!["holder"]) = (reason, "food", "John Doe");
        return wish;
    }

    private async Task<SigningKey> Browser(string pseudonym)
    {
        var key = TestLedger.NewKey(KeyPurpose.Operator);
        (await Agency.Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym), 1, new()
        {
            ["jwk"] = key.Public.ToJson(), ["kind"] = "browser", ["pseudonym"] = pseudonym, ["role"] = Role.Registrar, ["organisation"] = "city",
        }, [.. Ledger.Operators])).Status.ShouldBe(202);
        return key;
    }

    private string PseudonymOf(SigningKey key) => Ledger.Get<EventLedger.Api.Host.HostState>().Registry.Keys[key.Public.Kid].Owner;

    private async Task<string> Sql(string statement)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(Ledger.Connection);
        await using var command = database.CreateCommand(statement);
        return (string?)await command.ExecuteScalarAsync() ?? "";
    }

    private async Task<string> Keep(JsonElement draft, SigningKey? by = null)
    {
        var (status, kept) = await Ledger.Send(HttpMethod.Post, Waiting, Token, Body(draft, Signed(draft, by ?? Ann.Key)));
        status.ShouldBe(201, kept.ToString());
        return kept.GetProperty("id").GetString()!;
    }

    private Task<(int Status, JsonElement Body)> Sign(string id, JsonElement draft, SigningKey by, string token) =>
        Ledger.Send(HttpMethod.Post, $"{Waiting}/{id}/signatures", token, Authorization.Sign(by, Subject(draft)));

    private async Task<(SigningKey Key, string Token)> Registrar(string organisation)
    {
        var (_, key) = await TokenFor.Bind(Ledger, Role.Registrar, organisation);
        return (key, await TokenFor.Person(Ledger, key, "r2d"));
    }
}
