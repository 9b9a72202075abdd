using System.Globalization;

namespace EventLedger.Conformance.Faults;

/// <summary>One fault of a run, in ms.</summary>
/// <param name="Fault">What happened.</param>
/// <param name="AtMs">When, after the start of the run.</param>
/// <param name="LastedMs">Until it was healed.</param>
/// <param name="GapMs">The longest time without a block while it lasted.</param>
/// <param name="SealedMs">From its healing to the first block after that.</param>
/// <param name="WholeMs">From its healing until every validator voted and had all blocks.</param>
internal sealed record Episode(Fault Fault, long AtMs, long LastedMs, long GapMs, long SealedMs, long WholeMs);

/// <summary>Tells a run as it goes, and sums it up by kind.</summary>
internal sealed class Timeline(Action<string> say)
{
    private readonly List<Episode> episodes = [];

    public IReadOnlyList<Episode> Episodes => episodes;

    public void Add(Episode e)
    {
        episodes.Add(e);
        say(string.Create(CultureInfo.InvariantCulture, $"{e.AtMs / 1000.0,7:F1} s  {e.Fault,-24} for {e.LastedMs,6} ms, longest without a block {e.GapMs,6} ms; healed: first block after {e.SealedMs,5} ms, all vote after {e.WholeMs,6} ms"));
    }

    /// <summary>A table with a line for each kind: how often, and the worst and the middle of each time.</summary>
    public void Total()
    {
        say("");
        say($"{"fault",-26} {"count",5} | {"longest gap, ms",-16} | {"first block, ms",-16} | {"all vote, ms",-16}");
        say($"{"",-26} {"",5} | {"median",7} {"worst",7}  | {"median",7} {"worst",7}  | {"median",7} {"worst",7}");
        foreach (var kind in episodes.GroupBy(e => e.Fault.Halts && e.Fault.Victims.Count > 0 ? $"{e.Fault.Kind}, more than f" : e.Fault.Kind).OrderBy(g => g.Key, StringComparer.Ordinal).Append(episodes.GroupBy(_ => "all").First()))
        {
            say($"{kind.Key,-26} {kind.Count(),5} | {Two(kind, e => e.GapMs)}  | {Two(kind, e => e.SealedMs)}  | {Two(kind, e => e.WholeMs)}");
        }

        static string Two(IEnumerable<Episode> kind, Func<Episode, long> ms)
        {
            var all = kind.Select(ms).Order().ToList();
            return $"{all[all.Count / 2],7} {all[^1],7}";
        }
    }
}
