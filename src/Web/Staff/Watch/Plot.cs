using System.Globalization;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Staff.Watch;

/// <summary>A series as lines of a plot: whole units of a picture of 720 by 220.</summary>
public sealed class Plot
{
    /// <summary>Size of the picture, and where the lines are in it.</summary>
    public const int Width = 720, Height = 220, Left = 56, Right = 692, Top = 12, Bottom = 188;

    private const int LinesMax = 6, MarksOnAxis = 4;
    private const long Scale = 100;

    private readonly long from, length;

    /// <summary>Reads <c>/v2m/v1/series</c>; with more than six labels the smallest go together as “others”.</summary>
    public Plot(JsonElement series)
    {
        (from, var to) = (Ms(series.Text("from")), Ms(series.Text("to")));
        length = Math.Max(1, to - from);
        (Name, Unit, StepSeconds) = (series.Text("name")!, series.Text("unit")!, series.Number("stepSeconds") ?? 60);
        var points = series.Items("points");
        var labels = series.Items("labels").Select(l => l.GetString()!).ToList();
        var all = labels.Select((label, i) => (Label: label, Values: points.Select(p => p.Items("values")[i] is { ValueKind: JsonValueKind.Number } n ? n.GetInt64() : (long?)null).ToList())).ToList();
        Labels = labels;
        Rows = [.. points.Select((p, i) => (p.Text("at")!, (IReadOnlyList<long?>)[.. all.Select(a => a.Values[i])]))];
        if (all.Count > LinesMax)
        {
            var ordered = all.OrderByDescending(a => a.Values.Sum() ?? 0).ToList();
            var rest = ordered.Skip(LinesMax - 1).ToList();
            all = [.. ordered.Take(LinesMax - 1), ("others", [.. points.Select((_, i) => rest.Sum(r => r.Values[i]))])];
        }
        Max = Nice(all.SelectMany(a => a.Values).Max() ?? 0);
        Lines = [.. all.Select((a, i) => new PlotLine(a.Label, i, Path(Rows, a.Values), a.Values.Max() ?? 0))];
    }

    /// <summary>What is plotted.</summary>
    public string Name { get; }

    /// <summary>What its numbers count.</summary>
    public string Unit { get; }

    /// <summary>First moment, in milliseconds since 1970.</summary>
    public long From => from;

    /// <summary>First moment after, likewise.</summary>
    public long To => from + length;

    /// <summary>Length of a step.</summary>
    public long StepSeconds { get; }

    /// <summary>The value at the top.</summary>
    public long Max { get; }

    /// <summary>All labels, also those that no line of their own is drawn for.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The numbers themselves, for the table.</summary>
    public IReadOnlyList<(string At, IReadOnlyList<long?> Values)> Rows { get; }

    /// <summary>The lines.</summary>
    public IReadOnlyList<PlotLine> Lines { get; }

    /// <summary>Whether there is anything to draw.</summary>
    public bool IsEmpty => Lines.All(l => l.Highest == 0);

    /// <summary>Values along the upright axis, with their places.</summary>
    public IEnumerable<(long Value, int Y)> Grid => Enumerable.Range(0, MarksOnAxis + 1).Select(i => Max * i / MarksOnAxis).Distinct().Select(v => (v, (int)(Y(v) / Scale)));

    /// <summary>Times along the axis of time, with their places.</summary>
    public IEnumerable<(string Text, int X)> Times => Enumerable.Range(0, MarksOnAxis + 1).Select(i => from + length * i / MarksOnAxis)
        .Select(ms => (new LedgerTime(ms).Moment.ToString(length > 48L * 3_600_000 ? "d MMM" : "HH:mm", CultureInfo.CurrentCulture), (int)(X(ms) / Scale)));

    /// <summary>Where a moment is; null outside.</summary>
    public int? Place(string? time) => LedgerTime.TryParse(time, out var at) && at.UnixMs >= from && at.UnixMs < from + length ? (int)(X(at.UnixMs) / Scale) : null;

    private string Path(IReadOnlyList<(string At, IReadOnlyList<long?> Values)> rows, List<long?> values)
    {
        var text = new StringBuilder();
        var isDrawn = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                isDrawn = false;
                continue;
            }
            // A measurement with nothing on either side is a dash, not a line that cannot be seen.
            var (x, y) = (Text(X(Ms(rows[i].At))), Text(Y(value)));
            text.Append(isDrawn ? 'L' : 'M').Append(x).Append(' ').Append(y).Append(isDrawn ? "" : "m-3 0h6m-3 0");
            isDrawn = true;
        }
        return text.ToString();
    }

    private long X(long ms) => (Left * Scale) + ((ms - from) * (Right - Left) * Scale / length);

    private long Y(long value) => (Bottom * Scale) - (value * (Bottom - Top) * Scale / Math.Max(1, Max));

    private static string Text(long hundredths) => string.Create(CultureInfo.InvariantCulture, $"{hundredths / Scale}.{hundredths % Scale:D2}");

    private static long Ms(string? time) => LedgerTime.TryParse(time, out var at) ? at.UnixMs : 0;

    // 1, 2 or 5 with noughts, so that the marks are numbers that people read.
    private static long Nice(long max)
    {
        for (var unit = 1L; ; unit *= 10)
        {
            foreach (var step in (long[])[4 * unit, 8 * unit, 20 * unit])
            {
                if (step >= max)
                {
                    return step;
                }
            }
        }
    }
}

/// <summary>One line of a plot.</summary>
/// <param name="Label">Whose it is.</param>
/// <param name="Index">Which look it has.</param>
/// <param name="Path">The path of an SVG.</param>
/// <param name="Highest">Its highest value.</param>
public sealed record PlotLine(string Label, int Index, string Path, long Highest);
