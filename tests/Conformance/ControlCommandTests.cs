using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Conformance;

/// <summary>Operators at the command line, each with an own key file, against the whole product as processes.</summary>
public sealed class ControlCommandTests
{
    [Fact]
    [Y4561("N-8.4-f"), Y4561("D-7.2.3-b"), Y4561("N-6.2.1-d")]
    public async Task Operators_look_act_and_sign_for_each_other_and_what_was_signed_before_stays_proved()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        string Person(int n) => Path.Combine(ledger.Data, "operators", $"operator-{n}.json");
        var seq = await source.Accepted(source.Licence("C-1"));
        await ledger.Sealed(seq);

        string[] suspend = ["control", "do", "suspend", "source", "--set", $"iss={Agency.Iss}", "--reason", "Prüfung", "--operator", Person(1), "--json"];
        var look = JsonNode.Parse(await ledger.MustRun([.. suspend, "--dry-run"]))!;
        ((string)look["diff"]![0]!["after"]!["state"]!).ShouldBe("suspended");
        (await ledger.Get("/r2d/v1/sources")).Body["sources"]![0]!["state"]!.GetValue<string>().ShouldBe("active");
        ((long)JsonNode.Parse(await ledger.MustRun(suspend))!["seq"]!).ShouldBeGreaterThan(seq);
        (await source.Submit(source.Licence("C-2"))).Status.ShouldBe(403);
        var history = JsonNode.Parse(await ledger.MustRun("control", "history", "sources", Digest(Agency.Iss), "--json"))!;
        ((string)history["events"]!.AsArray()[^1]!["data"]!["reason"]!).ShouldBe("Prüfung");

        // Revoking a key takes two people in the demo chain: the second signs by the draft's id alone.
        var half = JsonNode.Parse(await ledger.MustRun("control", "do", "revoke", "key", "--set", $"kid={source.Key.Public.Kid}", "--reason", "lost", "--operator", Person(1), "--json"))!;
        ((string)half["state"]!, half["seq"]).ShouldBe(("waiting", null));
        var (exit, said) = await ledger.Run("control", "sign", (string)half["id"]!, "--operator", Person(1));
        exit.ShouldBe(1, said);
        var whole = JsonNode.Parse(await ledger.MustRun("control", "sign", (string)half["id"]!, "--operator", Person(2), "--json"))!;
        await ledger.Sealed((long)whole["seq"]!);

        // The record was signed before: its proof verifies with nothing but the genesis file, now and later.
        await Wait.Until("the record is projected", async () => (await ledger.Get($"/u2s/v1/records/{seq}/proof")).Status == 200);
        var bundle = Path.Combine(ledger.Data, "c-1.proof.json");
        await File.WriteAllBytesAsync(bundle, await ledger.Client.GetBytes($"/u2s/v1/records/{seq}/proof"));
        (await ledger.MustRun("verify", bundle, "--genesis", ledger.GenesisFile)).ShouldContain("authentic");
    }

    [Fact]
    [Y4561("N-6.2.4-d"), Y4561("D-8.8-3")]
    public async Task From_the_id_of_a_request_one_comes_by_the_log_to_its_entry_and_block()
    {
        await using var ledger = await TestLedger.Start();
        await Agency.Register(ledger);
        var stream = EventTable.SourceStream(Agency.Iss);
        var version = (await ledger.Get($"/o2c/v1/streams/{stream}")).Body["version"]!.GetValue<long>();
        using var key = Keys.Load(Path.Combine(ledger.Data, "operators", "operator-1.json"));
        ledger.Http.DefaultRequestHeaders.Add("X-Correlation-Id", "act-4561");
        var seq = (long)(await ledger.Client.Control(EventTable.SourceSuspended, stream, new() { ["iss"] = Agency.Iss, ["reason"] = "late" }, version, ledger.Genesis.Chain,
            LedgerTime.From(DateTimeOffset.UtcNow), [key]))["seq"]!;
        await ledger.Sealed(seq);

        var line = ledger.Said("host").Split('\n').Where(l => l.Contains("act-4561", StringComparison.Ordinal) && l.Contains(EventTable.SourceSuspended, StringComparison.Ordinal)).ShouldHaveSingleItem();
        JsonNode.Parse(line)!["State"]!["Seq"]!.GetValue<long>().ShouldBe(seq);
        JsonObject act = [];
        await Wait.Until("the act is told as sealed", async () => (act = (await ledger.Get($"/o2c/v1/controls/{seq}")).Body)["height"] is not null);
        var block = (await ledger.Get($"/ledger/v1/blocks/{act["height"]}")).Body["header"]!;
        seq.ShouldBeInRange(block["first"]!.GetValue<long>(), block["size"]!.GetValue<long>());
    }

    private static string Digest(string text) => EventLedger.Domain.Kernel.Digest.Of(text).ToString();
}
