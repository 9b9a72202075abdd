using System.Text.Json.Nodes;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;

namespace EventLedger.Conformance;

/// <summary><c>./ledger verify</c> with everything stopped: two files are all it needs.</summary>
public sealed class OfflineVerifyTests
{
    [Fact]
    [Y4561("N-6.2.2-c")]
    public async Task A_proof_is_judged_without_any_process_of_the_ledger()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        var seq = await source.Accepted(source.Licence("V-1"));
        await ledger.Sealed(seq);
        var proof = await Wait.For<string>("there is a proof", async () => await ledger.Get("/u2s/v1/licences/V-1/proof") is (200, var bundle) ? Text(bundle) : null);
        ledger.KillHost();
        ledger.KillValidators(1, 2, 3, 4);
        if (ledger.Postgres.IsPrivate)
        {
            ledger.Postgres.Kill();
        }

        (await Verify(ledger, proof)).ShouldBe((0, "authentic (ok)"));
        var record = proof.IndexOf("\"record\":\"", StringComparison.Ordinal) + 20;
        (await Verify(ledger, $"{proof[..record]}{(proof[record] == 'A' ? 'B' : 'A')}{proof[(record + 1)..]}")).Exit.ShouldBe(1);
        (await Verify(ledger, proof.Replace("\"path\":[", "\"path\": [", StringComparison.Ordinal))).Exit.ShouldBe(1);
        (await Verify(ledger, Without(proof, "v", 2))).ShouldBe((2, "cannot-tell (version)"));
        (await Verify(ledger, Without(proof, "status"))).Exit.ShouldBe(2);
        if (ledger.Postgres.IsPrivate)
        {
            await ledger.Postgres.Start();
        }
    }

    private static string Text(JsonObject bundle) => System.Text.Encoding.UTF8.GetString(Jcs.Bytes(bundle));

    private static string Without(string proof, string member, int? other = null)
    {
        var bundle = (JsonObject)JsonNode.Parse(proof)!;
        bundle.Remove(member).ShouldBeTrue();
        if (other is { } value)
        {
            bundle[member] = value;
        }
        return Text(bundle);
    }

    private static async Task<(int Exit, string FirstLine)> Verify(TestLedger ledger, string proof)
    {
        var file = Path.Combine(ledger.Data, "proof.json");
        await File.WriteAllTextAsync(file, proof);
        var (exit, said) = await ledger.Run("verify", file, "--genesis", ledger.GenesisFile);
        return (exit, said.Split('\n')[0]);
    }
}
