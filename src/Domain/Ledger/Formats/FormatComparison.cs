using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Something that a record of the earlier version may meet in the later one.</summary>
/// <param name="Field">The field.</param>
/// <param name="Code">field-removed, field-required, field-narrowed, field-disclosed, field-published or key-changed.</param>
/// <param name="Text">In plain words, with what mends it.</param>
public sealed record FormatFinding(string Field, string Code, string Text);

/// <summary>
/// Whether records of one version of a format read in another. It says yes only where that can be seen without knowing the records: a schema that differs in
/// a field counts as narrower, even where it may be wider. Source: ITU-T Y.4561 (08/2020) 7.1.1 "metadata by format".
/// </summary>
public static class FormatComparison
{
    /// <summary>Empty when every record of the earlier version reads in the later one.</summary>
    /// <param name="from">Definition of the earlier version.</param>
    /// <param name="to">Definition of the later version.</param>
    /// <param name="upcast">How the later version reads the earlier one; null where it does not say.</param>
    public static IReadOnlyList<FormatFinding> Compare(JsonElement from, JsonElement to, Upcast? upcast)
    {
        var (old, next) = (Fields(from), Fields(to));
        var (oldClass, nextClass) = (Classes(from), Classes(to));
        var findings = new List<FormatFinding>();
        var given = new HashSet<string>(upcast?.Defaults.Keys ?? [], StringComparer.Ordinal);
        var oldRequired = Required(from);
        foreach (var (name, schema) in old.Where(f => upcast?.Drop.Contains(f.Key, StringComparer.Ordinal) != true))
        {
            var now = upcast?.Rename.GetValueOrDefault(name, name) ?? name;
            if (oldRequired.Contains(name))
            {
                given.Add(now);
            }
            if (!next.TryGetValue(now, out var other))
            {
                findings.Add(new(name, "field-removed", "The later version has it no more: name it in \"drop\" or \"rename\" of its upcast."));
                continue;
            }
            if (!Jcs.Bytes(schema).AsSpan().SequenceEqual(Jcs.Bytes(other)))
            {
                findings.Add(new(name, "field-narrowed", "Its schema differs, so a value of the earlier version may not fit."));
            }
            if (oldClass.GetValueOrDefault(name) != nextClass.GetValueOrDefault(now))
            {
                findings.Add(oldClass.GetValueOrDefault(name) == "public"
                    ? new(name, "field-disclosed", "It was public and is not in the later version; what is sealed in the open stays so.")
                    : new(name, "field-published", "It was not public and is in the later version; what is sealed stays hidden."));
            }
        }
        findings.AddRange(Required(to).Where(name => !given.Contains(name))
            .Select(name => new FormatFinding(name, "field-required", "The later version needs it and a record of the earlier one may lack it: give it in \"defaults\" of its upcast.")));
        var key = from.GetProperty("key").EnumerateArray().Select(k => upcast?.Rename.GetValueOrDefault(k.GetString()!, k.GetString()!) ?? k.GetString()!);
        if (!key.SequenceEqual(to.GetProperty("key").EnumerateArray().Select(k => k.GetString()!), StringComparer.Ordinal))
        {
            findings.Add(new(string.Join(", ", key), "key-changed", "Records are named by other fields, so no record of one version succeeds one of the other."));
        }
        return findings;
    }

    // Titles and descriptions are for people and hold no value to anything.
    private static Dictionary<string, JsonNode> Fields(JsonElement format) => !format.GetProperty("schema").TryGetProperty("properties", out var properties) ? []
        : properties.EnumerateObject().ToDictionary(p => p.Name, p => Bare(JsonNode.Parse(p.Value.GetRawText())!), StringComparer.Ordinal);

    private static JsonNode Bare(JsonNode schema)
    {
        if (schema is JsonObject o)
        {
            o.Remove("title");
            o.Remove("description");
        }
        return schema;
    }

    private static Dictionary<string, string> Classes(JsonElement format) =>
        format.GetProperty("classification").EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetString()!, StringComparer.Ordinal);

    private static HashSet<string> Required(JsonElement format) => format.GetProperty("schema").TryGetProperty("required", out var names)
        ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
}
