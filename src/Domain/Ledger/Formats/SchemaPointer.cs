using System.Diagnostics.CodeAnalysis;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>JSON pointers as text. Source: RFC 6901.</summary>
internal static class SchemaPointer
{
    public static string Join(string pointer, string token) =>
        $"{pointer}/{token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>The pointer in a URI fragment (percent-encoded); false when an escape is broken.</summary>
    public static bool TryFromFragment(string fragment, [NotNullWhen(true)] out string? pointer)
    {
        pointer = Uri.UnescapeDataString(fragment);
        for (var i = pointer.IndexOf('~', StringComparison.Ordinal); i >= 0; i = pointer.IndexOf('~', i + 1))
        {
            if (i + 1 >= pointer.Length || pointer[i + 1] is not ('0' or '1'))
            {
                return false;
            }
        }
        return pointer.Length == 0 || pointer[0] == '/';
    }
}
