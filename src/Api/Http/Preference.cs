using System.Globalization;

namespace EventLedger.Api.Http;

/// <summary>What a caller would like. Source: RFC 7240 section 4.3.</summary>
public static class Preference
{
    /// <summary><c>Prefer: wait=N</c>: how long the caller would wait, at most as long as allowed; null when it says nothing.</summary>
    public static TimeSpan? Wait(HttpRequest request, TimeSpan max)
    {
        if (request.Headers["Prefer"] is not { Count: > 0 } prefer)
        {
            return null;
        }
        foreach (var part in string.Join(',', prefer.ToArray()).Split(',', ';'))
        {
            if (part.Trim() is var p && p.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(p.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return seconds < max.TotalSeconds ? TimeSpan.FromSeconds(seconds) : max;
            }
        }
        return null;
    }
}
