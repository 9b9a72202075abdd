using System.Text.Json;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>A light client's way to a height over what a provider has, and witnesses that may contradict it.</summary>
internal static class BisectionTrace
{
    public static void Replay(JsonElement trace, TraceRun run)
    {
        run.Begin();
        var (blocks, trust) = (new TendermintBlocks(), trace.GetProperty("trust_options"));
        var primary = Provider(trace.GetProperty("primary"), blocks);
        var first = primary[long.Parse(trust.Text("height"), System.Globalization.CultureInfo.InvariantCulture)];
        var trusted = new TrustedHead(first.Header, first.Next);
        var options = new LightOptions(TendermintBlocks.PeriodMs(trust.GetProperty("period")));
        var now = TendermintBlocks.Time(trace.Text("now"));
        var height = long.Parse(trace.Text("height_to_verify"), System.Globalization.CultureInfo.InvariantCulture);
        var path = LightClient.Bisect(trusted, height, h => primary.GetValueOrDefault(h), options, now);
        var witnesses = trace.Items("witnesses").Select(w => Provider(w.TryGetProperty("value", out var value) ? value : w, blocks));
        var isContradicted = path.Verdict == LightVerdict.Success
            && witnesses.Any(w => LightClient.IsContradicted(trusted, path, h => w.GetValueOrDefault(h), options, now));
        var isError = path.Verdict != LightVerdict.Success || isContradicted;
        run.Same(trace.Text("description"), trace.Text("expected_output"), isError ? "error" : "no error");
    }

    private static Dictionary<long, LightBlock> Provider(JsonElement e, TendermintBlocks blocks) =>
        e.Items("lite_blocks").Select(blocks.Read).GroupBy(b => b.Header.Height).ToDictionary(g => g.Key, g => g.Last());
}
