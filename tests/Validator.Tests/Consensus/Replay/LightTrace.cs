using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Single steps of the light client, in the form without encoding and in that of the original files.</summary>
internal static class LightTrace
{
    public static void Replay(JsonElement trace, TraceRun run)
    {
        foreach (var one in trace.ValueKind == JsonValueKind.Array ? trace.EnumerateArray() : (IEnumerable<JsonElement>)[trace])
        {
            run.Begin();
            if (one.TryGetProperty("input", out _))
            {
                Original(one, run);
            }
            else
            {
                Semantic(one, run);
            }
        }
    }

    private static void Semantic(JsonElement one, TraceRun run)
    {
        var (forge, initial) = (new LightForge(), one.GetProperty("initial"));
        var next = Set(initial, "nextVals");
        var trusted = new TrustedHead(
            LightForge.Header(initial.Number("h"), Time(initial, "time"), Digest.Zero, forge.HashOf(next, initial.Text("nextValsHash")), initial.Text("hash")), next);
        var options = new LightOptions(Ms(one, "trustingPeriodSec"));
        foreach (var (index, step) in one.Items("steps").Index())
        {
            var (set, after) = (Set(step, "vals"), Set(step, "nextVals"));
            var header = LightForge.Header(step.Number("h"), Time(step, "time"), forge.HashOf(set, step.Text("valsHash")),
                forge.HashOf(after, step.Text("nextValsHash")), step.Text("hash"));
            var signers = step.Items("sigs").Where(s => s.Text("flag") == "commit").Select(s => s.Text("val"));
            var block = new LightBlock(header, LightForge.Commit(header, header.Height, step.Text("hash"), signers), set, after);
            trusted = Step($"{one.Text("name")} step {index}", step.Text("expect"), trusted, block, options, Time(step, "now"), run);
        }
    }

    private static void Original(JsonElement one, TraceRun run)
    {
        var (blocks, initial) = (new TendermintBlocks(), one.GetProperty("initial"));
        var trusted = blocks.Trusted(initial);
        var options = new LightOptions(TendermintBlocks.PeriodMs(initial.GetProperty("trusting_period")));
        foreach (var (index, step) in one.Items("input").Index())
        {
            var block = blocks.Read(step.GetProperty("block"));
            trusted = Step($"step {index}", step.Text("verdict"), trusted, block, options, TendermintBlocks.Time(step.Text("now")), run);
        }
    }

    private static TrustedHead Step(string where, string expected, TrustedHead trusted, LightBlock block, LightOptions options, LedgerTime now, TraceRun run)
    {
        var verdict = LightClient.Verify(trusted, block, options, now);
        run.Same($"{where}: height {block.Header.Height} from {trusted.Header.Height}", expected, verdict switch
        {
            LightVerdict.Success => "SUCCESS",
            LightVerdict.NotEnoughTrust => "NOT_ENOUGH_TRUST",
            _ => "INVALID",
        });
        return verdict == LightVerdict.Success ? new(block.Header, block.Next) : trusted;
    }

    private static ValidatorSet? Set(JsonElement e, string name) =>
        LightForge.Set(e.GetProperty(name).EnumerateObject().Select(v => (v.Name, v.Value.GetInt64())));

    private static LedgerTime Time(JsonElement e, string name) => new(Ms(e, name));

    private static long Ms(JsonElement e, string name) => (long)(e.GetProperty(name).GetDecimal() * 1000);
}
