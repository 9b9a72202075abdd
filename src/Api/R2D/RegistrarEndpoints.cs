using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Kernel;
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
            .Takes("application/json", "kind is issue (with fields) or status (with key and change).", "kind", "format", "fields?", "key?", "change?", "reason?", "source?", "expires?", "subject?", "correction?")
            .Gives(StatusCodes.Status200OK, "application/json", "The draft; nothing is kept.", "payload", "disclosures", "nonce", "exp", "subject", "challenge", "kid", "type", "stream", "version", "summary");
        r2d.MapPost("/registrar/records", Issue).Need(Policy.Registrar).WithName("IssueRecord").WithSummary("Have the organisation's vault sign a draft that registrars asserted, and submit it")
            .Takes("application/json", "The draft's payload and disclosures, and the assertion with its nonce and exp.", "payload", "disclosures", "assertion")
            .Gives(StatusCodes.Status202Accepted, "application/json", "Accepted: the receipt, signed by this host.", "id", "seq", "leaf", "status", "receipt", "links")
            .Gives(StatusCodes.Status201Created, ProofBundle.MediaType, "Sealed, as `Prefer: wait` asked: its proof.", "v", "record", "issuer", "entry", "path", "header", "previousResults", "rejected", "commit", "sets", "status?");
        r2d.MapGet("/registrar/waiting", Waiting).Need(Policy.Registrar).WithName("ListWaitingRecords").WithSummary("Drafts of the registrar's organisation that wait for a second registrar, oldest first")
            .Gives(StatusCodes.Status200OK, "application/json", "The drafts, without what they hide.", "total", "items");
        r2d.MapPost("/registrar/waiting", Wait).Need(Policy.Registrar).WithName("KeepRecordWaiting").WithSummary("Keep a draft that the registrar has signed, for a second registrar to sign")
            .Takes("application/json", "The draft's payload and disclosures, and the assertion with one signature.", "payload", "disclosures", "assertion")
            .Gives(StatusCodes.Status201Created, "application/json", "It waits until exp; what it hides is kept encrypted.", "id", "exp", "links");
        r2d.MapGet("/registrar/waiting/{id}", WaitingOne).Need(Policy.Registrar).WithName("GetWaitingRecord").WithSummary("A draft that waits, as it is to be signed")
            .Gives(StatusCodes.Status200OK, "application/json", "The draft; seq where it is in the log, and isStale where the record has changed since.", "id", "by", "since", "seq", "isMine?", "isStale?", "payload?",
                "disclosures?", "nonce?", "exp?", "subject?", "challenge?", "kid?", "type?", "stream?", "version?", "summary?");
        r2d.MapPost("/registrar/waiting/{id}/signatures", Countersign).Need(Policy.Registrar).WithName("SignWaitingRecord").WithSummary("Add the second registrar's signature; the vault signs, and the record is submitted")
            .Takes("application/json", "{kid, jws} of a CLI key, or a passkey's assertion.", "kid", "jws?", "authenticatorData?", "clientDataJSON?", "signature?")
            .Gives(StatusCodes.Status202Accepted, "application/json", "Accepted: the receipt, signed by this host.", "id", "seq", "leaf", "status", "receipt", "links")
            .Gives(StatusCodes.Status201Created, ProofBundle.MediaType, "Sealed, as `Prefer: wait` asked: its proof.", "v", "record", "issuer", "entry", "path", "header", "previousResults", "rejected", "commit", "sets", "status?");
        r2d.MapDelete("/registrar/waiting/{id}", Withdraw).Need(Policy.Registrar).WithName("WithdrawWaitingRecord").WithSummary("Throw away a draft that waits")
            .Produces(StatusCodes.Status204NoContent);
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

    private static async Task<IResult> Waiting(HttpContext http, RegistrarDesk desk, CancellationToken cancellation) => Json.Ok(await desk.Waiting(Caller.Of(http), cancellation));

    private static async Task<IResult> Wait(HttpContext http, RegistrarDesk desk, Denials denials, CancellationToken cancellation)
    {
        var (malformed, json) = await Utf8Body.Object(http.Request, BytesMax, Form, cancellation);
        if (malformed is not null || !TryRead(json, out var payload, out var disclosures, out var assertion))
        {
            return malformed ?? Problems.From("request-malformed", Form);
        }
        var (refusal, draft) = await desk.Wait(payload, disclosures, assertion, Caller.Of(http), cancellation);
        if (refusal is not null)
        {
            return denials.ToResult(refusal);
        }
        var address = $"/r2d/v1/registrar/waiting/{draft!.Id}";
        http.Response.Headers.Location = address;
        return Json.Status(StatusCodes.Status201Created, new JsonObject
        {
            ["id"] = draft.Id, ["exp"] = draft.Exp.ToString(), ["links"] = new JsonObject { ["self"] = address, ["page"] = $"/staff/desk/waiting/{draft.Id}" },
        });
    }

    private static async Task<IResult> WaitingOne(string id, HttpContext http, RegistrarDesk desk, Denials denials, CancellationToken cancellation)
    {
        var (refusal, draft) = await desk.Waiting(id, Caller.Of(http), cancellation);
        // It holds what the record will hide.
        http.Response.Headers.CacheControl = "no-store";
        return refusal is not null ? denials.ToResult(refusal) : Json.Ok(draft!);
    }

    private static async Task Countersign(string id, HttpContext http, RegistrarDesk desk, SubmitEndpoint submissions, Denials denials, CancellationToken cancellation)
    {
        const string Signature = "A signature is {kid, jws}, or a passkey's {kid, authenticatorData, clientDataJSON, signature}.";
        var (malformed, json) = await Utf8Body.Object(http.Request, Limits.RecordBytesMax, Signature, cancellation);
        if (malformed is not null || !json.TryGetProperty("kid", out var kid) || kid.ValueKind != JsonValueKind.String)
        {
            await (malformed ?? Problems.From("request-malformed", Signature)).ExecuteAsync(http);
            return;
        }
        var outcome = await desk.Countersign(id, JsonNode.Parse(json.GetRawText())!, Caller.Of(http), cancellation);
        await (outcome.Entry is { } entry ? submissions.Answer(http, entry) : denials.ToResult(outcome.Refusal!).ExecuteAsync(http));
    }

    private static async Task<IResult> Withdraw(string id, HttpContext http, RegistrarDesk desk, CancellationToken cancellation) =>
        await desk.Withdraw(id, Caller.Of(http), cancellation) is { } refusal ? refusal.ToResult() : Results.NoContent();

    private static bool TryRead(JsonElement json, out JsonObject payload, out IReadOnlyList<string> disclosures, out JsonObject assertion)
    {
        (payload, disclosures, assertion) = ([], [], []);
        if (json.EnumerateObject().Count() != 3 || !json.TryGetProperty("payload", out var said) || said.ValueKind != JsonValueKind.Object || said.TryGetProperty("assertion", out _)
            || !json.TryGetProperty("disclosures", out var hidden) || hidden.ValueKind != JsonValueKind.Array || hidden.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.String || !B64.TryDecode(d.GetString()!, out _))
            || !json.TryGetProperty("assertion", out var asserted) || asserted.ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        (payload, assertion) = ((JsonObject)JsonNode.Parse(said.GetRawText())!, (JsonObject)JsonNode.Parse(asserted.GetRawText())!);
        disclosures = [.. hidden.EnumerateArray().Select(d => d.GetString()!)];
        return true;
    }
}
