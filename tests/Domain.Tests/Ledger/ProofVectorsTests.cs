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
        var wrong = new List<string>();
        var count = 0;
        foreach (var group in VectorFiles.Json("mutations.json").EnumerateArray())
        {
            var vector = VectorFiles.Json($"bundles/{group.GetProperty("of").GetString()}");
            var (bundle, genesis) = (vector.GetProperty("bundle").GetString()!, Bytes(vector, "genesis"));
            foreach (var m in group.GetProperty("mutations").EnumerateArray())
            {
                var at = m[1].GetInt32();
                var mutated = bundle.Remove(at, m[2].GetInt32()).Insert(at, m[3].GetString()!);
                var verdict = ProofVerifier.Verify(Encoding.UTF8.GetBytes(mutated), genesis);
                count++;
                if (verdict.Judgement != Words[m[4].GetString()!] || verdict.Code != m[5].GetString())
                {
                    wrong.Add($"{group.GetProperty("of")} {m[0]}: {verdict.Word} {verdict.Code}, not {m[4]} {m[5]}");
                }
            }
        }
        wrong.ShouldBeEmpty();
        count.ShouldBeGreaterThan(300);
    }

    private static byte[] Bytes(JsonElement vector, string name) => Encoding.UTF8.GetBytes(vector.GetProperty(name).GetString()!);
}
