using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>Makes what other people's software judges in tests/interop. The committed files are held to what this code makes.</summary>
/// <remarks>With EVENTLEDGER_WRITE_VECTORS=1 the files are written anew.</remarks>
public sealed class VectorMaker
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("EVENTLEDGER_WRITE_VECTORS") == "1";

    // Sizes around each power of two, where trees change shape, and others.
    private static readonly int[] Sizes = [.. Enumerable.Range(1, 20), 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 200, 255, 256, 257, 300];

    [Fact]
    public void The_proofs_for_Go_are_the_ones_that_this_tree_makes()
    {
        var text = string.Concat(Proofs().Select(p => p.ToJsonString() + "\n"));
        var path = Path.Combine(VectorFiles.Folder, "proofs.jsonl");
        if (Writes)
        {
            File.WriteAllText(path, text);
        }
        File.ReadAllText(path).ShouldBe(text);
    }

    [Fact]
    public void The_record_for_sd_jwt_vc_is_ours_and_verifies()
    {
        var path = Path.Combine(VectorFiles.Folder, "records", "licence.json");
        if (Writes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, MakeRecord().ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }
        var vector = VectorFiles.Json("records/licence.json");
        SdJwt.TryParse(vector.GetProperty("record").GetString()!, out var record, out _).ShouldBeTrue();
        Jwk.TryParse(vector.GetProperty("jwk"), out var key).ShouldBeTrue();
        record.IsSignedBy(key).ShouldBeTrue();
        var claims = record.Disclose(out _)!;
        foreach (var claim in vector.GetProperty("claims").EnumerateObject())
        {
            Jcs.Bytes(claims[claim.Name]).ShouldBe(Jcs.Bytes(claim.Value));
        }
    }

    private static IEnumerable<JsonObject> Proofs()
    {
        var leaves = Enumerable.Range(0, Sizes[^1]).Select(i => Entry.LeafHash(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"leaf {i}")))).ToArray();
        Digest Subtree(int level, long index) => level == 0
            ? leaves[index]
            : MerkleTree.Node(Subtree(level - 1, 2 * index), Subtree(level - 1, (2 * index) + 1));
        var frontier = new MerkleFrontier();
        foreach (var size in Sizes)
        {
            while (frontier.Size < size)
            {
                frontier.Append(leaves[frontier.Size]);
            }
            var root = frontier.Root();
            foreach (var index in new SortedSet<int> { 0, 1, 2, size / 3, size / 2, size - 2, size - 1 }.Where(i => i >= 0 && i < size))
            {
                yield return new()
                {
                    ["kind"] = "inclusion", ["index"] = index, ["size"] = size, ["leaf"] = leaves[index].ToString(), ["root"] = root.ToString(),
                    ["path"] = Hashes(MerkleTree.Inclusion(index, size, Subtree)),
                };
            }
            foreach (var first in Sizes.Where(s => s <= size))
            {
                yield return new()
                {
                    ["kind"] = "consistency", ["first"] = first, ["size"] = size, ["firstRoot"] = MerkleTree.Root(first, Subtree).ToString(),
                    ["root"] = root.ToString(), ["path"] = Hashes(MerkleTree.Consistency(first, size, Subtree)),
                };
            }
        }
    }

    private static JsonArray Hashes(Digest[] path) => [.. path.Select(p => JsonValue.Create(p.ToString()))];

    private static JsonObject MakeRecord()
    {
        using var key = SigningKey.From(KeyPurpose.Record, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var shown = new JsonObject { ["name"] = "Ada Müller", ["address"] = new JsonObject { ["city"] = "Zürich", ["house"] = 7 }, ["conditions"] = new JsonArray("tacos", "soup") };
        var payload = new JsonObject
        {
            ["iss"] = "https://agency.example/licences", ["vct"] = "urn:eventledger:licence:1", ["ledger"] = "demo-0123456789abcdef", ["jti"] = "1", ["iat"] = 1767225600,
            ["number"] = "21MFF-00015",
        };
        string[] disclosures = [.. shown.Select(s => SdJwt.Disclosure(RandomNumberGenerator.GetBytes(16), s.Key, s.Value))];
        var claims = (JsonObject)shown.DeepClone();
        claims["number"] = "21MFF-00015";
        return new()
        {
            ["record"] = SdJwt.Create(key, payload, disclosures), ["jwk"] = key.Public.ToJson(), ["ledger"] = "demo-0123456789abcdef", ["claims"] = claims,
        };
    }
}
