using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>
/// How a record of an earlier version of a format reads in a later one: fields are dropped, renamed, and given where they are missing, in this order.
/// The sealed record stays as it is; only a reader who asks for the later version sees it so.
/// </summary>
/// <param name="From">The earlier version, from 1.</param>
/// <param name="Rename">Old names with their new ones.</param>
/// <param name="Defaults">Values of public fields that the earlier version had not, as JSON.</param>
/// <param name="Drop">Fields that the later version has no more.</param>
public sealed record Upcast(int From, IReadOnlyDictionary<string, string> Rename, IReadOnlyDictionary<string, string> Defaults, IReadOnlyList<string> Drop)
{
    /// <summary>A record's fields as the later version has them.</summary>
    public JsonObject Apply(JsonObject fields)
    {
        var after = new JsonObject();
        foreach (var (name, value) in fields.Where(f => !Drop.Contains(f.Key, StringComparer.Ordinal)))
        {
            after[Rename.GetValueOrDefault(name, name)] = value?.DeepClone();
        }
        foreach (var (name, value) in Defaults.Where(d => !after.ContainsKey(d.Key)))
        {
            after[name] = JsonNode.Parse(value);
        }
        return after;
    }

    internal static Upcast Read(JsonElement json, int version)
    {
        if (!Members.TryRead(json, out var m, "defaults?", "drop?", "from", "rename?") || !m.TryLong("from", 1, out var from) || from >= version)
        {
            throw Refuse("Must be {from, rename?, defaults?, drop?} with an earlier version in \"from\".");
        }
        var rename = new Dictionary<string, string>(StringComparer.Ordinal);
        if (m.Has("rename"))
        {
            var map = m["rename"];
            foreach (var member in map.ValueKind == JsonValueKind.Object ? map.EnumerateObject() : throw Refuse("\"rename\" must be an object {old: new}."))
            {
                if (member.Value.ValueKind != JsonValueKind.String || rename.ContainsValue(member.Value.GetString()!) || !rename.TryAdd(member.Name, member.Value.GetString()!))
                {
                    throw Refuse("\"rename\" must give each old name one new name of its own.");
                }
            }
        }
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal);
        if (m.Has("defaults"))
        {
            var map = m["defaults"];
            foreach (var member in map.ValueKind == JsonValueKind.Object ? map.EnumerateObject() : throw Refuse("\"defaults\" must be an object {field: value}."))
            {
                defaults[member.Name] = member.Value.GetRawText();
            }
        }
        IReadOnlyList<string> drop = [];
        return m.Has("drop") && !m["drop"].IsTexts(out drop) ? throw Refuse("\"drop\" must be a list of fields, none twice.") : new((int)from, rename, defaults, drop);
    }

    private static SchemaRefusal Refuse(string text) => new("upcast-invalid", "/upcast", text);
}
