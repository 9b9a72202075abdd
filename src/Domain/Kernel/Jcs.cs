using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Domain.Kernel;

/// <summary>
/// Canonical JSON: the one byte form of a JSON value, so that its hash means something.
/// U+0000, lone surrogates and duplicate names are refused. Source: RFC 8785; RFC 7493.
/// </summary>
public static class Jcs
{
    private const int DepthMax = 64;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = DepthMax };

    private static readonly JsonDocumentOptions Known = new() { MaxDepth = DepthMax };

    /// <summary>Parses strictly: no comments, trailing commas, duplicate names, U+0000 or lone surrogates; depth at most 64.</summary>
    /// <returns>Null when the bytes are not such JSON.</returns>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json)
    {
        if (JcsReader.IsPlain(json.Span))
        {
            return JsonDocument.Parse(json, Known);
        }
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(json, Strict);
            if (IsClean(document.RootElement))
            {
                return document;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            // Not JSON; the caller says where.
        }
        document?.Dispose();
        return null;
    }

    /// <summary>Parses and writes back in canonical form; null when the input is not strict JSON.</summary>
    public static byte[]? TryCanonicalize(ReadOnlyMemory<byte> json)
    {
        if (JcsReader.IsPlain(json.Span))
        {
            return json.ToArray();
        }
        using var document = TryParse(json);
        return document is null ? null : Bytes(document.RootElement);
    }

    /// <summary>Whether the bytes are already the canonical form.</summary>
    public static bool IsCanonical(ReadOnlyMemory<byte> json) =>
        JcsReader.IsPlain(json.Span) || (TryCanonicalize(json) is { } again && again.AsSpan().SequenceEqual(json.Span));

    /// <summary>The canonical bytes of a parsed value.</summary>
    public static byte[] Bytes(JsonElement value)
    {
        var writer = new ArrayBufferWriter<byte>(256);
        Write(writer, value);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The canonical bytes of a built value. Throws <see cref="FormatException"/> when it holds what JCS refuses.</summary>
    public static byte[] Bytes(JsonNode? value)
    {
        var writer = new ArrayBufferWriter<byte>(512);
        try
        {
            Write(writer, value, DepthMax);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Parsed without a look at its names or escapes, which shows only now.
            throw Refused();
        }
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Appends the canonical form of a value.</summary>
    public static void Write(IBufferWriter<byte> writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value);
                break;
            case JsonValueKind.Array:
                writer.Write("["u8);
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first)
                    {
                        writer.Write(","u8);
                    }
                    first = false;
                    Write(writer, item);
                }
                writer.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(writer, value.GetString()!);
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, value);
                break;
            case JsonValueKind.True:
                writer.Write("true"u8);
                break;
            case JsonValueKind.False:
                writer.Write("false"u8);
                break;
            default:
                writer.Write("null"u8);
                break;
        }
    }

    /// <summary>Appends a JSON string with exactly the escapes that RFC 8785 section 3.2.2.2 allows.</summary>
    public static void WriteString(IBufferWriter<byte> writer, ReadOnlySpan<char> text)
    {
        writer.Write("\""u8);
        while (text.Length > 0)
        {
            var plain = text.IndexOfAny(Escaped);
            if (plain != 0)
            {
                var run = plain < 0 ? text : text[..plain];
                var span = writer.GetSpan(Encoding.UTF8.GetByteCount(run));
                writer.Advance(Encoding.UTF8.GetBytes(run, span));
                text = text[run.Length..];
                continue;
            }
            writer.Write(text[0] switch
            {
                '"' => "\\\""u8,
                '\\' => "\\\\"u8,
                '\b' => "\\b"u8,
                '\t' => "\\t"u8,
                '\n' => "\\n"u8,
                '\f' => "\\f"u8,
                '\r' => "\\r"u8,
                var c => Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"),
            });
            text = text[1..];
        }
        writer.Write("\""u8);
    }

    private static void Write(IBufferWriter<byte> writer, JsonNode? value, int depth)
    {
        switch (value)
        {
            case null:
                writer.Write("null"u8);
                break;
            case JsonObject members when depth > 0:
                WriteObject(writer, members, depth);
                break;
            case JsonArray items when depth > 0:
                writer.Write("["u8);
                for (var i = 0; i < items.Count; i++)
                {
                    if (i > 0)
                    {
                        writer.Write(","u8);
                    }
                    Write(writer, items[i], depth - 1);
                }
                writer.Write("]"u8);
                break;
            case JsonValue item when item.TryGetValue(out string? text):
                WriteString(writer, IsClean(text) ? text : throw Refused());
                break;
            case JsonValue item when item.TryGetValue(out long number) && IsExact(number):
                WriteInteger(writer, number);
                break;
            case JsonValue item when item.TryGetValue(out int number):
                WriteInteger(writer, number);
                break;
            case JsonValue item:
                using (var document = TryParse(Encoding.UTF8.GetBytes(item.ToJsonString())) ?? throw Refused())
                {
                    Write(writer, document.RootElement);
                }
                break;
            default:
                throw Refused();
        }
    }

    private static void WriteObject(IBufferWriter<byte> writer, JsonObject value, int depth)
    {
        KeyValuePair<string, JsonNode?>[] members = [.. value];
        Array.Sort(members, static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        writer.Write("{"u8);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                writer.Write(","u8);
            }
            WriteString(writer, IsClean(members[i].Key) ? members[i].Key : throw Refused());
            writer.Write(":"u8);
            Write(writer, members[i].Value, depth - 1);
        }
        writer.Write("}"u8);
    }

    private static FormatException Refused() => new("Not canonicalizable JSON.");

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (char)i), '"', '\\']);

    private static void WriteObject(IBufferWriter<byte> writer, JsonElement value)
    {
        writer.Write("{"u8);
        var members = new List<(string Name, JsonElement Value)>();
        var sorted = true;
        foreach (var member in value.EnumerateObject())
        {
            sorted &= members.Count == 0 || string.CompareOrdinal(members[^1].Name, member.Name) < 0;
            members.Add((member.Name, member.Value));
        }
        if (!sorted)
        {
            members.Sort((x, y) => string.CompareOrdinal(x.Name, y.Name));
        }
        var first = true;
        foreach (var (name, item) in members)
        {
            if (!first)
            {
                writer.Write(","u8);
            }
            first = false;
            WriteString(writer, name);
            writer.Write(":"u8);
            Write(writer, item);
        }
        writer.Write("}"u8);
    }

    // Integers within 2^53 are their own canonical text; everything else takes the ECMAScript form of the IEEE double.
    private static void WriteNumber(IBufferWriter<byte> writer, JsonElement value)
    {
        if (value.TryGetInt64(out var integer) && IsExact(integer))
        {
            WriteInteger(writer, integer);
            return;
        }
        writer.Write(Encoding.ASCII.GetBytes(JcsNumber.Text(value.GetDouble())));
    }

    private static bool IsExact(long integer) => integer is >= -(1L << 53) and <= 1L << 53;

    private static void WriteInteger(IBufferWriter<byte> writer, long integer)
    {
        var span = writer.GetSpan(20);
        integer.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        writer.Advance(written);
    }

    private static bool IsClean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(m => IsClean(m.Name) && IsClean(m.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsClean),
        JsonValueKind.String => IsClean(value.GetString()!),
        JsonValueKind.Number => JcsNumber.IsFinite(value),
        _ => true,
    };

    private static bool IsClean(string text)
    {
        if (!text.Contains('\0') && !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return true;
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]))))
            {
                return false;
            }
        }
        return true;
    }
}
