using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.O2C;

/// <summary>O2C <c>/o2c/v1/requests</c>: operation, type and parameters in; diff and forecast out; signatures one by one. Source: ITU-T Y.4561 (08/2020) 8.8.</summary>
public static class RequestEndpoints
{
    private const string Form = "A request is {operation, type, parameters{}, reason?, expectedVersion?}.";

    private static readonly string[] Draft = ["id", "operation", "type", "state", "point", "event", "stream", "expectedVersion", "data", "reason", "nonce", "exp", "subject", "persons", "signed",
        "draftedBy", "diff?", "forecast?", "detail?", "checks?", "dryRun?", "seq?", "code?"];

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder o2c)
    {
        o2c.MapPost("/requests", Post).Need(Policy.Operator).WithName("DraftRequest").WithSummary("Draft an act of control; with ?dryRun=true only look what it would do")
            .Takes("application/json", "What is to be done.", "operation", "type", "parameters", "reason?", "expectedVersion?")
            .Gives(StatusCodes.Status200OK, "application/json", "What it would do; nothing is kept.", Draft)
            .Gives(StatusCodes.Status201Created, "application/json", "The draft, to be signed.", Draft);
        o2c.MapGet("/requests", List).Need(Policy.Staff).WithName("ListRequests").WithSummary("Drafts, newest first, and where each stands; Accept: text/csv gives them as a file")
            .Gives(StatusCodes.Status200OK, "application/json", "The drafts.", "requests");
        o2c.MapGet("/requests/{id}", Get).WithName("GetRequest").WithSummary("A draft and where it stands")
            .Gives(StatusCodes.Status200OK, "application/json", "The draft.", Draft);
        o2c.MapPost("/requests/{id}/signatures", Sign).Need(Policy.Signed).WithName("SignRequest").WithSummary("Add a person's signature to a draft; the last one brings it into force")
            .Takes("application/json", "{kid, jws} of a CLI key, or a passkey's assertion.", "kid", "jws?", "authenticatorData?", "clientDataJSON?", "signature?")
            .Gives(StatusCodes.Status200OK, "application/json", "The draft waits for another person.", Draft)
            .Gives(StatusCodes.Status202Accepted, "application/json", "The act is in the log and in force here.", Draft);
        o2c.MapDelete("/requests/{id}", Withdraw).Need(Policy.Operator).WithName("WithdrawRequest").WithSummary("Forget a draft that is not in the log")
            .Produces(StatusCodes.Status204NoContent);
        o2c.MapGet("/requests/{id}/acks", Acks).WithName("ListAcks").WithSummary("How many validators have reached the height from which an act holds")
            .Gives(StatusCodes.Status200OK, "application/json", "The validators.", "effectiveHeight", "acknowledged", "of", "validators");
    }

    /// <summary>Reads a wish; false when a member is missing, unknown or of the wrong kind.</summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out Wish? wish)
    {
        wish = null;
        string[] known = ["operation", "type", "parameters", "reason", "expectedVersion"];
        if (json.ValueKind != JsonValueKind.Object || json.EnumerateObject().Any(m => !known.Contains(m.Name)) || Text(json, "operation") is not { } operation
            || Text(json, "type") is not { } type || !json.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        long? expected = null;
        if (json.TryGetProperty("expectedVersion", out var version) && version.ValueKind != JsonValueKind.Null)
        {
            if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt64(out var number) || number < 0)
            {
                return false;
            }
            expected = number;
        }
        wish = new(operation, type, (JsonObject)JsonNode.Parse(parameters.GetRawText())!, Text(json, "reason"), expected);
        return true;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static async Task<IResult> Post(HttpContext http, bool? dryRun, ControlRequests requests, CancellationToken cancellation)
    {
        var (malformed, json) = await Utf8Body.Object(http.Request, Limits.RecordBytesMax, Form, cancellation);
        if (malformed is not null || !TryRead(json, out var wish))
        {
            return malformed ?? Problems.From("request-malformed", Form);
        }
        var by = Caller.Of(http).Id;
        if (dryRun == true)
        {
            var (no, look) = await requests.TryOut(wish, by, cancellation);
            if (no is not null)
            {
                return no;
            }
            look!.Answer["dryRun"] = true;
            look.Answer.Remove("id");
            return Json.Ok(look.Answer);
        }
        var (refusal, drafted) = await requests.Draft(wish, by, cancellation);
        if (refusal is not null)
        {
            return refusal;
        }
        http.Response.Headers.Location = $"/o2c/v1/requests/{drafted!.Request.Id}";
        return Json.Status(StatusCodes.Status201Created, drafted.Answer);
    }

    private static async Task<IResult> List(HttpRequest request, RequestStore drafts, ControlRequests requests, CancellationToken cancellation)
    {
        var list = new JsonArray();
        foreach (var draft in await drafts.List(cancellation))
        {
            list.Add(await requests.View(draft, cancellation));
        }
        return Csv.IsWanted(request) ? Csv.File(request.HttpContext, list.Select(d => d!.AsObject()), "acts") : Json.Ok(new JsonObject { ["requests"] = list });
    }

    private static async Task<IResult> Get(string id, RequestStore drafts, ControlRequests requests, CancellationToken cancellation) =>
        await drafts.Find(id, cancellation) is { } draft ? Json.Ok(await requests.View(draft, cancellation)) : Unknown();

    private static async Task<IResult> Sign(string id, HttpRequest request, ControlRequests requests, CancellationToken cancellation)
    {
        var (malformed, json) = await Utf8Body.Object(request, Limits.RecordBytesMax, "A signature is {kid, jws}, or a passkey's {kid, authenticatorData, clientDataJSON, signature}.", cancellation);
        return malformed ?? await requests.Sign(id, json, cancellation) ?? Unknown();
    }

    private static async Task<IResult> Withdraw(string id, RequestStore drafts, CancellationToken cancellation) =>
        await drafts.Remove(id, cancellation) ? Results.NoContent() : Unknown();

    private static async Task<IResult> Acks(string id, RequestStore drafts, EventStore.IEventStore store, LedgerHead head, IC2P processing, CancellationToken cancellation)
    {
        if (await drafts.Find(id, cancellation) is not { } draft)
        {
            return Unknown();
        }
        if (draft.Seq is not { } seq || !head.IsSealed(seq) || await store.BlockOf(seq, cancellation) is not { } block)
        {
            return Problems.From("record-not-sealed", "The act is not sealed yet, so no height is known from which it holds.");
        }
        using var data = JsonDocument.Parse(draft.Request.Data);
        // What the act says itself, else a set two blocks later, else the block that seals it.
        var effective = data.RootElement.TryGetProperty("effectiveHeight", out var named) ? named.GetInt64()
            : draft.Request.Event == EventTable.ValidatorSetChanged ? block.Height + 2 : block.Height;
        var health = await processing.Validators(cancellation);
        var list = new JsonArray([.. health.Select(v => new JsonObject
        {
            ["name"] = v.Name, ["height"] = v.Answers ? v.Height : null, ["acknowledged"] = v.Answers && v.Height + 1 >= effective,
        })]);
        return Json.Ok(new JsonObject
        {
            ["effectiveHeight"] = effective, ["acknowledged"] = list.Count(v => v!["acknowledged"]!.GetValue<bool>()), ["of"] = list.Count, ["validators"] = list,
        });
    }

    private static IResult Unknown() => Problems.From("not-found", "There is no such request.");
}
