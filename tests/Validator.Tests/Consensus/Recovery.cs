using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Brings a driver back to where a log left it, where no node stands around it: what the core asks to be logged must be enough for that.</summary>
internal static class Recovery
{
    /// <summary>
    /// Feeds the height's logged inputs to a fresh driver. The outputs handed back are those of the current round that the crash may have cut
    /// off: to sign and send again what the guard allows, set the timers, ask for the value. Doing one twice does no harm.
    /// </summary>
    public static (Driver Driver, IReadOnlyList<Output> Due) Replay(string self, Input.NewHeight start, IEnumerable<Input> log)
    {
        var driver = new Driver(self, start.Height - 1);
        var (answered, outputs) = (new HashSet<int>(), new List<Output>(driver.Handle(start)));
        foreach (var input in log)
        {
            if (input is Input.ValueReady value)
            {
                answered.Add(value.Round);
            }
            outputs.AddRange(driver.Handle(input));
        }
        var round = driver.State.Round;
        return (driver, [.. outputs.Where(output => output switch
        {
            Output.Decide => true,
            _ when driver.Decision is not null => false,
            Output.SetTimer t => t.Round == round,
            Output.SendVote v => v.Round == round,
            Output.Propose p => p.Round == round,
            Output.GetValue g => g.Round == round && !answered.Contains(round),
            Output.RequestBatch => true,
            _ => false,
        })]);
    }
}
