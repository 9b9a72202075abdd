using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff;

/// <summary>Writes an act down: as the API takes it, and as the commands that do the same.</summary>
public static class ActWriter
{
    /// <summary>The wish that a form's answers make. What cannot be read as its kind goes as text, so that the ledger says what is wrong with it.</summary>
    public static JsonObject Wish(ActForm form, IReadOnlyDictionary<string, string> answers)
    {
        var parameters = new JsonObject();
        foreach (var field in form.Fields)
        {
            if (answers.GetValueOrDefault(field.Name)?.Trim() is { Length: > 0 } text)
            {
                parameters[field.Name] = Value(field.Kind, text);
            }
            else if (field.Kind == "yes")
            {
                parameters[field.Name] = false;
            }
        }
        if (form.Fields is [{ Name: "parameters" }] && parameters["parameters"] is JsonObject whole)
        {
            parameters = (JsonObject)whole.DeepClone();
        }
        var wish = new JsonObject { ["operation"] = form.Operation, ["type"] = form.Type, ["parameters"] = parameters };
        if (answers.GetValueOrDefault("reason")?.Trim() is { Length: > 0 } reason)
        {
            wish["reason"] = reason;
        }
        if (long.TryParse(answers.GetValueOrDefault("seen"), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            wish["expectedVersion"] = version;
        }
        return wish;
    }

    /// <summary>The answers that belong to the act. Whatever else another page's form sent along, such as samples of a format, goes no further.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Own(ActForm form, IReadOnlyDictionary<string, string> answers) =>
        answers.Where(a => a.Key is "reason" or "seen" || form.Fields.Any(f => f.Name == a.Key));

    /// <summary>Where the look at an act stands.</summary>
    public static string Address(ActForm form, IReadOnlyDictionary<string, string> answers, string key) =>
        $"/staff/act/{form.Operation}/{form.Type}?look=true&key={Uri.EscapeDataString(key)}&" + string.Join('&', Own(form, answers).Where(a => a.Value.Length > 0).Select(a => $"{a.Key}={Uri.EscapeDataString(a.Value)}"));

    /// <summary>The idempotency key of a wish from this form: sent twice it counts once, changed it is another.</summary>
    public static string Key(string form, JsonNode wish) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{form} {wish.ToJsonString()}")).AsSpan(0, 16));

    /// <summary>The command line that does the same. Whoever runs it names their own key.</summary>
    public static string Cli(ActForm form, JsonObject wish, Uri host)
    {
        List<string> lines = [$"./ledger control do {form.Operation} {form.Type}"];
        lines.AddRange(((JsonObject)wish["parameters"]!).Select(p => $"--set {Quoted($"{p.Key}={Plain(p.Value)}")}"));
        if (wish["reason"] is { } why)
        {
            lines.Add($"--reason {Quoted(why.GetValue<string>())}");
        }
        lines.Add("--operator YOUR-KEY.json");
        lines.Add($"--url {Quoted(host.ToString())}");
        return string.Join(" \\\n  ", lines);
    }

    /// <summary>The call that does the same; <c>$TOKEN</c> is an access token for the reference point.</summary>
    public static string Curl(string method, Uri host, string path, JsonObject? body) =>
        $"curl -X {method} {new Uri(host, path)} \\\n  -H \"Authorization: Bearer $TOKEN\"" + (body is null ? "" : $" \\\n  -H 'Content-Type: application/json' \\\n  -d {Quoted(body.ToJsonString())}");

    // The command line reads a value that is JSON as JSON, so a text that looks like it goes as JSON too.
    private static string Plain(JsonNode? value) => value is JsonValue v && v.TryGetValue<string>(out var text) && Read.Node(text) is null && text is not "null"
        ? text
        : value?.ToJsonString() ?? "null";

    private static JsonNode? Value(string kind, string text) => kind switch
    {
        "number" when long.TryParse(text, out var number) => number,
        "list" => new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => JsonValue.Create(l))]),
        "day" when DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var day) => $"{day:yyyy-MM-dd}T23:59:59.999Z",
        "yes" => true,
        // Not yet JSON: the dry run names the place.
        "json" => Read.Node(text) ?? text,
        _ => text,
    };

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
