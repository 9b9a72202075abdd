using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>RFC 9162 proofs by the vectors of transparency-dev.</summary>
public sealed class MerkleVectorsTests
{
    // Its roots have 12 bytes and are equal; here a root has 32 bytes, as in Go's sumdb.
    private const string Exception = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json";

    [Fact]
    public void Inclusion_is_judged_as_published()
    {
        var probes = VectorFiles.Json("merkle/vectors.json").GetProperty("inclusion").EnumerateArray().ToList();
        probes.Count.ShouldBe(98);
        foreach (var probe in probes)
        {
            var accepted = Hash(probe, "root") is { } root && Hash(probe, "leafHash") is { } leaf && Path(probe) is { } path
                && Number(probe, "leafIdx") is { } index && Number(probe, "treeSize") is { } size && MerkleTree.VerifyInclusion(leaf, index, size, path, root);
            accepted.ShouldBe(!probe.GetProperty("wantErr").GetBoolean(), probe.GetProperty("file").GetString());
        }
    }

    [Fact]
    public void Consistency_is_judged_as_published_but_for_roots_of_twelve_bytes()
    {
        var probes = VectorFiles.Json("merkle/vectors.json").GetProperty("consistency").EnumerateArray().ToList();
        probes.Count.ShouldBe(98);
        foreach (var probe in probes)
        {
            var accepted = Hash(probe, "root1") is { } first && Hash(probe, "root2") is { } second && Path(probe) is { } path
                && Number(probe, "size1") is { } size1 && Number(probe, "size2") is { } size2 && MerkleTree.VerifyConsistency(size1, first, size2, second, path);
            var file = probe.GetProperty("file").GetString();
            accepted.ShouldBe(file != Exception && !probe.GetProperty("wantErr").GetBoolean(), file);
        }
    }

    [Fact]
    public void Hashes_are_the_published_ones()
    {
        var hashes = VectorFiles.Json("merkle/vectors.json").GetProperty("hashes");
        MerkleTree.EmptyRoot.ToString().ShouldBe(hashes.GetProperty("emptyRoot").GetString());
        Entry.LeafHash([]).ToString().ShouldBe(hashes.GetProperty("emptyLeaf").GetString());
        Entry.LeafHash("L123456"u8).ToString().ShouldBe(hashes.GetProperty("leaf:L123456").GetString());
    }

    // An index beyond 2^63 is out of every tree; null stands for what the parameter types already refuse.
    private static long? Number(JsonElement probe, string name) => probe.GetProperty(name).TryGetInt64(out var number) ? number : null;

    private static Digest? Hash(JsonElement probe, string name) => Hash(probe.GetProperty(name));

    private static Digest? Hash(JsonElement text) => text.GetBytesFromBase64() is { Length: 32 } bytes ? new Digest(bytes) : null;

    private static Digest[]? Path(JsonElement probe)
    {
        var proof = probe.GetProperty("proof");
        var path = proof.ValueKind == JsonValueKind.Null ? [] : proof.EnumerateArray().Select(Hash).ToArray();
        return path.Any(p => p is null) ? null : [.. path.Select(p => p!.Value)];
    }
}
