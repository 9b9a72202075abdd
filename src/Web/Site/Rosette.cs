using System.Globalization;
using System.Text;

namespace EventLedger.Web.Site;

/// <summary>Draws the rosette of a hash, as banknotes have them: two closed waves around a middle, each laid over itself some times, a little turned.</summary>
public static class Rosette
{
    private const int PointsPerLeaf = 14, Copies = 4;

    /// <summary>The waves as SVG paths in a square of 1040 around the middle, each with the angles (degrees) at which it is drawn.</summary>
    /// <param name="hash">SHA-256 in hex.</param>
    public static IEnumerable<(string Path, IReadOnlyList<double> Turns)> Of(string hash)
    {
        var bytes = Convert.FromHexString(hash);
        yield return Wave(6 + (bytes[0] % 7), 410, 50 + (bytes[1] % 45), bytes[2] % 60 / 100.0);
        yield return Wave(5 + (bytes[3] % 8), 270, 40 + (bytes[4] % 50), bytes[5] % 60 / 100.0);
    }

    // A second, faster swing makes the leaves of each hash look different: pointed, round or folded.
    private static (string, IReadOnlyList<double>) Wave(int leaves, int radius, int swing, double fold)
    {
        var path = new StringBuilder();
        var points = leaves * PointsPerLeaf;
        for (var n = 0; n < points; n++)
        {
            var angle = 2 * Math.PI * n / points;
            var r = radius + (swing * Math.Cos(leaves * angle)) + (swing * fold * Math.Cos(2 * leaves * angle));
            path.Append(n == 0 ? 'M' : 'L').Append(CultureInfo.InvariantCulture, $"{(int)(r * Math.Cos(angle))} {(int)(r * Math.Sin(angle))}");
        }
        return (path.Append('Z').ToString(), [.. Enumerable.Range(0, Copies).Select(i => Math.Round(360.0 / leaves / Copies * i, 2))]);
    }
}
