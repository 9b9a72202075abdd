using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Monitoring;

namespace EventLedger.Web.Staff.Watch;

/// <summary>An act of supervision, complete but for the signature: what is shown, what is signed and what is sent are this one thing.</summary>
/// <param name="Form">Which act.</param>
/// <param name="Chain">Chain id.</param>
/// <param name="Data">The event's data.</param>
/// <param name="Version">Version of the stream that the person saw.</param>
/// <param name="Nonce">16 random bytes in base64url; the act's idempotency key, too.</param>
/// <param name="Exp">Until when it may be signed.</param>
public sealed record SupervisionAct(SuperviseForm Form, string Chain, JsonObject Data, long Version, string Nonce, LedgerTime Exp)
{
    private static readonly Digest Nothing = Digest.Of("");

    /// <summary>What it is about.</summary>
    public string Id => Data["id"]?.ToString() ?? "";

    /// <summary>The stream that it goes to.</summary>
    public string Stream => EventTable.StreamOf(Form.Type, Id);

    /// <summary>What is signed.</summary>
    public Digest Subject => Authorization.Subject(Chain, Stream, Form.Type, Data, Version, Nonce, Exp);

    /// <summary>What has to be sent back with the signature.</summary>
    public IReadOnlyDictionary<string, string> Kept => new Dictionary<string, string> { ["version"] = $"{Version}", ["nonce"] = Nonce, ["exp"] = Exp.ToString(), ["digest"] = Data["digest"]?.ToString() ?? "" };

    /// <summary>The command as the API takes it.</summary>
    public JsonObject Body(JsonNode? signature)
    {
        var whole = (JsonObject)Data.DeepClone();
        whole["authorization"] = new JsonObject { ["nonce"] = Nonce, ["exp"] = Exp.ToString(), ["signatures"] = new JsonArray(signature) };
        return new() { ["type"] = Form.Type, ["stream"] = Stream, ["expectedVersion"] = Version, ["data"] = whole };
    }

    /// <summary>Reads what an act needs to know, and looks whether it could be done.</summary>
    public static async Task<(SupervisionAct? Act, Reply<JsonElement>? Problem)> Look(SuperviseForm form, IReadOnlyDictionary<string, string> answers, StaffLedger ledger,
        string chain, LedgerTime now)
    {
        var id = answers.GetValueOrDefault("id", "").Trim();
        string? digest = null;
        if (form.Type is EventTable.ReportSealed or EventTable.AuditClosed)
        {
            var read = await ledger.Get<JsonObject>($"/v2m/v1/audits/{Uri.EscapeDataString(id)}/report");
            if (read.Problem is { } unready && form.Type == EventTable.ReportSealed)
            {
                return (null, Refused(unready.Code, unready.Detail));
            }
            // What is signed is what was read here, not what the ledger says that it is.
            digest = (read.Value?["report"] is JsonObject report ? AuditReport.DigestOf(report) : Nothing).ToString();
        }
        var stands = await ledger.Get($"/v2m/v1/streams/{Uri.EscapeDataString(EventTable.StreamOf(form.Type, id))}");
        if (stands.Problem is not null)
        {
            return (null, stands);
        }
        var act = new SupervisionAct(form, chain, form.Data(answers, digest), stands.Value.Number("version") ?? 0, B64.Encode(RandomNumberGenerator.GetBytes(16)), now.PlusMs(Authorization.LifeMsMax / 24));
        return act.Objection(now) is { } objection ? (null, objection) : (act, null);
    }

    /// <summary>The same act when its signature comes back; null when something was left out.</summary>
    public static SupervisionAct? Again(SuperviseForm form, IReadOnlyDictionary<string, string> answers, string chain) =>
        long.TryParse(answers.GetValueOrDefault("version"), out var version) && LedgerTime.TryParse(answers.GetValueOrDefault("exp"), out var exp)
            && answers.GetValueOrDefault("nonce") is { Length: > 0 } nonce
            ? new(form, chain, form.Data(answers, answers.GetValueOrDefault("digest")), version, nonce, exp)
            : null;

    /// <summary>A signature as the browser made it; null when it is none.</summary>
    public static JsonNode? Signature(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // The script sends JSON or nothing.
            return null;
        }
    }

    // What validators would reject is said before anybody signs.
    private Reply<JsonElement>? Objection(LedgerTime now)
    {
        using var data = JsonDocument.Parse(Body(null)["data"]!.ToJsonString());
        var isNew = Form.Type is EventTable.FindingOpened or EventTable.AuditOrdered;
        var isAbout = Form.Type is EventTable.FindingNoted or EventTable.FindingClosed or EventTable.AuditClosed or EventTable.AlertRuleRemoved;
        return SupervisionEvents.Problem(new(1, Stream, Version + 1, Form.Type, now, "me", Jcs.Bytes(data.RootElement)), data.RootElement) is { } code
            ? Refused(code, "Look at the answers once more: a name has lower-case letters, digits and hyphens, and a range ends after it begins.")
            : isNew && Version > 0 ? Refused("supervision-exists", $"“{Id}” is taken; choose another name.")
            : isAbout && Version == 0 ? Refused("supervision-unknown", $"There is nothing called “{Id}”.")
            : null;
    }

    private static Reply<JsonElement> Refused(string code, string detail) =>
        new() { Status = (System.Net.HttpStatusCode)ProblemCatalog.Of(code).Status, Problem = new Problem(code, detail) };
}
