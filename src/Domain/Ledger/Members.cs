using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>The members of a JSON object whose names are all known: an unknown or missing name fails the read.</summary>
internal readonly ref struct Members
{
    private readonly JsonElement value;

    private Members(JsonElement value) => this.value = value;

    public JsonElement this[string name] => value.GetProperty(name);

    public bool Has(string name) => value.TryGetProperty(name, out _);

    /// <summary>Names that end in <c>?</c> may be absent.</summary>
    public static bool TryRead(JsonElement value, out Members members, params ReadOnlySpan<string> names)
    {
        members = new(value);
        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        var seen = 0;
        foreach (var name in names)
        {
            if (value.TryGetProperty(name.TrimEnd('?'), out _))
            {
                seen++;
            }
            else if (!name.EndsWith('?'))
            {
                return false;
            }
        }
        return seen == value.EnumerateObject().Count();
    }

    public bool IsOne(string name) => value.GetProperty(name) is { ValueKind: JsonValueKind.Number } v && v.GetRawText() == "1";

    public bool TryLong(string name, long min, out long number)
    {
        number = 0;
        return value.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.Number && v.TryGetInt64(out number) && number >= min
            && number <= 1L << 53;
    }

    public bool TryText(string name, [NotNullWhen(true)] out string? text)
    {
        text = value.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? v.GetString() : null;
        return text is not null;
    }

    /// <summary>A text, or null where the member is absent.</summary>
    public string? Text(string name) => TryText(name, out var text) ? text : null;

    public bool IsTextOrAbsent(string name) => !Has(name) || TryText(name, out _);

    public bool TryFlag(string name, out bool flag)
    {
        flag = value.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.True;
        return flag || v.ValueKind == JsonValueKind.False;
    }

    public bool TryTime(string name, out LedgerTime time)
    {
        time = default;
        return TryText(name, out var text) && LedgerTime.TryParse(text, out time);
    }

    public bool TryDigest(string name, out Digest digest)
    {
        digest = default;
        return TryText(name, out var text) && Digest.TryParse(text, out digest);
    }
}
