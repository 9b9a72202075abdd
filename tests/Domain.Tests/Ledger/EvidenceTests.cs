using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class EvidenceTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b");

    private readonly EvidenceMaker maker = new();

    public static TheoryData<string> Kinds => [EvidenceKind.DoubleVote, "nil-vote", EvidenceKind.DoubleProposal, EvidenceKind.Amnesia, "answered"];

    [Theory, MemberData(nameof(Kinds))]
    public void Evidence_reads_back_and_holds(string kind)
    {
        var evidence = Made(kind);
        Evidence.TryParse(evidence.ToBytes(), out var read).ShouldBeTrue();
        read.ToBytes().ShouldBe(evidence.ToBytes());
        read.Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBeNull();
    }

    [Theory]
    [InlineData(EvidenceKind.DoubleVote, EvidenceFinding.Proved, EvidenceVerifier.Ok)]
    [InlineData("nil-vote", EvidenceFinding.Proved, EvidenceVerifier.Ok)]
    [InlineData(EvidenceKind.DoubleProposal, EvidenceFinding.Proved, EvidenceVerifier.Ok)]
    [InlineData(EvidenceKind.Amnesia, EvidenceFinding.CannotTell, EvidenceVerifier.Accused)]
    [InlineData("answered", EvidenceFinding.NotProved, EvidenceVerifier.Answered)]
    public void Two_statements_of_one_round_are_proof_and_of_two_rounds_an_accusation(string kind, EvidenceFinding finding, string code)
    {
        var verdict = EvidenceVerifier.Verify(Made(kind).ToBytes(), maker.Genesis.File);
        (verdict.Finding, verdict.Code).ShouldBe((finding, code));
    }

    // Each place in the file, changed to something of the same form: nothing is left that still holds.
    [Theory, MemberData(nameof(Kinds))]
    public void Whatever_is_changed_in_it_it_proves_nothing_any_more(string kind)
    {
        var honest = (JsonObject)JsonNode.Parse(Made(kind).ToBytes())!;
        var survivors = new List<string>();
        var changed = 0;
        foreach (var path in Leaves(honest, []).ToList())
        {
            foreach (var other in Others(path, Get(honest, path)))
            {
                var forged = (JsonObject)honest.DeepClone();
                Set(forged, path, other);
                changed++;
                if (Evidence.TryParse(Jcs.Bytes(forged), out var evidence) && evidence.Problem(maker.Genesis.Chain, maker.Genesis.Set) is null)
                {
                    survivors.Add($"{string.Join('.', path)} = {other?.ToJsonString() ?? "null"}");
                }
            }
        }
        survivors.ShouldBeEmpty();
        changed.ShouldBeGreaterThan(20);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void No_flipped_bit_makes_other_evidence_that_holds(string kind)
    {
        var bytes = Made(kind).ToBytes();
        for (var at = 0; at < bytes.Length; at++)
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= (byte)(1 << (at % 7));
            string[] holds = [EvidenceVerifier.Ok, EvidenceVerifier.Accused, EvidenceVerifier.Answered];
            holds.ShouldNotContain(EvidenceVerifier.Verify(flipped, maker.Genesis.File).Code, Encoding.UTF8.GetString(flipped));
        }
    }

    [Fact]
    public void The_same_vote_twice_is_no_evidence_even_under_two_signatures()
    {
        Evidence.Of(maker.Genesis.Chain, maker.Kid(0), 5, maker.Vote(0, 5, 1, "prevote", A), maker.Vote(0, 5, 1, "prevote", A)).ShouldBeNull();
        var forged = maker.Double(0, 5, 1, "prevote", A, B) with { First = maker.Vote(0, 5, 1, "prevote", A), Second = maker.Vote(0, 5, 1, "prevote", A) };
        forged.Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.EvidenceVoid);
    }

    [Fact]
    public void A_prevote_and_a_precommit_or_two_rounds_are_no_double_vote()
    {
        Evidence.Of(maker.Genesis.Chain, maker.Kid(0), 5, maker.Vote(0, 5, 1, "prevote", A), maker.Vote(0, 5, 1, "precommit", B)).ShouldBeNull();
        Evidence.Of(maker.Genesis.Chain, maker.Kid(0), 5, maker.Vote(0, 5, 1, "prevote", A), maker.Vote(0, 5, 2, "prevote", B)).ShouldBeNull();
    }

    [Fact]
    public void Both_orders_of_discovery_give_the_same_evidence()
    {
        var (one, other) = (maker.Vote(0, 5, 1, "prevote", A), maker.Vote(0, 5, 1, "prevote", B));
        Evidence.Of(maker.Genesis.Chain, maker.Kid(0), 5, one, other)!.ToBytes().ShouldBe(Evidence.Of(maker.Genesis.Chain, maker.Kid(0), 5, other, one)!.ToBytes());
        (maker.Double(0, 5, 1, "prevote", A, B) with { First = other, Second = one }).Problem(maker.Genesis.Chain, maker.Genesis.Set)
            .ShouldBe(A.CompareTo(B) < 0 ? RejectionCode.EvidenceVoid : null);
    }

    [Fact]
    public void Signatures_of_another_chain_height_member_or_key_are_refused()
    {
        var honest = maker.Double(0, 5, 1, "prevote", A, B);
        var other = new EvidenceMaker();
        honest.Problem(other.Genesis.Chain, other.Genesis.Set).ShouldBe(RejectionCode.LedgerWrong);
        (honest with { Chain = other.Genesis.Chain }).Problem(other.Genesis.Chain, other.Genesis.Set).ShouldBe(RejectionCode.MemberUnknown);
        (honest with { Height = 6 }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.SignatureWrong);
        (honest with { Kid = maker.Kid(1) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.SignatureWrong);
        (honest with { Kid = other.Kid(0) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.MemberUnknown);
        (honest with { Second = honest.First with { Block = honest.Second.Block } }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.SignatureWrong);
    }

    [Theory]
    [InlineData("prevote", 1, true)]
    [InlineData("prevote", 2, true)]
    [InlineData("prevote", 0, false)]
    [InlineData("prevote", 3, false)]
    [InlineData("precommit", 3, true)]
    [InlineData("precommit", 0, false)]
    [InlineData("precommit", 4, false)]
    public void Only_prevotes_between_the_two_statements_answer_for_amnesia(string step, long round, bool justifies)
    {
        var evidence = maker.Amnesia(0, 5, (1, A), (3, step, B));
        (evidence with { Answer = maker.Polka(5, round, B, 1, 2, 3) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(justifies ? null : RejectionCode.EvidenceAnswer);
    }

    [Fact]
    public void Two_thirds_and_not_one_less_answer_for_the_block_that_was_taken()
    {
        var evidence = maker.Amnesia(0, 5, (1, A), (3, "prevote", B));
        string? With(EvidenceAnswer polka) => (evidence with { Answer = polka }).Problem(maker.Genesis.Chain, maker.Genesis.Set);
        With(maker.Polka(5, 2, B, 1, 2, 3)).ShouldBeNull();
        With(maker.Polka(5, 2, B, 1, 2)).ShouldBe(RejectionCode.EvidenceAnswer);
        With(maker.Polka(5, 2, A, 1, 2, 3)).ShouldBe(RejectionCode.EvidenceAnswer);
        With(maker.Polka(6, 2, B, 1, 2, 3)).ShouldBe(RejectionCode.EvidenceAnswer);
        var twice = maker.Polka(5, 2, B, 1, 2);
        With(twice with { Signatures = [.. twice.Signatures, twice.Signatures[1]] }).ShouldBe(RejectionCode.EvidenceAnswer);
    }

    [Fact]
    public void A_later_vote_for_nil_or_for_the_same_block_is_no_amnesia()
    {
        var evidence = maker.Amnesia(0, 5, (1, A), (3, "prevote", B));
        (evidence with { Second = maker.Vote(0, 5, 3, "prevote", null) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.EvidenceVoid);
        (evidence with { Second = maker.Vote(0, 5, 3, "prevote", A) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.EvidenceVoid);
        (evidence with { Second = maker.Vote(0, 5, 1, "prevote", B) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.EvidenceVoid);
        (evidence with { First = maker.Vote(0, 5, 1, "prevote", A) }).Problem(maker.Genesis.Chain, maker.Genesis.Set).ShouldBe(RejectionCode.EvidenceVoid);
    }

    [Fact]
    public void A_file_that_cannot_be_judged_says_why()
    {
        EvidenceVerdict Judge(string text) => EvidenceVerifier.Verify(Encoding.UTF8.GetBytes(text), maker.Genesis.File);
        var text = Encoding.UTF8.GetString(Made(EvidenceKind.DoubleVote).ToBytes());
        Judge("no").Code.ShouldBe(VerdictCode.NotJson);
        Judge(text.Replace(":", ": ", StringComparison.Ordinal)).Code.ShouldBe(VerdictCode.NotCanonical);
        var later = Judge(text.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal));
        (later.Finding, later.Code).ShouldBe((EvidenceFinding.CannotTell, VerdictCode.Version));
        Judge(text.Replace("\"kid\":\"", "\"kie\":\"", StringComparison.Ordinal)).Code.ShouldBe(VerdictCode.Members);
        var stranger = new EvidenceMaker().Double(0, 5, 1, "prevote", A, B) with { Chain = maker.Genesis.Chain };
        EvidenceVerifier.Verify(stranger.ToBytes(), maker.Genesis.File).Finding.ShouldBe(EvidenceFinding.CannotTell);
        EvidenceVerifier.Verify(stranger.ToBytes(), "{}"u8.ToArray()).Code.ShouldBe(VerdictCode.Chain);
    }

    private Evidence Made(string kind) => kind switch
    {
        EvidenceKind.DoubleVote => maker.Double(0, 5, 1, "precommit", A, B),
        "nil-vote" => maker.Double(0, 5, 1, "prevote", null, A),
        EvidenceKind.DoubleProposal => Evidence.Of(maker.Genesis.Chain, maker.Kid(0), 5, maker.Proposal(0, 5, 1, -1, A), maker.Proposal(0, 5, 1, 0, B))!,
        EvidenceKind.Amnesia => maker.Amnesia(0, 5, (1, A), (3, "prevote", B)),
        _ => maker.Amnesia(0, 5, (1, A), (3, "prevote", B)) with { Answer = maker.Polka(5, 2, B, 1, 2, 3) },
    };

    private IEnumerable<JsonNode?> Others(IReadOnlyList<object> path, JsonNode? value) => (path[^1], value) switch
    {
        ("kid", _) => new[] { maker.Kid(1), maker.Kid(2), new EvidenceMaker().Kid(0), "" }.Where(k => k != value!.GetValue<string>()).Select(k => (JsonNode?)k),
        ("kind", _) => new[] { EvidenceKind.DoubleVote, EvidenceKind.DoubleProposal, EvidenceKind.Amnesia, "other" }.Where(k => k != value!.GetValue<string>()).Select(k => (JsonNode?)k),
        ("step", _) => new[] { "propose", "prevote", "precommit", "other" }.Where(k => k != value!.GetValue<string>()).Select(k => (JsonNode?)k),
        ("block", null) => [A.ToString(), B.ToString()],
        ("block", _) => [null, Digest.Of("c").ToString(), value!.GetValue<string>().ToUpperInvariant()],
        ("sig", _) => [B64.Encode(new byte[64]), "", value!.GetValue<string>()[..^1], maker.Vote(1, 5, 1, "prevote", A).Sig],
        (_, JsonValue v) when v.TryGetValue<long>(out var number) => [number + 1, number - 1, number.ToString(System.Globalization.CultureInfo.InvariantCulture)],
        _ => ["other"],
    };

    private static IEnumerable<IReadOnlyList<object>> Leaves(JsonNode? node, IReadOnlyList<object> path) => node switch
    {
        JsonObject o => o.SelectMany(m => Leaves(m.Value, [.. path, m.Key])),
        JsonArray a => a.SelectMany((item, i) => Leaves(item, [.. path, i])),
        _ => [path],
    };

    private static JsonNode? Get(JsonNode node, IEnumerable<object> path) => path.Aggregate((JsonNode?)node, Child);

    private static JsonNode? Child(JsonNode? node, object step) => step is int i ? node![i] : node![(string)step];

    private static void Set(JsonNode node, IReadOnlyList<object> path, JsonNode? value)
    {
        var parent = Get(node, path.SkipLast(1))!;
        if (path[^1] is int i)
        {
            parent[i] = value;
        }
        else
        {
            parent[(string)path[^1]] = value;
        }
    }
}
