using System.Text.Json.Nodes;
using EventLedger.Api.KeyVault;
using EventLedger.Api.R2D;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

/// <summary>Registrars issue for an agency whose key they do not have: its vault signs after their assertion, and after nothing else.</summary>
public sealed class RegistrarTests(PostgresFixture postgres) : RegistrarCity(postgres)
{
    [Fact, Y4561("N-8.1-c"), Y4561("N-8.2-b")]
    public async Task A_registrar_issues_a_licence_and_suspends_it_without_the_agencys_key()
    {
        var (_, draft) = await Draft(Issue("R-1"));
        draft.GetProperty("summary").GetProperty("act").GetString().ShouldBe("issue");
        draft.GetProperty("summary").GetProperty("hidden").GetProperty("holder").GetString().ShouldBe("Jane Doe");
        draft.GetProperty("payload").GetRawText().ShouldNotContain("Jane Doe");
        Subject(draft).ToString().ShouldBe(draft.GetProperty("subject").GetString(), "what is signed can be recomputed from what is shown");
        var body = Body(draft, Signed(draft, Ann.Key));
        var (status, receipt) = await Ledger.Send(HttpMethod.Post, Records, Token, body);
        status.ShouldBe(202, receipt.ToString());
        var seq = receipt.GetProperty("seq").GetInt64();
        await Ledger.Sealed(seq);
        (await Ledger.Get<IEventStore>().Rejections(1, seq, default)).ShouldBeEmpty("validators run the same rule");
        // The entry keeps who asserted it, and the source's signature covers that.
        var entry = (await Ledger.Get<IEventStore>().ReadAll(seq, 1, default))[0].Entry;
        entry.TryRecord(out var record, out _).ShouldBeTrue();
        record!.IsSignedBy(Agency.Key.Public).ShouldBeTrue();
        record.Payload.GetProperty("assertion").GetProperty("signatures")[0].GetProperty("kid").GetString().ShouldBe(Ann.Key.Public.Kid);
        // The same again is the same record, the same draft asserted anew is none, and the public answer shows fields alone.
        (await Ledger.Send(HttpMethod.Post, Records, Token, body)).Body.GetProperty("seq").GetInt64().ShouldBe(seq);
        (await Hand(draft, Ann.Key)).Body.GetProperty("code").GetString().ShouldBe("jti-reused");
        var (_, shown) = await Ledger.Send(HttpMethod.Get, $"/u2s/v1/records/{seq}");
        shown.GetProperty("claims").TryGetProperty("assertion", out _).ShouldBeFalse();

        var (_, change) = await Draft(new() { ["kind"] = "status", ["format"] = "licence", ["key"] = new JsonArray("R-1"), ["change"] = "suspended", ["reason"] = "inspection" });
        (status, receipt) = await Hand(change, Ann.Key);
        status.ShouldBe(202, receipt.ToString());
        await Ledger.Sealed(receipt.GetProperty("seq").GetInt64());
        (await Ledger.Get<IEventStore>().Rejections(1, receipt.GetProperty("seq").GetInt64(), default)).ShouldBeEmpty();
        var (_, licence) = await Ledger.Send(HttpMethod.Get, "/u2s/v1/licences/R-1");
        licence.GetProperty("status").GetRawText().ShouldContain("suspended");
        ProofVerifier.Verify(await Ledger.Http.GetByteArrayAsync($"/u2s/v1/records/{seq}/proof"), Ledger.Genesis.File).Judgement.ShouldBe(Judgement.Authentic);
    }

    [Fact, Y4561("N-8.2-b")]
    public async Task The_vault_signs_after_the_assertion_of_its_own_registrar_over_just_this_and_nothing_else()
    {
        var (_, draft) = await Draft(Issue("V-1"));
        var (_, other) = await Draft(Issue("V-2"));
        var eve = await TokenFor.Bind(Ledger, Role.Registrar, "harbour");
        var ben = await TokenFor.Bind(Ledger, Role.Registrar, "city", "browser");
        (await Code(Body(draft, Signed(other, Ann.Key)))).ShouldBe("assertion-wrong", "over another draft");
        (await Code(Body(draft, Signed(draft, eve.Key)))).ShouldBe("assertion-wrong", "by another organisation's registrar");
        (await Code(Body(draft, Signed(draft, Ledger.Operators[0])))).ShouldBe("assertion-wrong", "by an operator");
        (await Code(Body(draft, Signed(draft, ben.Key)))).ShouldBe("assertion-wrong", "by a browser alone");
        (await Code(Body(draft, Signed(draft)))).ShouldBe("assertion-wrong", "by nobody");
        var changed = Body(draft, Signed(draft, Ann.Key));
        changed["payload"]!["number"] = "V-3";
        (await Code(changed)).ShouldBe("assertion-wrong", "one field was changed after it was signed");
        changed = Body(draft, Signed(draft, Ann.Key));
        changed["disclosures"] = new JsonArray(SdJwt.Disclosure(new byte[16], "holder", "John Roe"));
        (await Code(changed)).ShouldBe("disclosure-wrong", "another holder than the one asserted");
        // One of the city's registrars hands in what another signed alone.
        var cid = await TokenFor.Bind(Ledger, Role.Registrar, "city");
        var foreign = await Ledger.Send(HttpMethod.Post, Records, await TokenFor.Person(Ledger, cid.Key, "r2d"), Body(draft, Signed(draft, Ann.Key)));
        foreign.Body.GetProperty("code").GetString().ShouldBe("assertion-wrong");
        var stranger = await TokenFor.Person(Ledger, eve.Key, "r2d");
        (await Ledger.Send(HttpMethod.Post, Drafts, stranger, Issue("V-4"))).Body.GetProperty("code").GetString().ShouldBe("organisation-other");
        (await Ledger.Send(HttpMethod.Post, Records, stranger, Body(draft, Signed(draft, eve.Key)))).Body.GetProperty("code").GetString().ShouldBe("organisation-other");
        // Asked directly it is no softer: what has expired or was never asserted is not signed.
        var (vault, state, head) = (Ledger.Get<AgencyVault>(), Ledger.Get<EventLedger.Api.Host.HostState>(), Ledger.Get<EventLedger.Api.Host.LedgerHead>());
        var payload = (JsonObject)JsonNode.Parse(draft.GetProperty("payload").GetRawText())!;
        string? Ask(LedgerTime now) => vault.Sign("city", Agency.Key.Public.Kid, payload, EventTable.SubmissionAccepted, state.Registry, state.Now.Seq + 1, now, head.Header.Time);
        Ask(Agency.Now).ShouldBeNull();
        payload["assertion"] = Signed(draft, Ann.Key);
        Ask(Agency.Now).ShouldNotBeNull();
        Ask(Agency.Now.PlusMs(2 * 3_600_000)).ShouldBeNull("its hour is over");
        // The browser's key counts beside another person's.
        (await Code(Body(draft, Signed(draft, ben.Key, Ann.Key)))).ShouldBe("");
        // A registrar no more.
        (await Agency.Control(EventTable.RoleUnbound, EventTable.RoleStream(Ann.Pseudonym), 1, new() { ["pseudonym"] = Ann.Pseudonym, ["role"] = Role.Registrar, ["reason"] = "left" })).Status.ShouldBe(202);
        (await Ledger.Send(HttpMethod.Post, Records, Token, Body(other, Signed(other, Ann.Key)))).Status.ShouldBe(403);
        Ask(Agency.Now).ShouldBeNull();
    }

    [Fact]
    public async Task A_draft_is_held_to_all_rules_before_anybody_signs()
    {
        foreach (var (wish, code) in new (JsonObject, string)[]
        {
            (new() { ["kind"] = "issue" }, "request-malformed"),
            (new() { ["kind"] = "issue", ["format"] = "urn:eventledger:none:1", ["fields"] = new JsonObject() }, "format-unknown"),
            (new() { ["kind"] = "issue", ["format"] = Agency.Vct, ["fields"] = new JsonObject { ["number"] = "D-1" } }, "schema-mismatch"),
            (new() { ["kind"] = "issue", ["format"] = Agency.Vct, ["fields"] = new JsonObject { ["number"] = "D-1", ["holder"] = "Jane", ["iss"] = "me" } }, "request-malformed"),
            (new() { ["kind"] = "issue", ["format"] = Agency.Vct, ["fields"] = new JsonObject { ["number"] = "D-1", ["holder"] = "Jane", ["colour"] = "red" } }, "schema-mismatch"),
            (new() { ["kind"] = "status", ["format"] = "licence", ["key"] = new JsonArray("D-1"), ["change"] = "revoked" }, "record-unknown"),
            (new() { ["kind"] = "status", ["format"] = "licence", ["key"] = new JsonArray("D-1"), ["change"] = "burnt" }, "record-malformed"),
            (Issue("D-1", source: "https://other.example"), "organisation-other"),
        })
        {
            (await Draft(wish)).Body.GetProperty("code").GetString().ShouldBe(code, wish.ToJsonString());
        }
        // Nothing of a draft is kept, not even for a repeated request: it holds what is hidden.
        using var request = new HttpRequestMessage(HttpMethod.Post, Drafts) { Content = new StringContent(Issue("D-2").ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", Token);
        request.Headers.Add("Idempotency-Key", "draft-1");
        var answer = await Ledger.Http.SendAsync(request);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await Agency.Read(answer)).Status.ShouldBe(200);
        await using var database = Npgsql.NpgsqlDataSource.Create(Ledger.Connection);
        await using var command = database.CreateCommand("select count(*) from host.idempotency");
        (await command.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Fact]
    public async Task The_desk_tells_for_which_sources_and_with_which_key_it_issues_and_says_when_there_is_none()
    {
        var (_, desk) = await Ledger.Send(HttpMethod.Get, "/r2d/v1/registrar/sources", Token);
        desk.GetProperty("organisation").GetString().ShouldBe("city");
        var source = desk.GetProperty("sources")[0];
        (source.GetProperty("iss").GetString(), source.GetProperty("kid").GetString()).ShouldBe((Agency.Iss, Agency.Key.Public.Kid));
        source.GetProperty("formats")[0].GetProperty("vct").GetString().ShouldBe(Agency.Vct);
        File.Delete(Path.Combine(Ledger.Data, "agencies", "city", $"{Agency.Key.Public.Kid}.json"));
        (await Draft(Issue("K-1"))).Body.GetProperty("code").GetString().ShouldBe("vault-key-missing");
        // A key that lies in another organisation's folder signs for nobody.
        Enrol("harbour", Agency.Key);
        (await Draft(Issue("K-1"))).Body.GetProperty("code").GetString().ShouldBe("vault-key-missing");
    }

    [Fact]
    public async Task A_place_in_a_status_list_that_a_record_holds_is_drawn_again_and_a_full_list_is_left()
    {
        var (_, draft) = await Draft(Issue("P-1"));
        (await Hand(draft, Ann.Key)).Status.ShouldBe(202);
        var taken = draft.GetProperty("payload").GetProperty("status").GetProperty("status_list").GetProperty("idx").GetInt32();
        var free = (taken + 1) % StatusList.Capacity;
        var iss = draft.GetProperty("payload").GetProperty("iss").GetString()!;
        var places = Ledger.Get<StatusPlaces>();
        var draws = new Queue<int>([taken, taken, free]);
        (await places.Draw(iss, draws.Dequeue, default)).ShouldBe((0, free));
        draws.ShouldBeEmpty();
        (await places.Draw(iss, () => free, default)).ShouldBe((1, free), "a draft has it that may yet be signed");
        (await new StatusPlaces(Ledger.Get<IEventStore>(), TimeProvider.System).Draw(iss, () => taken, default)).ShouldBe((1, taken), "a record has it, which a new start knows too");
    }
}
