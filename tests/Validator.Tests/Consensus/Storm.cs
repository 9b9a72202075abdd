namespace EventLedger.Validator.Tests.Consensus;

/// <summary>One seed of the cluster: first a storm, then calm weather in which progress is owed.</summary>
internal static class Storm
{
    /// <summary>What broke, or null.</summary>
    public static string? Play(int seed, int count, int traitors, out Cluster cluster)
    {
        cluster = new Cluster(seed, count, traitors);
        if (seed % 3 == 0)
        {
            cluster.Partition((from, to) => (from[1] + to[1]) % 2 == 1);
        }
        cluster.Run(4_000);
        if (Unlike(cluster) is { } unlike)
        {
            return unlike;
        }
        cluster.Heal();
        var (owed, it) = (cluster.Nodes.Max(node => node.Commits.Count) + 3, cluster);
        cluster.Run(60_000, () => it.HeightMin >= owed);
        return cluster.Faults.FirstOrDefault() ?? (cluster.HeightMin >= owed
            ? null
            : "no progress: " + string.Join(", ", cluster.Nodes.Select(node => $"{node.Name} {node.Driver.State.Show()}")));
    }

    // A node's log must bring another one to where it stands.
    private static string? Unlike(Cluster cluster) => (from node in cluster.Nodes
                                                       where node.Driver.State.Height == node.Commits.Count + 1
                                                       let again = Recovery.Replay(node.Name, cluster.Start(node.Commits.Count + 1), node.Log).Driver.State
                                                       where again != node.Driver.State
                                                       select $"{node.Name} stands at {node.Driver.State.Show()}, its log at {again.Show()}").FirstOrDefault();
}
