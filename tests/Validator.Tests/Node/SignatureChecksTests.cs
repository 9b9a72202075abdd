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
}
