namespace EventLedger.Validator.Tests.Consensus;

public sealed class ClusterTests
{
    private const int Seeds = 100;

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1)]
    [InlineData(7, 2)]
    public void Correct_validators_agree_in_the_storm_and_go_on_after_it(int count, int traitors)
    {
        var (crashes, rounds) = (0, 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            Storm.Play(seed, count, traitors, out var cluster).ShouldBeNull($"n={count} traitors={traitors} seed={seed}");
            (crashes, rounds) = (crashes + cluster.Crashes, Math.Max(rounds, cluster.RoundMax));
        }
        // The storm must be one: nodes fell, and rounds failed.
        crashes.ShouldBeGreaterThan(Seeds);
        rounds.ShouldBeGreaterThan(2);
    }

    [Fact]
    public void Two_traitors_of_four_divide_the_others_and_the_check_sees_it() =>
        Enumerable.Range(0, 20).Count(seed =>
        {
            var cluster = new Cluster(seed, 4, 2);
            cluster.Run(10_000);
            return cluster.Faults.Any(fault => fault.Contains("another node did not", StringComparison.Ordinal));
        }).ShouldBeGreaterThan(0);

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var (one, two) = (new Cluster(7, 4, 1), new Cluster(7, 4, 1));
        one.Run(5_000);
        two.Run(5_000);
        one.Nodes.Select(n => n.Driver.State).ShouldBe(two.Nodes.Select(n => n.Driver.State));
        one.Nodes.SelectMany(n => n.Commits.Values.Select(d => (d.Round, d.Value))).ShouldBe(two.Nodes.SelectMany(n => n.Commits.Values.Select(d => (d.Round, d.Value))));
    }

    [Fact]
    public void The_log_brings_a_node_back_to_where_it_stood()
    {
        foreach (var seed in Enumerable.Range(100, 50))
        {
            var cluster = new Cluster(seed, 4, 1);
            cluster.Run(1_500 + 10 * seed);
            foreach (var node in cluster.Nodes.Where(node => node.Driver.State.Height == node.Commits.Count + 1))
            {
                Recovery.Replay(node.Name, cluster.Start(node.Commits.Count + 1), node.Log).Driver.State.ShouldBe(node.Driver.State, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void More_silent_validators_than_a_third_stop_everything_until_they_return()
    {
        var cluster = new Cluster(3, 4, 0);
        cluster.Partition((from, to) => from is "v0" or "v1" != to is "v0" or "v1");
        cluster.Run(30_000);
        var before = cluster.Nodes.Max(node => node.Commits.Count);
        cluster.Heal();
        cluster.Run(30_000, () => cluster.HeightMin >= before + 3);
        cluster.HeightMin.ShouldBeGreaterThanOrEqualTo(before + 3);
    }
}
