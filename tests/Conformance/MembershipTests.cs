using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;

namespace EventLedger.Conformance;

/// <summary>Validators come, change their keys and go by the command line, one of them down; everything that was proved before stays provable.</summary>
public sealed class MembershipTests
{
    private TestLedger ledger = null!;
    private Agency source = null!;
    private int next;

    [Fact]
    [Y4561("D-7.2.3-c")]
    [Y4561("D-7.2.3-b")]
    public async Task A_validator_joins_one_rotates_its_keys_one_leaves_and_old_and_new_proofs_verify_offline()
    {
        await using var running = ledger = await TestLedger.Start();
        source = await Agency.Register(ledger);
        await ledger.Sealed(await source.Accepted(source.Licence("V-early")));
        var port = Layout.FreePorts(1).ToString(CultureInfo.InvariantCulture);
        await ledger.MustRun("validator", "init", "--name", "validator-5", "--address", $"127.0.0.1:{port}", "--genesis", ledger.GenesisFile, "--out", ledger.ValidatorFolder(5));
        ledger.StartValidators(5);
        ledger.KillValidators(4);

        (await ledger.Run("validator", "admit", "validator-5", "--operator", Operator(1), Operator(2))).Exit.ShouldNotBe(0, "nobody has invited it");
        (await ledger.Run("validator", "invite", Path.Combine(ledger.ValidatorFolder(5), "request.json"), "--operator", Operator(1))).Said.ShouldContain("authorization-persons");
        await Signed("invite", Path.Combine(ledger.ValidatorFolder(5), "request.json"));
        await Seals();
        await Forecast("after this 4 of 5 online, 4 needed: goes on", 0);
        ledger.KillValidators(5);
        await Forecast("after this 3 of 5 online, 4 needed: would halt", 1);
        var (exit, said) = await ledger.Run("validator", "admit", "validator-5", "--operator", Operator(1), Operator(2));
        (exit, said).ShouldBe((1, said), said);
        said.ShouldContain("set-would-halt");
        said.ShouldContain("after this 3 of 5 online, 4 needed: would halt");
        ledger.StartValidators(5);
        await Forecast("after this 4 of 5 online, 4 needed: goes on", 0);

        await Signed("admit", "validator-5");
        await InForce("validator-5", 5);
        ledger.StartValidators(4);
        await Online(5);
        await ledger.MustRun("validator", "rotate", "--data", ledger.ValidatorFolder(2));
        await Signed("invite", Path.Combine(ledger.ValidatorFolder(2), "request.json"));
        await Seals();
        ledger.KillValidators(1);
        await Forecast("after this 5 of 6 online, 5 needed: goes on", 0, "validator-2=2");
        await Signed("admit", "validator-2", "--power", "2");
        await InForce("validator-2", 5);
        ledger.StartValidators(1);
        await Online(5);
        await Signed("leave", "validator-3");
        await Seals();
        await Seals();
        await Wait.Until("the set has four members", async () => (await Seats()).Count == 4);
        await Seals();

        foreach (var number in (string[])["V-early", $"V-{next}"])
        {
            await VerifiesOffline(number);
        }
        (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
        (exit, said) = await ledger.Run("doctor", "--data", ledger.Data);
        exit.ShouldBe(0, said);
        await StoreComesBack();
    }

    // A store that lacks the blocks in which the set changed, and one that lacks everything.
    private async Task StoreComesBack()
    {
        await ledger.StopHost();
        await ledger.Execute("set ledger.guard = off; delete from ledger_blocks where height > 1");
        ledger.StartHost();
        await ledger.Ready();
        await Seals();
        await ledger.StopHost();
        ledger.Connection = await ledger.Postgres.CreateDatabase();
        await ledger.MustRun("recover", "--request", Path.Combine(ledger.ValidatorFolder(5), "request.json"), "--data", ledger.Data);
        ledger.StartHost();
        await ledger.Ready();
        await Seals();
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }

    private string Operator(int n) => Path.Combine(ledger.Data, "operators", $"operator-{n}.json");

    private Task<string> Signed(params string[] command) => ledger.MustRun(["validator", .. command, "--operator", Operator(1), Operator(2)]);

    private async Task Seals() => await ledger.Sealed(await source.Accepted(source.Licence($"V-{++next}")));

    private Task Forecast(string text, int exit, string admit = "validator-5") => Wait.Until(text, async () =>
        await ledger.Run("validator", "what-if", "--admit", admit) is var answer && answer.Exit == exit && answer.Said.Contains(text, StringComparison.Ordinal));

    private async Task<List<JsonObject>> Seats() => await ledger.Get("/ledger/v1/validators") is (200, var body)
        ? [.. body["validators"]!.AsArray().Select(v => (JsonObject)v!).Where(v => v["state"]!.GetValue<string>() == "seated")]
        : [];

    private async Task InForce(string name, int seats)
    {
        await Seals();
        await Seals();
        await Wait.Until($"{name} votes", async () => await Seats() is var all && all.Count == seats
            && all.Exists(v => v["name"]!.GetValue<string>() == name && v["observing"]?.GetValue<bool>() == false));
        await Seals();
    }

    private Task Online(int count) => Wait.Until($"{count} validators vote", async () =>
        (await Seats()).Count(v => v["observing"]?.GetValue<bool>() == false) == count);

    private async Task VerifiesOffline(string number)
    {
        var proof = await Wait.For<string>($"there is a proof of {number}", async () =>
            await ledger.Get($"/u2s/v1/licences/{number}/proof") is (200, var bundle) ? System.Text.Encoding.UTF8.GetString(Jcs.Bytes(bundle)) : null);
        (await Judge(proof)).ShouldBe((0, 0));
        var sets = ((JsonObject)JsonNode.Parse(proof)!)["sets"]!.AsArray();
        sets.Count.ShouldBe(3);
        for (var i = 0; i < sets.Count; i++)
        {
            var cut = (JsonObject)JsonNode.Parse(proof)!;
            cut["sets"]!.AsArray().RemoveAt(i);
            (await Judge(System.Text.Encoding.UTF8.GetString(Jcs.Bytes(cut)))).ShouldBe((1, 1), $"without change {i + 1}");
        }
    }

    private async Task<(int Cli, int Node)> Judge(string proof)
    {
        var file = Path.Combine(ledger.Data, "proof.json");
        await File.WriteAllTextAsync(file, proof);
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Child.Root, "src", "Web", "wwwroot", "verify.mjs"), file, "--genesis", ledger.GenesisFile])
        {
            RedirectStandardOutput = true,
        })!;
        await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return ((await ledger.Run("verify", file, "--genesis", ledger.GenesisFile)).Exit, node.ExitCode);
    }
}
