using System.Diagnostics;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;

    [Fact]
    public void Nothing_breaks_in_the_storm_and_the_healed_core_decides()
    {
        using var screen = new StringWriter();
        var (total, violations) = Simulate.Many(0, Seeds, Environment.ProcessorCount, hashes: false, screen);
        output.WriteLine(screen.ToString());
        violations.ShouldBe(0, screen.ToString());
        // A storm in which something never happens says nothing about it.
        Enum.GetValues<Fault>().Where(f => total.Of(f) == 0).ShouldBeEmpty();
        Tally.Rules.Concat(Tally.Rare).Where(state => !total.Sometimes.ContainsKey(state)).ShouldBeEmpty();
    }

    // What once went wrong: a guard that was set back let a late timer sign in a sealed height (10201, 10203, 10393), and was as old as before at the next
    // start, so that its validator looked on for ever (10405); a lock was forgotten when the store was damaged below the log's height (53, 122). In two runs
    // it was the checker that asked too much of a validator whose log had rotted: that it may vote at once (393), or knows what reached its peers later (5007).
    // What peers had said of a height before its turn came ahead of the log, where the block below it was damaged: a lock (400468) and a vote (400196) were
    // lost; and rounds were held against a core to whom no host had brought anything to propose (400522, 400839).
    [Theory]
    [InlineData(53)]
    [InlineData(122)]
    [InlineData(10201)]
    [InlineData(10203)]
    [InlineData(10393)]
    [InlineData(10405)]
    [InlineData(393)]
    [InlineData(5007)]
    [InlineData(400196)]
    [InlineData(400468)]
    [InlineData(400522)]
    [InlineData(400839)]
    public void What_a_seed_once_found_stays_mended(int seed) => Violation((ulong)seed, p => p.AsBefore()).ShouldBeNull();

    // It came back, and while it asked its peers what it had signed its batch arrived: the vote was dropped, and its round had no timer to go on by.
    [Fact]
    public void A_vote_that_became_due_while_peers_were_asked_is_cast_when_they_have_answered() =>
        Violation(1242, p => p.AsBefore() with { Traitors = 1, IsSkewed = false }).ShouldBeNull();

    [Fact]
    public async Task A_seed_means_the_same_run_in_every_process_culture_and_time_zone_and_without_optimisation()
    {
        var here = Hashes(Run(12).ToString());
        here.Length.ShouldBe(12);
        Hashes(await Child(("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"))).ShouldBe(here);
        Hashes(await Child(("TZ", "America/St_Johns"), ("LC_ALL", "ar_SA.UTF-8"), ("DOTNET_JITMinOpts", "1"))).ShouldBe(here);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_calm_weather_each_height_is_decided_in_its_first_round(int seed) => SmallRuns.InCalm((ulong)seed, new()).ShouldBeNull();

    [Fact]
    public void More_traitors_than_a_third_divide_the_others_and_it_is_seen_who_did_it()
    {
        var found = Enumerable.Range(0, 12).Select(seed => Violation((ulong)seed, p => Calm(p) with { Traitors = 2, IsPlot = true, StormUs = 60_000_000 })).ToList();
        output.WriteLine(string.Join('\n', found));
        found.Count(v => v?.StartsWith("S1", StringComparison.Ordinal) == true).ShouldBeGreaterThan(0);
        found.ShouldAllBe(v => v == null || v.Contains("S9 holds", StringComparison.Ordinal));
    }

    [Fact]
    public void A_validator_that_forgets_what_it_signed_is_seen() => Enumerable.Range(0, 20).Select(seed => Violation((ulong)seed, p => p.AsBefore() with
    {
        Count = 4,
        IsSkewed = false,
        IsReal = false,
        Traitors = 0,
        Rates = new Dictionary<Fault, int> { [Fault.Crash] = 300 },
        StormUs = 300_000_000,
        HostEveryMs = 500,
        Loss = 200,
        DelayMaxMs = 400,
        ForgetsGuards = true,
    })).Count(v => v?.StartsWith("S5", StringComparison.Ordinal) == true).ShouldBeGreaterThan(0);

    [Theory]
    [InlineData(false, "S6")]
    [InlineData(true, null)]
    public void A_prevote_against_the_own_lock_is_seen_unless_a_polka_opened_it(bool isOpened, string? expected)
    {
        using var run = new Simulation(1, Calm);
        var (mine, other) = (Digest.Of("mine"), Digest.Of("other"));
        void Vote(int node, int round, Step step, Digest value) => Say(run, node, round, step, value);
        for (var node = 0; node < 3; node++)
        {
            Vote(node, 0, Step.Prevote, mine);
        }
        Vote(0, 0, Step.Precommit, mine);
        for (var node = 1; isOpened && node < 4; node++)
        {
            Vote(node, 1, Step.Prevote, other);
        }
        Vote(0, 2, Step.Prevote, other);
        (run.Checker.Violation?[..2]).ShouldBe(expected);
    }

    [Theory]
    [InlineData(2, "S6")]
    [InlineData(3, null)]
    public void A_precommit_without_a_polka_of_its_round_is_seen(int prevotes, string? expected)
    {
        using var run = new Simulation(1, Calm);
        for (var node = 0; node < prevotes; node++)
        {
            Say(run, node, 0, Step.Prevote, Digest.Of("value"));
        }
        Say(run, 0, 0, Step.Precommit, Digest.Of("value"));
        (run.Checker.Violation?[..2]).ShouldBe(expected);
    }

    [Theory]
    [InlineData(1, 2, null)]
    [InlineData(2, 3, "S5")]
    [InlineData(2, 2, "S5")]
    public void What_was_signed_since_an_old_guard_came_back_is_not_excused_by_it(int firstIn, int secondIn, string? expected)
    {
        using var run = new Simulation(1, Calm);
        var node = run.Nodes[0];
        void Live(int life)
        {
            for (; node.Life < life; node.OldLife = 1)
            {
                node.Start();
            }
        }
        Live(firstIn);
        Say(run, 0, 0, Step.Prevote, Digest.Of("one"));
        Live(secondIn);
        Say(run, 0, 0, Step.Prevote, Digest.Of("other"));
        (run.Checker.Violation?[..2]).ShouldBe(expected);
    }

    [Theory]
    [InlineData("S1")]
    [InlineData("S4")]
    [InlineData("S8")]
    public void A_block_that_is_not_the_sealed_one_is_seen(string rule)
    {
        using var run = new Simulation(1, Calm);
        run.Run().ShouldBeNull();
        var node = run.Nodes.First(n => n.Store.Height > 0);
        var block = node.Store.Read(1).ShouldNotBeNull();
        Commit.TryParse(block.Commit, out var commit).ShouldBeTrue();
        BlockHeader.TryParse(block.Header, out var header).ShouldBeTrue();
        run.Checker.Stored(node, rule switch
        {
            "S1" => block with { Header = (header! with { Time = header.Time.PlusMs(1) }).ToBytes() },
            "S4" => block with { Commit = (commit! with { Signatures = [.. commit.Signatures.Take(2)] }).ToBytes() },
            _ => block with { Frontier = [Digest.Of("other")] },
        });
        run.Checker.Violation.ShouldNotBeNull().ShouldStartWith(rule);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void More_fair_rounds_than_a_healed_core_may_need_are_seen(int rounds, bool isTooMany)
    {
        using var run = new Simulation(1, Calm);
        run.Begin();
        // All are in round 0 of the height that the core owes, so the rounds after it are the first that count.
        Until(run, () => run.Checker.Height > 0 && run.Nodes.TrueForAll(n => n.Node!.State.Height == run.Checker.Height + 1));
        var owed = run.Checker.Healed(run.Nodes);
        run.Checker.Stepped(run.Nodes[0]);
        BlockHeader.TryParse(run.Nodes[0].Store.Read(owed - 1)!.Header, out var head).ShouldBeTrue();
        // Whose turn is round 0, so that it proposes in none of these.
        var first = run.Nodes.Find(n => n.Kid == head!.Proposer)!;
        for (var round = 1; round <= rounds; round++)
        {
            run.Checker.Applied(first, new(owed), new RoundInput.NewRound(round, IsProposer: false));
        }
        Until(run, () => run.Checker.Height >= owed);
        run.Tally.RoundsAfterHealing[rounds].ShouldBe(1);
        (run.Checker.Violation?.StartsWith($"Height {owed} took rounds 1, 2, 3 ", StringComparison.Ordinal) ?? false).ShouldBe(isTooMany, run.Checker.Violation);
    }

    [Fact]
    public void A_round_that_its_proposer_enters_with_nothing_to_propose_does_not_count()
    {
        using var run = new Simulation(1, Calm);
        run.Begin();
        // All is sealed, and the host has brought nothing since.
        Until(run, () => run.Checker.Height > 0 && run.Nodes.TrueForAll(n => n.Store.Height == run.Checker.Height && n.Node!.State.Height == n.Store.Height && !n.HoldsBatch));
        var owed = run.Checker.Healed(run.Nodes);
        run.Checker.Stepped(run.Nodes[0]);
        for (var round = 1; round <= 4; round++)
        {
            run.Nodes.ForEach(n => run.Checker.Applied(n, new(owed), new RoundInput.NewRound(round, IsProposer: false)));
        }
        Until(run, () => run.Checker.Height >= owed);
        run.Checker.Violation.ShouldBeNull();
        // Round 0, which began with the batch.
        run.Tally.RoundsAfterHealing[1].ShouldBe(1);
    }

    private static void Until(Simulation run, Func<bool> done)
    {
        while (run.Checker.Violation is null && !done())
        {
            run.Step().ShouldBeTrue();
        }
    }

    private static void Say(Simulation run, int node, int round, Step step, Digest value) => run.Checker.Said(run.Nodes[node],
        new() { Vote = WireForms.Write(new Vote(1, round, step, value, run.Nodes[node].Kid, new byte[64])) });

    private static Plan Calm(Plan plan) => plan.Calmed() with { StormUs = 20_000_000 };

    private static string? Violation(ulong seed, Func<Plan, Plan> change)
    {
        using var run = new Simulation(seed, change);
        return run.Run();
    }

    private static StringWriter Run(int seeds)
    {
        var screen = new StringWriter();
        Simulate.Many(5000, seeds, cores: 2, hashes: true, screen);
        return screen;
    }

    private static string[] Hashes(string screen) => [.. screen.Split('\n').Where(line => line.StartsWith("seed ", StringComparison.Ordinal)).Select(line => line.Trim()).Order(StringComparer.Ordinal)];

    private static async Task<string> Child(params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var word in (string[])[typeof(SimulationTests).Assembly.Location, "simulate", "--from", "5000", "--seeds", "12", "--cores", "1", "--hashes"])
        {
            start.ArgumentList.Add(word);
        }
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var child = Process.Start(start)!;
        var said = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        child.ExitCode.ShouldBe(0, said);
        return said;
    }
}
