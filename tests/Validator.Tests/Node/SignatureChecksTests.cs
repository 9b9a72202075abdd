using EventLedger.Validator.Consensus;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Node;

public sealed class SignatureChecksTests
{
    [Fact]
    public void A_peer_causes_so_many_checks_and_takes_none_from_another()
    {
        var checks = new SignatureChecks();
        Enumerable.Range(0, 5000).Count(_ => checks.TryTake("a")).ShouldBe(SignatureChecks.SavedMax);
        Enumerable.Range(0, 250 * 3 / 4).All(_ => checks.TryTake("b")).ShouldBeTrue();
        checks.Refill();
        Enumerable.Range(0, 5000).Count(_ => checks.TryTake("a")).ShouldBe(SignatureChecks.PerTick);
    }

    [Fact]
    public void Only_the_very_signature_that_was_verified_is_proven()
    {
        var (proven, vote) = (new ProvenVotes(), new Vote(1, 0, Step.Prevote, null, "a", [1, 2, 3]));
        proven.Add(vote);
        proven.Has(vote with { Signature = [1, 2, 3] }).ShouldBeTrue();
        proven.Has(vote with { Signature = [1, 2, 4] }).ShouldBeFalse();
        proven.Has(vote with { From = "b" }).ShouldBeFalse();
        for (var round = 1; round <= ProvenVotes.PerSignerMax; round++)
        {
            proven.Add(vote with { Round = round });
            proven.Add(vote with { From = "b", Round = round });
        }
        (proven.Has(vote), proven.Has(vote with { Round = 1 }), proven.Has(vote with { From = "b", Round = 1 })).ShouldBe((false, true, true));
    }
}
