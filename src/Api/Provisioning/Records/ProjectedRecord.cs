using System.Buffers;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>One row for each submission: what its JWT says in public.</summary>
public sealed record ProjectedRecord(string Iss, string Vct, string Jti, string Kid, string Number, string Title, string Claims, string? Metadata, long? Exp,
    long? StatusIndex, string? StatusUri, IReadOnlyList<(string Name, string Value)> Links)
{
    private static readonly HashSet<string> Envelope = [.. RecordFormat.EnvelopeClaims];

    /// <summary>
    /// Reads the record in an entry's data. It was checked before it was appended and again before it was sealed, so nothing is checked here;
    /// null when it is not readable, which only an entry can be that the validators will reject.
    /// </summary>
    /// <param name="entry">The entry.</param>
    /// <param name="formats">Formats by <c>vct</c>.</param>
    /// <param name="linked">Fields that name licences.</param>
    public static ProjectedRecord? Read(Entry entry, IReadOnlyDictionary<string, FormatShape> formats, IReadOnlySet<string> linked)
    {
        if (!entry.TryRecord(out var record, out _) || !Domain.Ledger.Claims.TryRead(record.Payload, out var claims) || !formats.TryGetValue(claims.Vct, out var format))
        {
            return null;
        }
        var keys = format.Key.Select(k => Text(record.Payload.GetProperty(k)) ?? "").ToList();
        return new(claims.Iss, claims.Vct, claims.Jti, record.Kid, keys[0], $"{format.Title} {string.Join(" / ", keys)}",
            PublicFields(record.Payload, format), AboutIt(record.Payload, format), claims.Exp, claims.Status?.Idx, claims.Status?.Uri, format.HasLifecycle ? [] : LinksOf(record.Payload, linked));
    }

    /// <summary>A text or a number as people write it; null for anything else.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    /// <summary>The fields of a record that stand open in its payload, as a JSON object.</summary>
    public static string PublicFields(JsonElement payload, FormatShape format) => Fields(payload, name => !Envelope.Contains(name) && !format.Beside.Contains(name));

    private static List<(string, string)> LinksOf(JsonElement payload, IReadOnlySet<string> linked)
    {
        var links = new List<(string, string)>();
        foreach (var member in payload.EnumerateObject())
        {
            if (linked.Contains(member.Name) && Text(member.Value) is { } value)
            {
                links.Add((member.Name, value));
            }
        }
        return links;
    }

    // What the source says about how the record came to be, beside its fields.
    private static string? AboutIt(JsonElement payload, FormatShape format) =>
        payload.EnumerateObject().Any(m => format.Beside.Contains(m.Name)) ? Fields(payload, format.Beside.Contains) : null;

    private static string Fields(JsonElement payload, Predicate<string> isWanted)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new() { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var member in payload.EnumerateObject())
            {
                if (isWanted(member.Name))
                {
                    member.WriteTo(writer);
                }
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
