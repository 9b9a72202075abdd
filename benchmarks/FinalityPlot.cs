using System.Globalization;
using System.Text;

namespace EventLedger.Bench;

/// <summary>Draws finality over the number of validators as SVG that can be read in light and in dark.</summary>
internal static class FinalityPlot
{
    private const double Left = 70, Right = 610, Top = 60, Bottom = 330, CountMax = 32;

    /// <summary>The picture's text.</summary>
    /// <param name="figures">Validators, and p50 and p99 in milliseconds.</param>
    public static string Draw(IReadOnlyList<(int Count, double P50, double P99)> figures)
    {
        var step = Step(figures.Max(f => f.P99));
        var max = Math.Ceiling(figures.Max(f => f.P99) / step) * step;
        double X(double count) => Left + count / CountMax * (Right - Left);
        double Y(double ms) => Bottom - ms / max * (Bottom - Top);
        var svg = new StringBuilder("""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 400" role="img" aria-labelledby="title">
            <title id="title">Time from handing a batch to all validators until all have sealed it, over the number of validators: median and 99th percentile</title>
            <style>text{font:13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#334155}.h{font-size:16px;font-weight:600}.b{fill:#fff}.g{stroke:#94a3b8;stroke-opacity:.35}.a{stroke:#64748b}.n{text-anchor:end}.c{text-anchor:middle}.p50{stroke:#2563eb;fill:#2563eb}.p99{stroke:#c2410c;fill:#c2410c}polyline{stroke-width:2;fill:none!important}text.p50,text.p99{stroke:none}@media(prefers-color-scheme:dark){.b{fill:#0f172a}text{fill:#e2e8f0}.p50{stroke:#60a5fa;fill:#60a5fa}.p99{stroke:#fb923c;fill:#fb923c}}</style>
            <rect width="680" height="400" class="b"/>

            """);
        void Line(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"""<text x="{Left}" y="30" class="h">Finality on two cores: handed over to sealed by all validators</text>""");
        for (var ms = 0.0; ms <= max; ms += step)
        {
            Line($"""<path d="M{Left} {Y(ms):F1}H{Right}" class="g"/><text x="{Left - 8}" y="{Y(ms) + 4:F1}" class="n">{ms:F0}</text>""");
        }
        Line($"""<path d="M{Left} {Top}V{Bottom}H{Right}" class="a" fill="none"/>""");
        foreach (var (count, _, _) in figures)
        {
            Line($"""<text x="{X(count):F1}" y="{Bottom + 20}" class="c">{count}</text>""");
        }
        Line($"""<text x="{(Left + Right) / 2}" y="{Bottom + 46}" class="c">validators (number)</text>""");
        Line($"""<text transform="translate(20 {(Top + Bottom) / 2}) rotate(-90)" class="c">time until sealed (ms)</text>""");
        Curve("p50", f => f.P50);
        Curve("p99", f => f.P99);
        return svg.Append("</svg>\n").ToString();

        void Curve(string name, Func<(int Count, double P50, double P99), double> of)
        {
            var points = figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{X(f.Count):F1},{Y(of(f)):F1}"));
            Line($"""<polyline class="{name}" points="{string.Join(' ', points)}"/>""");
            foreach (var f in figures)
            {
                Line($"""<circle class="{name}" cx="{X(f.Count):F1}" cy="{Y(of(f)):F1}" r="3.5"/>""");
            }
            Line($"""<text class="{name}" x="{X(figures[^1].Count) + 10:F1}" y="{Y(of(figures[^1])) + 4:F1}">{name}</text>""");
        }
    }

    // Four to ten lines, each at one, two or five times a power of ten.
    private static double Step(double max)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(max)));
        return (max / power) switch { < 2 => power / 5, < 5 => power / 2, _ => power };
    }
}
