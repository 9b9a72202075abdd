using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff;

/// <summary>What a person does with their own account: keys, password, one-time codes, sessions.</summary>
public sealed class AccountDesk(StaffLedger ledger)
{
    /// <summary>Asks for what the browser needs to begin; null where it needs nothing.</summary>
    public async Task<Reply<string>?> Ask(string what) => what switch
    {
        "passkey" => await ledger.Send<string>(HttpMethod.Post, "/identity/v1/passkeys/options", new JsonObject(), null, null),
        "browser" => await ledger.Send<string>(HttpMethod.Post, "/identity/v1/keys/challenge", new JsonObject(), null, null),
        _ => null,
    };

    /// <summary>Has a new secret of one-time codes made. It counts once a code of it was shown; until then the one before does.</summary>
    public Task<Reply<string>> NewCodes() => ledger.Send<string>(HttpMethod.Post, "/identity/v1/totp", new JsonObject(), null, null);

    /// <summary>Does what the form asks for.</summary>
    public Task<Reply<JsonElement>> Do(IFormCollection form) => What(form) switch
    {
        "session" => ledger.Send<JsonElement>(HttpMethod.Delete, $"/identity/v1/sessions/{Uri.EscapeDataString(form["end"].ToString())}", null, null, null),
        "password" => ledger.Post("/identity/v1/password", new JsonObject { ["password"] = form["password"].ToString(), ["current"] = form["current"].ToString() is { Length: > 0 } old ? old : null }),
        "codes" => ledger.Post("/identity/v1/totp/confirmation", new JsonObject { ["code"] = form["code"].ToString() }),
        _ when form["do"] == "passkey" => Send("/identity/v1/passkeys", form["credential"], c => new() { ["credential"] = c }),
        _ => Send("/identity/v1/keys", form["key"], k => (JsonObject)k),
    };

    /// <summary>What a form is about, in a word.</summary>
    public static string What(IFormCollection form) => form.ContainsKey("end") ? "session" : form["do"].ToString() is "passkey" or "browser" ? "key" : form["do"].ToString();

    /// <summary>The secret of one-time codes, as text and for a camera.</summary>
    public static (string Secret, string Uri) Secret(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return (json.RootElement.Text("secret")!, json.RootElement.Text("uri")!);
    }

    private Task<Reply<JsonElement>> Send(string path, string? made, Func<JsonNode, JsonObject> body)
    {
        JsonNode? json = null;
        try
        {
            json = JsonNode.Parse(made ?? "");
        }
        catch (JsonException)
        {
            // A form that no script filled in.
        }
        return json is JsonObject
            ? ledger.Post(path, body(json))
            : Task.FromResult(new Reply<JsonElement> { Status = HttpStatusCode.BadRequest, Problem = new("request-malformed", "The browser made no key; this needs JavaScript.") });
    }
}
