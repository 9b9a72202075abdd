using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using Npgsql;
using StoreKind = EventLedger.EventStore.UniqueKind;

namespace EventLedger.Conformance;

/// <summary>A host that forges writes straight into the database; the validators seal what it wrote as rejected, and nothing comes of it.</summary>
public sealed class RejectedEntryTests
{
    private const string Evil = "https://evil.example";

    [Fact]
    [Y4561("N-8.2-a")]
    [Y4561("D-7.1.2-a")]
    public async Task What_a_host_forges_is_sealed_with_its_code_and_has_no_effect_anywhere()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.Sealed(await source.Accepted(source.Licence("R-1", jti: "first")));
        using var stranger = Keys.Generate(KeyPurpose.Operator);
        using var evil = Keys.Generate(KeyPurpose.Record);
        await ledger.Client.RequestSource(SourceRequest.Create(evil, Evil, "Evil", ledger.Genesis.Chain, Agency.Now));
        await using var database = NpgsqlDataSource.Create(ledger.Connection);
        await using var store = await PostgresEventStore.Open(database, ledger.Genesis.Chain, TimeProvider.System);

        var approval = await Append(store, EventTable.SourceApproved, EventTable.SourceStream(Evil), Approval(ledger, stranger, await RequestOf(ledger)));
        var duplicate = await Append(store, source.Licence("R-2", jti: "first"), claims: false);
        var unsigned = await Append(store, Broken(source.Licence("R-3", jti: "third")), claims: true);
        var unknown = await Append(store, "wish_granted", "wishes", new() { ["wish"] = "money" });
        var early = await store.ReadAll(approval, 1, default);
        early.Count.ShouldBe(1);
        await ledger.Sealed(unknown);

        (await ledger.Rows("select seq || ' ' || code from ledger_rejections order by seq")).ShouldBe(
            [$"{approval} authorization-signature", $"{duplicate} jti-reused", $"{unsigned} signature-wrong", $"{unknown} type-unknown"]);
        foreach (var seq in new[] { duplicate, unsigned })
        {
            (await ledger.Get($"/r2d/v1/submissions/{seq}")).Body["status"]!.GetValue<string>().ShouldBe("rejected");
            (await ledger.Get($"/u2s/v1/records/{seq}/proof")).Body["code"]!.GetValue<string>().ShouldBe("record-rejected");
            (await ledger.Get($"/u2s/v1/records/{seq}")).Status.ShouldBe(404);
        }
        (await ledger.Get("/u2s/v1/licences/R-2")).Status.ShouldBe(404);
        (await ledger.Get("/u2s/v1/licences/R-3")).Status.ShouldBe(404);
        (await ledger.Get("/u2s/v1/records?state=sealed")).Body["total"]!.GetValue<int>().ShouldBe(1);
        (await ledger.Get($"/r2d/v1/sources/{EventTable.SourceStream(Evil)["source-".Length..]}")).Body["state"]?.GetValue<string>().ShouldNotBe("active");
        var own = new RecordSigner(evil, Evil, ledger.Genesis.Chain, ledger.Url, source.Signer.Format).Sign(new() { ["number"] = "R-4" }, "e-1", Agency.Now);
        (await source.Submit(own)).Status.ShouldBeInRange(400, 499);

        // The honest record takes what the forged one had claimed.
        var honest = await source.Accepted(source.Licence("R-3", jti: "third"));
        await ledger.Sealed(honest);
        (await ledger.Get("/u2s/v1/licences/R-3")).Body["state"]!.GetValue<string>().ShouldBe("sealed");
        await Wait.Until("four findings", async () => await ledger.Scalar("select count(*) from mt_events where stream_id = 'findings'") == 4);
        (await ledger.Rows("select data->>'seq' || ' ' || (data->>'code') from mt_events where stream_id = 'findings' order by seq_id"))
            .ShouldBe(await ledger.Rows("select seq || ' ' || code from ledger_rejections order by seq"));
        await ledger.AllSealed();
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }

    private static async Task<string> RequestOf(TestLedger ledger) =>
        (await ledger.Get($"/r2d/v1/sources/{EventTable.SourceStream(Evil)["source-".Length..]}")).Body["requests"]![0]!["request"]!.GetValue<string>();

    // All is as an operator would sign it, but it is not an operator who signs.
    private static JsonObject Approval(TestLedger ledger, SigningKey stranger, string request)
    {
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), Agency.Now.PlusMs(3_600_000));
        var data = new JsonObject { ["request"] = request };
        var subject = Authorization.Subject(ledger.Genesis.Chain, EventTable.SourceStream(Evil), EventTable.SourceApproved, data, 1, nonce, exp);
        data["authorization"] = Authorization.Create(nonce, exp, Authorization.Sign(stranger, subject));
        return data;
    }

    // Another record under the old signature.
    private static string Broken(string record)
    {
        var signature = record.LastIndexOf('.') + 5;
        return $"{record[..signature]}{(record[signature] == 'A' ? 'B' : 'A')}{record[(signature + 1)..]}";
    }

    private static Task<long> Append(PostgresEventStore store, string record, bool claims)
    {
        SdJwt.TryParse(record, out var parsed, out _).ShouldBeTrue();
        Claims.TryRead(parsed!.Payload, out var claimed).ShouldBeTrue();
        var uniques = claimed!.Uniques().Select(u => new UniqueKey(u.Kind == Domain.Ledger.UniqueKind.Jti ? StoreKind.Jti : StoreKind.StatusIndex, u.Key));
        var number = parsed.Payload.GetProperty("number").GetString()!;
        return Append(store, EventTable.SubmissionAccepted, Agency.StreamOf(number), new() { ["record"] = parsed.Jwt }, claims ? [.. uniques] : []);
    }

    private static async Task<long> Append(PostgresEventStore store, string type, string stream, JsonObject data, UniqueKey[]? uniques = null)
    {
        var versions = await store.StreamVersions([stream], default);
        var actor = type == EventTable.SubmissionAccepted ? Agency.Iss : "host-1";
        var answer = await store.Append(new(stream, versions.GetValueOrDefault(stream), [new NewEvent(type, actor, Jcs.Bytes(data))], uniques ?? []), default);
        return answer.ShouldBeOfType<AppendResult.Appended>(string.Create(CultureInfo.InvariantCulture, $"{type}: {answer}")).Entries[0].Entry.Seq;
    }
}
