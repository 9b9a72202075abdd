using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Storage;

public sealed class EvidenceStoreTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void What_was_kept_is_there_after_a_restart_and_once()
    {
        var store = Open();
        store.Keep(Double("q", 5));
        store.Keep(Double("q", 5) with { First = Vote(0, "x") });
        store.Keep(Double("q", 6));
        Open().All.Select(e => e.ToBytes()).ShouldBe(store.All.Select(e => e.ToBytes()));
        store.All.Select(e => e.Height).Order().ToArray().ShouldBe([5, 6]);
    }

    [Fact]
    public void One_who_never_stops_fills_its_own_places_only()
    {
        var store = Open();
        for (var height = 1; height <= EvidenceStore.PerMemberMax + 10; height++)
        {
            store.Keep(Double("q", height));
        }
        store.Keep(Double("r", 1));
        store.All.Count(e => e.Kid == "q").ShouldBe(EvidenceStore.PerMemberMax);
        store.All.Where(e => e.Kid == "q").Max(e => e.Height).ShouldBe(EvidenceStore.PerMemberMax, "the first ones stay");
        store.All.Count(e => e.Kid == "r").ShouldBe(1);
        Directory.GetFiles(directory.Path).Length.ShouldBe(EvidenceStore.PerMemberMax + 1);
    }

    [Fact]
    public void An_answer_takes_the_place_of_its_accusation_and_not_the_other_way_round()
    {
        var store = Open();
        store.Keep(Amnesia("q", 5, answered: false));
        store.Keep(Amnesia("q", 5, answered: true));
        store.Keep(Amnesia("q", 5, answered: false));
        store.All.ShouldHaveSingleItem().Answer.ShouldNotBeNull();
        Open().All.ShouldHaveSingleItem().Answer.ShouldNotBeNull();
    }

    [Fact]
    public void Answers_push_out_answers_and_never_proof()
    {
        var store = Open();
        store.Keep(Double("q", 1));
        for (var height = 1; height <= EvidenceStore.PerMemberMax + 10; height++)
        {
            store.Keep(Amnesia("q", height, answered: true));
        }
        store.Keep(Double("q", 2));
        store.All.Where(e => e.Answer is null).Select(e => e.Height).Order().ToArray().ShouldBe([1, 2]);
        store.All.Where(e => e.Answer is not null).Min(e => e.Height).ShouldBe(11);
        Open().All.Count.ShouldBe(EvidenceStore.PerMemberMax + 2);
    }

    [Fact]
    public void A_file_that_was_damaged_renamed_or_does_not_hold_is_not_shown()
    {
        Open().Keep(Double("q", 5));
        Open().Keep(Double("q", 6));
        Open().Keep(Double("q", 7));
        var (damaged, moved) = (PathOf(Double("q", 5)), PathOf(Double("q", 6)));
        File.WriteAllBytes(damaged, [.. File.ReadAllBytes(damaged).SkipLast(1)]);
        File.Move(moved, directory.File($"{Digest.Of("elsewhere")}.json"));
        Open().All.ShouldHaveSingleItem().Height.ShouldBe(7);
        new EvidenceStore(directory.Path, _ => false).All.ShouldBeEmpty();
        Open().Keep(Double("q", 5));
        Open().All.Select(e => e.Height).Order().ToArray().ShouldBe([5, 7], "what was damaged can be found again");
    }

    private EvidenceStore Open() => new(directory.Path, _ => true);

    private string PathOf(Evidence evidence) => directory.File($"{evidence.Key}.json");

    private static Evidence Double(string kid, long height) => new("chain", EvidenceKind.DoubleVote, kid, height, Vote(0, "a"), Vote(0, "b"));

    private static Evidence Amnesia(string kid, long height, bool answered) =>
        new("chain", EvidenceKind.Amnesia, kid, height, Vote(0, "a"), Vote(2, "b"), answered ? new(1, [new("p", "c2ln")]) : null);

    private static SignedStatement Vote(long round, string block) => new("precommit", round, null, Digest.Of(block), "c2ln");
}
