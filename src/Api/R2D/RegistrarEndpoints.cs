using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>R2D <c>/r2d/v1/registrar</c>: staff of an agency issue records and change their status; the agency's vault signs after their assertion.</summary>
public static class RegistrarEndpoints
{
    private const string Form = "What was drafted is handed in as {payload{}, disclosures[], assertion{nonce, exp, signatures[]}}.";

    // A draft with disclosures and two passkeys' assertions, in JSON: twice a record's own size is ample.
    private const int BytesMax = 2 * Limits.RecordBytesMax;

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder r2d)
    {
        r2d.MapGet("/registrar/sources", Sources).Need(Policy.Registrar).WithName("ListRegistrarSources").WithSummary("The sources and formats for which the registrar may issue")
            .Gives(StatusCodes.Status200OK, "application/json", "The registrar's organisation and its sources; kid is null where the vault holds no key.", "organisation", "name", "sources");
        r2d.MapPost("/registrar/drafts", Draft).Need(Policy.Registrar).WithName("DraftRecord").WithSummary("Draft a record or a change of status: what would be signed, and the hash to assert it by")
            .Takes("application/json", "kind is issue (with fields) or status (with key and change).", "kind", "format", "fields?", "key?", "change?", "reason?", "source?", "expires?", "subject?")
            .Gives(StatusCodes.Status200OK, "application/json", "The draft; nothing is kept.", "payload", "disclosures", "nonce", "exp", "subject", "challenge", "kid", "type", "stream", "version", "summary");
        r2d.MapPost("/registrar/records", Issue).Need(Policy.Registrar).WithName("IssueRecord").WithSummary("Have the organisation's vault sign a draft that registrars asserted, and submit it")
            .Takes("application/json", "The draft's payload and disclosures, and the assertion with its nonce and exp.", "payload", "disclosures", "assertion")
            .Gives(StatusCodes.Status202Accepted, "application/json", "Accepted: the receipt, signed by this host.", "id", "seq", "leaf", "status", "receipt", "links")
            .Gives(StatusCodes.Status201Created, ProofBundle.MediaType, "Sealed, as `Prefer: wait` asked: its proof.", "v", "record", "issuer", "entry", "path", "header", "previousResults", "rejected", "commit", "sets", "status?");
    }

    private static IResult Sources(Caller caller, RegistrarDesk desk) => Json.Ok(desk.Sources(caller));

    private static async Task<IResult> Draft(HttpContext http, RegistrarDesk desk, Denials denials, CancellationToken cancellation)
    {
        var (malformed, json) = await Utf8Body.Object(http.Request, BytesMax, RegistrarWish.Form, cancellation);
        if (malformed is not null || !RegistrarWish.TryRead(json, out var wish))
        {
            return malformed ?? Problems.From("request-malformed", RegistrarWish.Form);
        }
        var (refusal, draft) = await desk.Draft(wish, Caller.Of(http), $"{http.Request.Scheme}://{http.Request.Host}", cancellation);
        // It holds what the record will hide.
        http.Response.Headers.CacheControl = "no-store";
        return refusal is not null ? denials.ToResult(refusal) : Json.Ok(draft!);
    }

    private static async Task Issue(HttpContext http, RegistrarDesk desk, SubmitEndpoint submissions, Denials denials, CancellationToken cancellation)
    {
        var (malformed, json) = await Utf8Body.Object(http.Request, BytesMax, Form, cancellation);
        if (malformed is not null || !TryRead(json, out var payload, out var disclosures, out var assertion))
        {
            await (malformed ?? Problems.From("request-malformed", Form)).ExecuteAsync(http);
            return;
        }
        var outcome = await desk.Issue(payload, disclosures, assertion, Caller.Of(http), cancellation);
        await (outcome.Entry is { } entry ? submissions.Answer(http, entry) : denials.ToResult(outcome.Refusal!).ExecuteAsync(http));
    }

    private static bool TryRead(JsonElement json, out JsonObject payload, out IReadOnlyList<string> disclosures, out JsonObject assertion)
    {
        (payload, disclosures, assertion) = ([], [], []);
        if (json.EnumerateObject().Count() != 3 || !json.TryGetProperty("payload", out var said) || said.ValueKind != JsonValueKind.Object || said.TryGetProperty("assertion", out _)
            || !json.TryGetProperty("disclosures", out var hidden) || hidden.ValueKind != JsonValueKind.Array || hidden.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.String)
            || !json.TryGetProperty("assertion", out var asserted) || asserted.ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        (payload, assertion) = ((JsonObject)JsonNode.Parse(said.GetRawText())!, (JsonObject)JsonNode.Parse(asserted.GetRawText())!);
        disclosures = [.. hidden.EnumerateArray().Select(d => d.GetString()!)];
        return true;
    }
}
