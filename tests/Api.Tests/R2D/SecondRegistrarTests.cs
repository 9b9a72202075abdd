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
        await using var database = Npgsql.NpgsqlDataSource.Create(Ledger.Connection);
        async Task<string> Row(string id)
        {
            await using var command = database.CreateCommand("select to_jsonb(w)::text from host.registrar_waiting w where id = $1");
            command.Parameters.Add(new() { Value = id });
            return (string?)await command.ExecuteScalarAsync() ?? "";
        }
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
        await using (var command = database.CreateCommand("update host.registrar_waiting set until = now() - interval '1 second'"))
        {
            await command.ExecuteNonQueryAsync();
        }
        (await Sign(over, third, bob, his)).Body.GetProperty("code").GetString().ShouldBe("waiting-unknown");
        (await Row(over)).ShouldBe("");
        (await Row(signed)).ShouldBe("", "what was signed is in the ledger; nothing else of it is kept longer");
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
        var browser = TestLedger.NewKey(KeyPurpose.Operator);
        (await Agency.Control(EventTable.RoleBound, EventTable.RoleStream(Ann.Pseudonym), 1, new()
        {
            ["jwk"] = browser.Public.ToJson(), ["kind"] = "browser", ["pseudonym"] = Ann.Pseudonym, ["role"] = Role.Registrar, ["organisation"] = "city",
        }, [.. Ledger.Operators])).Status.ShouldBe(202);
        var (_, draft) = await Draft(Issue("C-4"));
        (await Hand(draft, browser)).Body.GetProperty("code").GetString().ShouldBe("second-registrar-missing");
        var (status, kept) = await Ledger.Send(HttpMethod.Post, Waiting, Token, Body(draft, Signed(draft, browser)));
        status.ShouldBe(201, kept.ToString());
        var (bob, his) = await Registrar("city");
        (await Sign(kept.GetProperty("id").GetString()!, draft, bob, his)).Status.ShouldBe(202);
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

    private async Task<string> Keep(JsonElement draft)
    {
        var (status, kept) = await Ledger.Send(HttpMethod.Post, Waiting, Token, Body(draft, Signed(draft, Ann.Key)));
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
