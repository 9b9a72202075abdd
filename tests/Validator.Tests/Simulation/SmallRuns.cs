namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// Runs of few validators that take half a minute together and still reach every rule and every rare state: what each broken core has to stand.
/// </summary>
internal static class SmallRuns
{
    // A message takes five milliseconds at the most; whoever needs a tick waits a quarter second.
    private const long LagUsMax = 50_000;
    private const long CalmUs = 30_000_000;
    private const int Seeds = 35, Calm = 4;

    // What a rule of the paper does only when something was late or lost.
    private static readonly string[] Troubles = ["L26", "L32", "L44", "L57", "L61", "L65", "L55", "catch-up", "decided in a later round"];

    // So few runs come to these a few times or never: that proves nothing.
    private static readonly string[] Seldom = ["L32", "halt by lost guards", "lock changed", "unlocked by a later polka"];

    // A traitor in each, and in each somebody who comes back with an old guard.
    private static readonly (string Name, Func<Plan, Plan> Change)[] Kinds =
    [
        ("", p => p),
        (", with a traitor", p => p with { Traitors = 1, IsSkewed = false }),
        (", with old guards", p => p with { Rates = new Dictionary<Fault, int>(p.Rates) { [Fault.Crash] = 40, [Fault.OldGuard] = 150, [Fault.OldDirectory] = 150 } }),
    ];

    /// <summary>What did not hold in one of them, or never happened in all; null when neither.</summary>
    public static string? FirstFailure()
    {
        var total = new Tally();
        foreach (var seed in Enumerable.Range(0, Calm))
        {
            if (InCalm((ulong)seed, total) is { } failure)
            {
                return $"seed {seed}, in calm weather: {failure}";
            }
        }
        var small = Enumerable.Range(0, int.MaxValue).Select(seed => (ulong)seed).Where(seed => Plan.Draw(new(seed)) is { Count: <= 5, IsReal: false })
            .Take(Seeds).ToList();
        foreach (var (kind, change) in Kinds)
        {
            foreach (var seed in small)
            {
                using var run = new Simulation(seed, change);
                var failure = run.Run();
                total.Add(run.Tally);
                if (failure is not null)
                {
                    return $"seed {seed}{kind}: {failure}";
                }
            }
        }
        return Tally.Rules.Concat(Tally.Rare).Except(Seldom).Where(state => !total.Sometimes.ContainsKey(state)).Select(state => $"it never came to this: {state}").FirstOrDefault();
    }

    /// <summary>Where nothing goes wrong, each height is decided in its first round, and nobody's timer is needed.</summary>
    public static string? InCalm(ulong seed, Tally total)
    {
        // Every other one with a host that never pauses, so that a height begins while its predecessor still arrives.
        using var run = new Simulation(seed, p => p.Calmed() with { HostEveryMs = seed % 2 == 0 ? 1000 : 20 });
        run.Begin();
        while (run.NowUs < CalmUs && run.Checker.Violation is null && run.Step())
        {
        }
        total.Add(run.Tally);
        return run.Checker.Violation ?? Troubles.Where(run.Tally.Sometimes.ContainsKey).Select(trouble => $"came to {trouble}").FirstOrDefault()
            ?? (run.Checker.LagUsMax > LagUsMax ? $"a validator sealed a height {run.Checker.LagUsMax} µs after another" : null);
    }
}
