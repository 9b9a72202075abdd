using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>A draft in words that a person reads before signing, taken from just what will be signed.</summary>
internal static class DraftSummary
{
    /// <summary><c>{source, organisation, act, what, public?, hidden?, expires?, reason?}</c>.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="disclosures">Disclosures that were checked against it.</param>
    /// <param name="version">Version of the record's stream; 0 where there is no record yet.</param>
    /// <param name="source">Who would say it.</param>
    /// <param name="registry">Formats and organisations.</param>
    public static JsonObject Of(JsonObject payload, IReadOnlyList<string> disclosures, long version, Source source, Registry registry)
    {
        var summary = new JsonObject { ["source"] = source.Name, ["organisation"] = registry.Organisations.GetValueOrDefault(source.Profile!.Organisation!)?.Name };
        var vct = (string)payload["vct"]!;
        if (vct == RecordRules.StatusVct)
        {
            var (format, key) = ((string)payload["record"]!["format"]!, payload["record"]!["key"]!.AsArray());
            summary["act"] = (string)payload["change"]!;
            summary["what"] = $"{registry.Formats.Values.FirstOrDefault(f => f.Format.Id == format)?.Format.Title ?? format} {Words(key)}";
            summary["reason"] = (string?)payload["reason"];
            return summary;
        }
        var known = registry.Formats[vct].Format;
        var reason = known.HasCorrection ? (string?)payload["correction"] : null;
        summary["act"] = reason is not null ? "correct" : version == 0 ? "issue" : "replace";
        summary["what"] = $"{known.Title} {Words(known.Key.Select(k => payload[k]))}";
        summary["public"] = new JsonObject(payload.Where(f => known.Fields.ContainsKey(f.Key)).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
        summary["hidden"] = new JsonObject(disclosures.Select(Field));
        summary["expires"] = payload["exp"]?.DeepClone();
        summary["reason"] = reason;
        return summary;
    }

    private static KeyValuePair<string, JsonNode?> Field(string disclosure)
    {
        B64.TryDecode(disclosure, out var bytes);
        var parts = JsonNode.Parse(bytes)!.AsArray();
        return KeyValuePair.Create((string)parts[1]!, parts[2]?.DeepClone());
    }

    // Values of key fields, for people.
    private static string Words(IEnumerable<JsonNode?> key) => string.Join(" / ", key.Select(k => k?.ToString()));
}
