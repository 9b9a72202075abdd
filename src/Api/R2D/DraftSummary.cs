using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>A draft in words that a person reads before signing, taken from just what will be signed.</summary>
internal static class DraftSummary
{
    /// <summary><c>{source, organisation, act, what, public?, hidden?, expires?, subject?, reason?}</c>.</summary>
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
        (summary["subject"], summary["reason"]) = (payload["sub"]?.DeepClone(), reason);
        return summary;
    }

    /// <summary>
    /// Whether the summary shows all that the payload says: no claim beside, no digest without its disclosure. Whoever signs after it must not put their
    /// name under what they could not see.
    /// </summary>
    public static bool IsWhole(JsonObject payload, IReadOnlyList<string> disclosures, Registry registry)
    {
        var vct = (string)payload["vct"]!;
        if (vct == RecordRules.StatusVct)
        {
            return true;
        }
        var format = registry.Formats[vct].Format;
        return payload.All(m => Drafted.Contains(m.Key) || format.Fields.ContainsKey(m.Key) || (m.Key == "correction" && format.HasCorrection))
            && (payload["_sd"]?.AsArray().Count ?? 0) == disclosures.Count
            && !payload.Where(m => format.Fields.ContainsKey(m.Key)).Select(m => m.Value).Concat(disclosures.Select(d => Field(d).Value)).Any(Hides);
    }

    private static readonly string[] Drafted = ["iss", "vct", "ledger", "jti", "iat", "exp", "sub", "status", "_sd", "_sd_alg"];

    private static bool Hides(JsonNode? value) => value switch
    {
        JsonObject inside => inside.Any(m => m.Key is "_sd" or "..." || Hides(m.Value)),
        JsonArray items => items.Any(Hides),
        _ => false,
    };

    private static KeyValuePair<string, JsonNode?> Field(string disclosure)
    {
        B64.TryDecode(disclosure, out var bytes);
        var parts = JsonNode.Parse(bytes)!.AsArray();
        return KeyValuePair.Create((string)parts[1]!, parts[2]?.DeepClone());
    }

    // Values of key fields, for people.
    private static string Words(IEnumerable<JsonNode?> key) => string.Join(" / ", key.Select(k => k?.ToString()));
}
