using System.Globalization;

namespace EventLedger.Api.Http;

/// <summary>What a caller would like. Source: RFC 7240 sections 4.2 and 4.3.</summary>
public static class Preference
{
    /// <summary><c>Prefer: wait=N</c>: how long the caller would wait, at most as long as allowed; null when it says nothing.</summary>
    public static TimeSpan? Wait(HttpRequest request, TimeSpan max)
    {
        foreach (var part in Parts(request))
        {
            if (part.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(part.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return seconds < max.TotalSeconds ? TimeSpan.FromSeconds(seconds) : max;
            }
        }
        return null;
    }

    /// <summary><c>Prefer: return=minimal</c>: the caller needs the status and the address, not the content.</summary>
    public static bool IsMinimal(HttpRequest request) => Parts(request).Contains("return=minimal", StringComparer.OrdinalIgnoreCase);

    private static string[] Parts(HttpRequest request) => request.Headers["Prefer"] is { Count: > 0 } prefer
        ? string.Join(',', prefer.ToArray()).Split([',', ';'], StringSplitOptions.TrimEntries)
        : [];
}
