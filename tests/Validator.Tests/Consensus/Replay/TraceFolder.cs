using System.Text.Json;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Finds the traces of a folder by what the files hold, not by their names, and replays them.</summary>
internal static class TraceFolder
{
    public const string Unknown = "unknown";

    public static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".json.gz", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static TraceRun Replay(string path, string name)
    {
        var kind = Unknown;
        TraceRun? run = null;
        try
        {
            var trace = Traces.Read(path);
            kind = KindOf(trace);
            run = new(kind, name);
            Replay(trace, run);
        }
        // Whatever a damaged file or a broken core throws belongs to this file; the others are replayed all the same.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            (run ??= new(kind, name)).Holds("reading or replaying it", "no exception", $"{e.GetType().Name}: {e.Message}");
        }
        return run;
    }

    private static void Replay(JsonElement trace, TraceRun run)
    {
        switch (run.Kind)
        {
            case "consensus": RoundTrace.Replay(trace, run); break;
            case "votekeeper": VotesTrace.Replay(trace, run); break;
            case "driver" or "scenarios": DriverTrace.Replay(trace, run); break;
            case "driver_scenarios": TableTrace.Replay(trace, run); break;
            case "lightclient": LightTrace.Replay(trace, run); break;
            case "bisection": BisectionTrace.Replay(trace, run); break;
            case "paper": PaperTrace.Replay(trace, run); break;
            case "raw": RawTrace.Replay(trace, run); break;
            default: run.Holds("its form", "a known trace format", "none of them"); break;
        }
    }

    private static string KindOf(JsonElement trace) => trace.ValueKind switch
    {
        JsonValueKind.Array when Has(trace.EnumerateArray().FirstOrDefault(), "me", "validators", "steps") => "driver_scenarios",
        JsonValueKind.Array when Has(trace.EnumerateArray().FirstOrDefault(), "trustingPeriodSec", "initial", "steps") => "lightclient",
        JsonValueKind.Object when Has(trace, "meta", "steps") => trace.GetProperty("meta") switch
        {
            var meta when !Has(meta, "format") => Unknown,
            var meta when meta.Text("format") == "tm-round-sm/1" => "consensus",
            var meta when meta.Text("format") == "tm-votekeeper/1" => "votekeeper",
            var meta when meta.Text("format") == "tm-driver-trace/1" => Has(meta, "scenario") ? "scenarios" : "driver",
            _ => Unknown,
        },
        JsonValueKind.Object when Has(trace, "trust_options", "primary") => "bisection",
        JsonValueKind.Object when Has(trace, "initial", "input") => "lightclient",
        JsonValueKind.Object when Has(trace, "vars", "states") && Itf.Names(trace, "fired_action") => "paper",
        JsonValueKind.Object when Has(trace, "vars", "states") && Itf.Names(trace, "system") => "raw",
        _ => Unknown,
    };

    private static bool Has(JsonElement e, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (e.ValueKind != JsonValueKind.Object || !e.TryGetProperty(name, out _))
            {
                return false;
            }
        }
        return true;
    }
}
