using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Equality of JSON values as JSON Schema means it: 1 and 1.0 are equal, the order of members is nothing, 0 is not false.</summary>
/// <remarks>Source: JSON Schema Core 2020-12, 4.2.2. The BCL's own deep comparison throws on exponents beyond 32 bits.</remarks>
internal static class JsonEquality
{
    /// <summary>Counts its work in <paramref name="e"/>, since a list of large objects could make it quadratic.</summary>
    public static bool AreEqual(JsonElement left, JsonElement right, ref Evaluation e)
    {
        e.Charge(1);
        if (left.ValueKind != right.ValueKind)
        {
            return false;
        }
        return left.ValueKind switch
        {
            JsonValueKind.String => TextEquals(left, right),
            JsonValueKind.Number => NumberLimit.AreEqual(JsonMarshal.GetRawUtf8Value(left), JsonMarshal.GetRawUtf8Value(right)),
            JsonValueKind.Array => ItemsEqual(left, right, ref e),
            JsonValueKind.Object => MembersEqual(left, right, ref e),
            _ => true,
        };
    }

    /// <summary>Equal values have equal hashes; different ones may, too. Never seeded: the work counted must be the same in every process.</summary>
    public static ulong Hash(JsonElement value)
    {
        var hash = Mix(0, (ulong)value.ValueKind);
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return Hash(hash, value.GetString());
            case JsonValueKind.Number:
                return Hash(hash, JsonMarshal.GetRawUtf8Value(value));
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    hash = Mix(hash, Hash(item));
                }
                return hash;
            case JsonValueKind.Object:
                // A sum, because the order of members is nothing.
                foreach (var member in value.EnumerateObject())
                {
                    hash += Hash(Hash(member.Value), member.Name);
                }
                return hash;
            default:
                return hash;
        }
    }

    private static ulong Mix(ulong hash, ulong value) => (hash ^ value) * 0x9E3779B97F4A7C15 + (hash >> 29);

    private static ulong Hash(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            hash = Mix(hash, c);
        }
        return hash;
    }

    private static ulong Hash(ulong hash, ReadOnlySpan<byte> number)
    {
        if (ExactNumber.TryRead(number, new byte[number.Length], out var exact))
        {
            hash = Mix(hash, (ulong)exact.Exponent);
            foreach (var digit in exact.Digits)
            {
                hash = Mix(hash, digit);
            }
        }
        return hash;
    }

    private static bool TextEquals(JsonElement left, JsonElement right)
    {
        var a = JsonMarshal.GetRawUtf8Value(left);
        var b = JsonMarshal.GetRawUtf8Value(right);
        return a.SequenceEqual(b) || ((a.Contains((byte)'\\') || b.Contains((byte)'\\')) && left.GetString() == right.GetString());
    }

    private static bool ItemsEqual(JsonElement left, JsonElement right, ref Evaluation e)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
        {
            return false;
        }
        using var others = right.EnumerateArray();
        foreach (var item in left.EnumerateArray())
        {
            if (!others.MoveNext() || !AreEqual(item, others.Current, ref e))
            {
                return false;
            }
        }
        return true;
    }

    private static bool MembersEqual(JsonElement left, JsonElement right, ref Evaluation e)
    {
        var count = left.GetPropertyCount();
        if (count != right.GetPropertyCount())
        {
            return false;
        }
        // Finding a member reads the object from its end: count each such search.
        e.Charge((long)count * count / 16);
        foreach (var member in left.EnumerateObject())
        {
            if (e.IsExhausted || !right.TryGetProperty(member.Name, out var other) || !AreEqual(member.Value, other, ref e))
            {
                return false;
            }
        }
        return true;
    }
}
