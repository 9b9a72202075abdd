using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>A draft on its way through the browser that signs it: out in hidden fields, back with the signatures.</summary>
public static class Signed
{
    /// <summary>What stands in the form beside the signature.</summary>
    public static IEnumerable<(string Name, string? Value)> Hidden(JsonElement draft) =>
        [("payload", draft.Text("payload")), ("disclosures", draft.Text("disclosures")), ("nonce", draft.Text("nonce")), ("exp", draft.Text("exp"))];

    /// <summary>The record that the form makes; null when it is not what the page sent.</summary>
    public static JsonObject? Record(IFormCollection form)
    {
        if (Parsed(form["payload"]) is not JsonObject payload || Parsed(form["disclosures"]) is not JsonArray disclosures || Signature(form) is not { } signature)
        {
            return null;
        }
        var signatures = new JsonArray(signature);
        if (Parsed(form["second"]) is JsonObject second)
        {
            signatures.Add((JsonNode)second);
        }
        return new()
        {
            ["payload"] = payload, ["disclosures"] = disclosures,
            ["assertion"] = new JsonObject { ["nonce"] = form["nonce"].ToString(), ["exp"] = form["exp"].ToString(), ["signatures"] = signatures },
        };
    }

    /// <summary>The draft as the form brought it back, to be shown again.</summary>
    public static JsonElement Draft(IFormCollection form) => JsonSerializer.SerializeToElement(new JsonObject(
        new[] { "payload", "disclosures", "summary" }.Select(n => KeyValuePair.Create(n, Parsed(form[n])))
            .Concat(new[] { "nonce", "exp", "subject" }.Select(n => KeyValuePair.Create(n, (JsonNode?)form[n].ToString())))));

    /// <summary>The signature alone; null when there is none.</summary>
    public static JsonObject? Signature(IFormCollection form) => Parsed(form["signature"]) as JsonObject;

    private static JsonNode? Parsed(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // The page sends JSON or nothing.
            return null;
        }
    }
}
