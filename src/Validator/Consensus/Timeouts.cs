namespace EventLedger.Validator.Consensus;

/// <summary>How long a timer runs: grows with the round, so that slow networks meet at last (L11 of the proof), and starts anew at each height.</summary>
/// <remarks>
/// Votes are waited for half as long as a proposal: they are small, and their timers begin only when a quorum has spoken. Where two proposers in a row
/// are dead, that is a second and a quarter less without a block.
/// </remarks>
/// <param name="Base">A proposal of round 0.</param>
/// <param name="Growth">Added per round.</param>
/// <param name="Cap">Never longer: after a long outage the first common round must not lie hours ahead.</param>
public sealed record Timeouts(TimeSpan Base, TimeSpan Growth, TimeSpan Cap)
{
    /// <summary>The time for a step of a round, from 0; any round gives a value, the largest too.</summary>
    public TimeSpan For(int round, Step step)
    {
        var rounds = Growth > TimeSpan.Zero ? Math.Min(round, (Cap - Base).Ticks / Growth.Ticks + 1) : 0;
        var time = Base + TimeSpan.FromTicks(Growth.Ticks * Math.Max(0, rounds));
        time = time < Cap ? time : Cap;
        return step == Step.Propose ? time : time / 2;
    }
}
