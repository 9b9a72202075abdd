using System.Diagnostics;
using System.Globalization;

namespace EventLedger.Bench;

/// <summary>
/// Consensus without a network: the pure core, whole nodes in this process (real signatures, flushed write-ahead logs, stored blocks, no sockets),
/// finality over the number of validators, and the simulator.
/// </summary>
internal static class ConsensusScenario
{
    private const int PerBatch = 1000, Findings = 20_000, Records = 10_000, Heights = 500, FinalityBatch = 10, FinalityRounds = 100, Seeds = 40;
    private static readonly int[] Counts = [4, 7, 10, 16, 31];

    public static async Task Run()
    {
        Print($"core, n = 4: {CoreSpeed.Measure(4):N0} messages/s on one core; n = 31: {CoreSpeed.Measure(31):N0} messages/s");
        await Throughput();
        var finality = new List<(int Count, double P50, double P99)>();
        Print($"finality of {FinalityBatch} entries, until sealed by all, {FinalityRounds} batches one after the other");
        foreach (var count in Counts)
        {
            var ms = await Finality(count);
            finality.Add((count, ms[ms.Length / 2], ms[(ms.Length * 99 / 100) - 1]));
            Print($"{count,4} validators: p50 {finality[^1].P50,7:F1} ms   p99 {finality[^1].P99,7:F1} ms   max {ms[^1],7:F1} ms");
        }
        await File.WriteAllTextAsync(Path.Combine(LedgerUnderTest.Root(), "docs", "pictures", "finality.svg"), FinalityPlot.Draw(finality));
        await Simulator();
    }

    // The rounds come after a warm-up; processor time is that of the whole process, all four nodes and this host.
    private static async Task Throughput()
    {
        await using var network = await InProcessNetwork.Start(4);
        await network.Seal(network.Entries.Findings(4_000, PerBatch));
        for (var round = 1; round <= 3; round++)
        {
            await Measure(network, $"four nodes, {EntryMaker.PayloadBytes} bytes, no issuer's signature, round {round}", network.Entries.Findings(Findings, PerBatch));
        }
        await network.Seal(network.Entries.Records(4_000, PerBatch));
        for (var round = 1; round <= 2; round++)
        {
            await Measure(network, $"four nodes, signed records, verified by each node, round {round}", network.Entries.Records(Records, PerBatch));
        }
        await Measure(network, "four nodes, one entry a block", network.Entries.Findings(Heights, 1));
        network.MustHaveAcceptedAll();
    }

    private static async Task Measure(InProcessNetwork network, string name, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> batches)
    {
        var entries = batches.Sum(b => b.Count);
        var bytes = batches.Sum(b => b.Sum(e => (long)e.Length)) / entries;
        var (height, cpu, start) = (network.Nodes[0].Height, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await network.Seal(batches);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var ms = (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / entries;
        var heights = network.Nodes[0].Height - height;
        Print($"{name}: {entries / seconds:N0} entries/s, {ms:F2} CPU-ms an entry over all nodes, {heights / seconds:F0} heights/s ({bytes} bytes an entry)");
    }

    private static async Task<double[]> Finality(int count)
    {
        await using var network = await InProcessNetwork.Start(count);
        var ms = new List<double>();
        for (var round = -5; round < FinalityRounds; round++)
        {
            var batch = network.Entries.Findings(FinalityBatch, FinalityBatch);
            var start = Stopwatch.GetTimestamp();
            await network.Seal(batch);
            // The first ones warm up.
            if (round >= 0)
            {
                ms.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        network.MustHaveAcceptedAll();
        return [.. ms.Order()];
    }

    private static async Task Simulator()
    {
        var program = Path.Combine(LedgerUnderTest.Root(), "tests", "Validator.Tests", "bin", "Release", "net10.0", "EventLedger.Validator.Tests.dll");
        using var run = Process.Start(new ProcessStartInfo("dotnet", [program, "simulate", "--seeds", $"{Seeds}", "--cores", "1"]) { RedirectStandardOutput = true })!;
        var said = await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();
        Print($"simulator on one core: {said.Trim().Split('\n')[^1]}");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
