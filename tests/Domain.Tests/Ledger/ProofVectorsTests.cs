using System.Text;
using System.Text.Json;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>The C# verifier judges the same bytes as verify.mjs, with the same verdict and code.</summary>
public sealed class ProofVectorsTests
{
    private static readonly Dictionary<string, Judgement> Words = new()
    {
        ["authentic"] = Judgement.Authentic, ["not-authentic"] = Judgement.NotAuthentic, ["cannot-tell"] = Judgement.CannotTell,
    };

    public static TheoryData<string> Files => [.. VectorFiles.Names("bundles")];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_bundle_gets_its_verdict(string file)
    {
        var vector = VectorFiles.Json($"bundles/{file}");
        var verdict = ProofVerifier.Verify(Bytes(vector, "bundle"), Bytes(vector, "genesis"));
        (verdict.Judgement, verdict.Code).ShouldBe((Words[vector.GetProperty("verdict").GetString()!], vector.GetProperty("code").GetString()!));
    }

    [Fact]
    public void Every_mutation_of_a_bundle_gets_its_verdict()
    {
        var mutations = VectorFiles.Json("mutations.json").EnumerateArray().SelectMany(group => Mutations(group.GetProperty("of").GetString()!, group.GetProperty("mutations"))).ToList();
        // Each is verified for itself, on all cores.
        mutations.AsParallel().Select(judge => judge()).OfType<string>().ShouldBeEmpty();
        mutations.Count.ShouldBeGreaterThan(300);
    }

    // For each mutation, what tells how its verdict differs from the expected one: null when it does not.
    private static IEnumerable<Func<string?>> Mutations(string name, JsonElement mutations)
    {
        var vector = VectorFiles.Json($"bundles/{name}");
        var (bundle, genesis) = (vector.GetProperty("bundle").GetString()!, Bytes(vector, "genesis"));
        return mutations.EnumerateArray().Select(m => (Func<string?>)(() =>
        {
            var at = m[1].GetInt32();
            var mutated = bundle.Remove(at, m[2].GetInt32()).Insert(at, m[3].GetString()!);
            var verdict = ProofVerifier.Verify(Encoding.UTF8.GetBytes(mutated), genesis);
            return verdict.Judgement == Words[m[4].GetString()!] && verdict.Code == m[5].GetString() ? null : $"{name} {m[0]}: {verdict.Word} {verdict.Code}, not {m[4]} {m[5]}";
        }));
    }

    private static byte[] Bytes(JsonElement vector, string name) => Encoding.UTF8.GetBytes(vector.GetProperty(name).GetString()!);
}
