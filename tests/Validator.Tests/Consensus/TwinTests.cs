namespace EventLedger.Validator.Tests.Consensus;

public sealed class TwinTests
{
    [Fact]
    public void Few_enough_twins_break_nothing_and_too_many_fork()
    {
        using var output = new StringWriter();
        var isWell = TwinReport.Print(isFull: false, from: 1, output);
        TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        isWell.ShouldBeTrue(output.ToString());
    }

    [Fact]
    public void Families_of_scenarios_add_up_to_all_of_them()
    {
        var setup = new TwinSetup(4, 1);
        Enumerable.Range(0, setup.Rounds.Length).Sum(first => setup.Enumerate(2, first, _ => false).Sum(s => s.Family)).ShouldBe(64 * 64);
        TwinSearch.All(setup, 2, isLate: true).Scenarios.ShouldBe(64 * 64);
    }
}
