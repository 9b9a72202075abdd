using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>Proofs of entries and of consistency, over a log of two blocks that three of four validators signed.</summary>
public sealed class AnyProofTests
{
    private static readonly LedgerTime Start = RulesChain.Start;
    private static readonly string Shown = SdJwt.Disclosure(new byte[16], "who", "Ann");

    private readonly SigningKey[] validators = [.. Enumerable.Range(0, 4).Select(_ => Keys.Generate(KeyPurpose.Consensus))];
    private readonly Genesis genesis;
    private readonly Entry[] entries;
    private readonly BlockHeader first, second;

    public AnyProofTests()
    {
        var file = Genesis.Write("proofs", Start, new("localhost", [], new Dictionary<string, int>()),
            [.. validators.Select((v, i) => new GenesisValidator($"v{i}", $"127.0.0.1:{i}", new(v.Public, 1, new Dictionary<string, Jwk>())))],
            [.. Enumerable.Range(0, 2).Select(i => new GenesisOperator($"operator-{i}", Keys.Generate(KeyPurpose.Operator).Public))],
            [new("host", Keys.Generate(KeyPurpose.Receipt).Public, Keys.Generate(KeyPurpose.Status).Public, Keys.Generate(KeyPurpose.Transport).Public)]);
        genesis = Genesis.TryParse(file, out var parsed) ? parsed : throw new InvalidOperationException();
        var access = new JsonObject { ["_sd"] = new JsonArray(B64.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Shown)))), ["sidecar"] = new string('a', 64) };
        entries = [genesis.Entry, Make(2, EventTable.DataAccessed, "access-1", access), Make(3, EventTable.DataAccessed, "access-2", access),
            Make(4, EventTable.FindingRaised, "elsewhere", new() { ["kind"] = "x" })];
        first = Header(1, genesis.Hash, 1, 2, Digest.Zero, []);
        second = Header(2, first.Hash, 3, 4, first.Results, [new(4, RejectionCode.StreamWrong)]);
    }

    [Fact]
    public void An_entry_of_any_type_is_proved_and_so_is_what_it_hides()
    {
        Judge(Proof(2, first, Digest.Zero, [], Shown)).ShouldBe((Judgement.Authentic, VerdictCode.Ok));
        Judge(Proof(3, second, first.Results, [new(4, RejectionCode.StreamWrong)])).ShouldBe((Judgement.Authentic, VerdictCode.Ok));
    }

    [Fact]
    public void What_was_rejected_changed_or_is_shown_falsely_is_not_authentic()
    {
        Judge(Proof(4, second, first.Results, [new(4, RejectionCode.StreamWrong)])).ShouldBe((Judgement.NotAuthentic, VerdictCode.Rejected));
        Judge(Proof(4, second, first.Results, [])).ShouldBe((Judgement.NotAuthentic, VerdictCode.Results));
        Judge(Proof(2, first, Digest.Zero, [], SdJwt.Disclosure(new byte[16], "who", "Bob"))).ShouldBe((Judgement.NotAuthentic, VerdictCode.Disclosure));
        var proof = Proof(2, first, Digest.Zero, []);
        Judge(proof with { Entry = entries[2] with { Seq = 2 } }).ShouldBe((Judgement.NotAuthentic, VerdictCode.Inclusion));
        Judge(proof with { Commit = proof.Commit with { Signatures = [.. proof.Commit.Signatures.Take(2)] } }).ShouldBe((Judgement.NotAuthentic, VerdictCode.Quorum));
    }

    [Fact]
    public void A_later_head_is_proved_to_begin_with_an_earlier_one()
    {
        var bundle = new ConsistencyBundle(first, Sealed(first), second, Sealed(second), MerkleTree.Consistency(2, 4, Subtree), []);
        Judge(bundle).ShouldBe((Judgement.Authentic, VerdictCode.Ok));
        Judge(bundle with { Path = [.. bundle.Path.Select(_ => Digest.Zero)] }).ShouldBe((Judgement.NotAuthentic, VerdictCode.Inclusion));
        Judge(bundle with { First = second, FirstCommit = Sealed(second), Second = first, SecondCommit = Sealed(first) }).ShouldBe((Judgement.NotAuthentic, VerdictCode.Header));
        Judge(bundle with { SecondCommit = Sealed(first) }).ShouldBe((Judgement.NotAuthentic, VerdictCode.Header));
        var later = (JsonObject)JsonNode.Parse(bundle.ToBytes())!;
        later["second"]!["header"]!["v"] = 2;
        AnyProof.Verify(Jcs.Bytes(later), genesis.File).Judgement.ShouldBe(Judgement.CannotTell);
    }

    private static Entry Make(long seq, string type, string stream, JsonObject data) => new(seq, stream, 1, type, Start.PlusMs(seq), "host", Jcs.Bytes(data));

    private BlockHeader Header(long height, Digest prev, long from, long size, Digest results, IReadOnlyList<Rejected> rejected)
    {
        var tree = new MerkleFrontier();
        foreach (var entry in entries.Take((int)size))
        {
            tree.Append(Entry.LeafHash(entry.ToBytes()));
        }
        return new(genesis.Chain, height, prev, Start.PlusMs(100 * height), from, size, tree.Root(), BlockHeader.ResultsOf(results, rejected), Digest.Zero, genesis.Set.Hash,
            genesis.Set.Hash, validators[0].Public.Kid);
    }

    private Digest Subtree(int level, long index) => level == 0
        ? Entry.LeafHash(entries[index].ToBytes())
        : MerkleTree.Node(Subtree(level - 1, 2 * index), Subtree(level - 1, (2 * index) + 1));

    private Commit Sealed(BlockHeader header)
    {
        var vote = Commit.VoteBytes(genesis.Chain, header.Height, 0, "precommit", header.Hash);
        return new(header.Height, 0, header.Hash,
            [.. validators.Take(3).Select(v => new KidSignature(v.Public.Kid, B64.Encode(v.Sign(vote)))).OrderBy(s => s.Kid, StringComparer.Ordinal)]);
    }

    private EntryProof Proof(long seq, BlockHeader header, Digest results, IReadOnlyList<Rejected> rejected, params string[] shown) =>
        new(entries[seq - 1], MerkleTree.Inclusion(seq - 1, header.Size, Subtree), header, results, rejected, Sealed(header), [], shown);

    private (Judgement, string) Judge(EntryProof proof) => Judge(proof.ToBytes());

    private (Judgement, string) Judge(ConsistencyBundle bundle) => Judge(bundle.ToBytes());

    private (Judgement, string) Judge(byte[] proof)
    {
        var verdict = AnyProof.Verify(proof, genesis.File);
        return (verdict.Judgement, verdict.Code);
    }
}
