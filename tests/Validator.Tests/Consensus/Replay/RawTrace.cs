using System.Text.Json;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>The originals of driver traces (ITF): their distilled form is what is replayed; here only the run's own chains are held to one another.</summary>
internal static class RawTrace
{
    public static void Replay(JsonElement trace, TraceRun run)
    {
        run.Begin();
        foreach (var (index, state) in trace.Items("states").Index())
        {
            var chains = Itf.Map(Itf.Variable(state, "system")).Select(node => node.Value.GetProperty("es").Items("chain").Select(v => v.GetProperty("decision").Text("proposal")).ToList()).ToList();
            var longest = chains.MaxBy(chain => chain.Count) ?? [];
            run.Same($"state {index}", "each chain begins the longest one", chains.All(chain => chain.SequenceEqual(longest.Take(chain.Count)))
                ? "each chain begins the longest one"
                : "a fork");
        }
    }
}
