using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>Evidence as an entry: what every validator says of it before it is sealed.</summary>
public sealed class EvidenceRulesTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b"), C = Digest.Of("c");

    private readonly EvidenceMaker maker = new();
    private readonly LedgerState state;
    private readonly Dictionary<string, long> versions = new(StringComparer.Ordinal);

    public EvidenceRulesTests()
    {
        state = new(maker.Genesis);
        Seal(maker.Genesis.Entry).ShouldBeNull();
    }

    [Fact]
    public void Evidence_is_taken_once_in_the_stream_and_under_the_name_of_the_accused()
    {
        Show(maker.Double(0, 1, 0, "prevote", A, B)).ShouldBeNull();
        Show(maker.Double(0, 1, 0, "prevote", A, B)).ShouldBe(RejectionCode.EvidenceKnown);
        Show(maker.Double(0, 1, 0, "prevote", A, C)).ShouldBe(RejectionCode.EvidenceKnown, "a third vote of the same step says nothing new");
        Show(maker.Double(0, 1, 0, "precommit", A, B)).ShouldBeNull();
        Show(maker.Double(0, 1, 1, "prevote", A, B)).ShouldBeNull();
        Show(maker.Double(1, 1, 0, "prevote", A, B)).ShouldBeNull();
        var evidence = maker.Double(2, 1, 0, "prevote", A, B);
        Append(EventTable.EvidenceShown, EventTable.EvidenceStream(maker.Kid(1)), evidence.Kid, Data(evidence)).ShouldBe(RejectionCode.StreamWrong);
        Append(EventTable.EvidenceShown, EventTable.EvidenceStream(evidence.Kid), "host", Data(evidence)).ShouldBe(RejectionCode.DataMalformed);
        Append(EventTable.EvidenceShown, EventTable.EvidenceStream(evidence.Kid), evidence.Kid, Data(evidence)).ShouldBeNull();
    }

    [Fact]
    public void Forged_evidence_is_sealed_without_effect_and_takes_nothing()
    {
        var honest = maker.Double(0, 1, 0, "prevote", A, B);
        Show(honest with { Height = 2 }).ShouldBe(RejectionCode.SignatureWrong);
        Show(honest with { Kid = maker.Kid(1) }).ShouldBe(RejectionCode.SignatureWrong);
        Show(honest with { Kid = new EvidenceMaker().Kid(0) }).ShouldBe(RejectionCode.MemberUnknown);
        Show(honest with { Chain = "other-0000000000000000" }).ShouldBe(RejectionCode.LedgerWrong);
        Show(honest with { Second = honest.First }).ShouldBe(RejectionCode.EvidenceVoid);
        Show(maker.Double(0, 99, 0, "prevote", A, B)).ShouldBe(RejectionCode.EvidenceHeight);
        Append(EventTable.EvidenceShown, EventTable.EvidenceStream(honest.Kid), honest.Kid, []).ShouldBe(RejectionCode.DataMalformed);
        Append(EventTable.EvidenceShown, EventTable.EvidenceStream(honest.Kid), honest.Kid, new() { ["evidence"] = honest.ToJson(), ["more"] = 1 }).ShouldBe(RejectionCode.DataMalformed);
        Show(honest).ShouldBeNull("what was forged had taken no place");
    }

    [Fact]
    public void Evidence_of_the_height_in_work_is_taken_and_of_the_next_one_not()
    {
        var next = state.Head.Height + 1;
        Show(maker.Double(0, next + 1, 0, "prevote", A, B)).ShouldBe(RejectionCode.EvidenceHeight);
        Show(maker.Double(0, next + 1, 0, "prevote", A, B)).ShouldBeNull("by now it is the height in work");
    }

    [Fact]
    public void An_accusation_of_amnesia_is_answered_once_and_only_after_it_was_made()
    {
        var accusation = maker.Amnesia(0, 1, (0, A), (2, "prevote", B));
        var answer = accusation with { Answer = maker.Polka(1, 1, B, 1, 2, 3) };
        Append(answer, EventTable.EvidenceAnswered).ShouldBe(RejectionCode.EvidenceUnknown);
        Show(answer).ShouldBe(RejectionCode.EvidenceAnswer, "who can answer has nothing to accuse of");
        Show(accusation).ShouldBeNull();
        Append(accusation, EventTable.EvidenceAnswered).ShouldBe(RejectionCode.EvidenceAnswer);
        Append(answer with { Answer = maker.Polka(1, 1, B, 2, 3) }, EventTable.EvidenceAnswered).ShouldBe(RejectionCode.EvidenceAnswer);
        Append(answer, EventTable.EvidenceAnswered).ShouldBeNull();
        Append(answer, EventTable.EvidenceAnswered).ShouldBe(RejectionCode.EvidenceKnown);
        Show(accusation).ShouldBe(RejectionCode.EvidenceKnown);
    }

    [Fact]
    public void Nothing_answers_for_two_votes_of_one_round()
    {
        var proof = maker.Double(0, 1, 0, "prevote", A, B);
        Show(proof).ShouldBeNull();
        Append(proof with { Answer = maker.Polka(1, 0, B, 1, 2, 3) }, EventTable.EvidenceAnswered).ShouldBe(RejectionCode.EvidenceVoid);
    }

    [Fact]
    public void The_same_misbehaviour_twice_in_one_batch_is_taken_once()
    {
        var evidence = maker.Double(0, 1, 0, "prevote", A, B);
        List<CheckedEntry> batch = [Read(Entry(EventTable.EvidenceShown, evidence, 0)), Read(Entry(EventTable.EvidenceShown, evidence, 1))];
        state.Check(batch, RulesChain.Start.PlusMs(100)).Rejected.ShouldBe([new(3, RejectionCode.EvidenceKnown)]);
    }

    private string? Show(Evidence evidence) => Append(evidence, EventTable.EvidenceShown);

    private string? Append(Evidence evidence, string type) => Append(type, EventTable.EvidenceStream(evidence.Kid), evidence.Kid, Data(evidence));

    private string? Append(string type, string stream, string actor, JsonObject data) =>
        Seal(new(state.Head.Size + 1, stream, versions.GetValueOrDefault(stream) + 1, type, RulesChain.Start.PlusMs(state.Head.Height + 1), actor, Jcs.Bytes(data)));

    private static JsonObject Data(Evidence evidence) => new() { ["evidence"] = evidence.ToJson() };

    private Entry Entry(string type, Evidence evidence, int after) =>
        new(state.Head.Size + 1 + after, EventTable.EvidenceStream(evidence.Kid), 1 + after, type, RulesChain.Start.PlusMs(50), evidence.Kid, Jcs.Bytes(Data(evidence)));

    private static CheckedEntry Read(Entry entry) => CheckedEntry.TryRead(entry.ToBytes(), null).ShouldNotBeNull();

    private string? Seal(Entry entry)
    {
        versions[entry.Stream] = entry.Version;
        var (head, time) = (state.Head, RulesChain.Start.PlusMs(state.Head.Height + 1));
        var verdict = state.Check([Read(entry)], time);
        state.Apply(new(maker.Genesis.Chain, head.Height + 1, head.Hash, time, entry.Seq, entry.Seq, default, default, default, default, default, ""), verdict);
        return verdict.Rejected.Count == 0 ? null : verdict.Rejected[0].Code;
    }
}
