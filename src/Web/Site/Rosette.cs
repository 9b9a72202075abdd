using System.Globalization;
using System.Text;

namespace EventLedger.Web.Site;

/// <summary>Draws the rosette of a hash, as banknotes have them: three closed curves around a middle, each with as many leaves as a byte says.</summary>
public static class Rosette
{
    private const int Points = 240, Curves = 3;

    /// <summary>The curves as SVG paths in a square of 1040 around the middle.</summary>
    /// <param name="hash">SHA-256 in hex.</param>
    public static IEnumerable<string> Of(string hash)
    {
        var bytes = Convert.FromHexString(hash);
        return Enumerable.Range(0, Curves).Select(i => Curve(bytes.AsSpan(4 * i, 4), i));
    }

    private static string Curve(ReadOnlySpan<byte> bytes, int place)
    {
        var (leaves, waves, turn) = (7 + (bytes[0] % 12), 2 + (bytes[1] % 5), bytes[2] / 128.0 * Math.PI);
        var (middle, width) = (250 + (place * 75), 60 + (bytes[3] % 60));
        var path = new StringBuilder();
        for (var n = 0; n < Points; n++)
        {
            var angle = 2 * Math.PI * n / Points;
            var radius = middle + (width * Math.Cos((leaves * angle) + turn)) + (30 * Math.Sin((leaves * waves * angle) - turn));
            path.Append(n == 0 ? 'M' : 'L').Append(CultureInfo.InvariantCulture, $"{(int)(radius * Math.Cos(angle))} {(int)(radius * Math.Sin(angle))}");
        }
        return path.Append('Z').ToString();
    }
}
