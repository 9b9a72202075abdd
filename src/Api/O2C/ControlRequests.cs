using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Controlling;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.O2C;

/// <summary>What an operator asks for.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Type">To what.</param>
/// <param name="Parameters">The event's data, without reason and authorization.</param>
/// <param name="Reason">Why; kept in the event where it has a place for it.</param>
/// <param name="ExpectedVersion">Version of the stream that the operator saw; null for whatever stands.</param>
public sealed record Wish(string Operation, string Type, JsonObject Parameters, string? Reason = null, long? ExpectedVersion = null);

/// <summary>Acts of control from the wish to the entry: looked at through the door of the entity that they concern, drafted, signed by as many people as it takes.</summary>
public sealed class ControlRequests(Genesis genesis, IEventStore store, LedgerHead head, ControlLog log, RequestStore drafts, IC2R representation, IC2P processing, IC2S provisioning,
    TimeProvider clock)
{
    /// <summary>A draft as it would be, with what it would lead to.</summary>
    /// <param name="Request">The draft.</param>
    /// <param name="Answer">For the operator: diff, forecast, checks.</param>
    public sealed record Look(ControlRequest Request, JsonObject Answer);

    /// <summary>Looks at a wish without doing anything: what the ledger rules say, what would differ, what the entity expects.</summary>
    public async Task<(IResult? Refusal, Look? Look)> TryOut(Wish wish, string by, CancellationToken cancellation)
    {
        if (ControlTable.Find(wish.Operation, wish.Type) is not { } act)
        {
            return (Problems.From("operation-unknown", $"Operations are: {string.Join(", ", ControlTable.Acts.Select(a => $"{a.Operation} {a.Type}"))}."), null);
        }
        var data = (JsonObject)wish.Parameters.DeepClone();
        if (act.TakesReason && wish.Reason is { } reason)
        {
            data["reason"] = reason;
        }
        using var document = JsonDocument.Parse(Jcs.Bytes(data));
        var (registry, seq) = await log.Now(cancellation);
        if (ControlTable.StreamOf(act, document.RootElement, registry) is not { } stream || stream.Length > 200)
        {
            return (act.Event == EventTable.KeyRevoked && data["kid"] is not null ? Refusal.Of(RejectionCode.KeyUnknown).ToResult()
                : Problems.From(RejectionCode.DataMalformed, $"The parameters do not say what to {act.Operation}; docs/formats.md section 3 names the members of {act.Event}."), null);
        }
        var version = (await store.StreamVersions([stream], cancellation)).GetValueOrDefault(stream);
        if (wish.ExpectedVersion is { } expected && expected != version)
        {
            return (Problems.From("version-conflict", $"The stream stands at version {version}, not {expected}.", ("version", version)), null);
        }
        var now = LedgerTime.From(clock.GetUtcNow());
        // The rules read all but the signatures; there are none yet.
        data["authorization"] = new JsonObject();
        using var whole = JsonDocument.Parse(Jcs.Bytes(data));
        data.Remove("authorization");
        var after = registry;
        if (Authority.Effect(new(seq + 1, stream, version + 1, act.Event, now, by, Jcs.Bytes(data)), whole.RootElement, genesis.Chain, head.Header.Height, ref after) is { } code)
        {
            return (Refusal.Of(code).ToResult(), null);
        }
        var forecast = await Forecast(new(act, document.RootElement, registry, after), cancellation);
        var request = new ControlRequest(B64.Encode(RandomNumberGenerator.GetBytes(16)), act.Operation, act.Type, act.Event, stream, version, System.Text.Encoding.UTF8.GetString(Jcs.Bytes(data)), wish.Reason,
            B64.Encode(RandomNumberGenerator.GetBytes(16)), now.PlusMs(Authorization.LifeMsMax).ToString(), by);
        var answer = Describe(request, []);
        answer["diff"] = ControlledObjects.Diff(registry, after);
        answer["forecast"] = forecast.Text;
        if (forecast.Detail is { } detail)
        {
            answer["detail"] = detail;
        }
        answer["checks"] = new JsonArray(
            new JsonObject { ["name"] = "rules", ["ok"] = true, ["text"] = "The ledger rules take the event once it is signed." },
            new JsonObject { ["name"] = "version", ["ok"] = true, ["text"] = string.Create(CultureInfo.InvariantCulture, $"The stream {stream} stands at version {version}.") },
            new JsonObject { ["name"] = "forecast", ["ok"] = forecast.Refusal is null, ["text"] = forecast.Text });
        return (forecast.Refusal, new(request, answer));
    }

    /// <summary>Keeps the draft of a wish; whoever signs it last enters it.</summary>
    public async Task<(IResult? Refusal, Look? Look)> Draft(Wish wish, string by, CancellationToken cancellation)
    {
        var (refusal, look) = await TryOut(wish, by, cancellation);
        if (refusal is null)
        {
            await drafts.Add(look!.Request, cancellation);
        }
        return (refusal, look);
    }

    /// <summary>Adds a person's signature; the one that completes it brings the entry.</summary>
    /// <returns>Null when there is no such draft.</returns>
    public Task<IResult?> Sign(string id, JsonElement signature, CancellationToken cancellation) => drafts.Change<IResult>(id, async draft =>
    {
        var request = draft.Request;
        if (draft.Seq is not null)
        {
            return (draft, Problems.From("request-closed", "The act has its signatures and is in the log."));
        }
        var (registry, seq) = await log.Now(cancellation);
        if (LedgerTime.Parse(request.Exp) < head.Header.Time)
        {
            return (draft, Refusal.Of(RejectionCode.AuthorizationExpired).ToResult());
        }
        if (Authorization.SignerOf(signature, request.Subject(genesis.Chain), registry, Role.Operator, seq + 1, head.Header.Time) is not { } key)
        {
            return (draft, Refusal.Of(RejectionCode.AuthorizationSignature).ToResult());
        }
        var signers = Signers(draft.Signatures, registry);
        if (signers.Any(k => k.Owner == key.Owner))
        {
            return (draft, Problems.From("signature-known", "This person has signed already; another one has to."));
        }
        signers.Add(key);
        var signed = draft with { Signatures = [.. draft.Signatures.Select(s => s!.DeepClone()), JsonNode.Parse(signature.GetRawText())] };
        if (signers.Count < Persons(request.Event) || signers.All(k => k.Kind == PersonKeyKind.Browser))
        {
            return (signed, Json.Ok(Describe(request, signed.Signatures)));
        }
        var (refusal, entry) = await Enter(request, signed.Signatures, cancellation);
        if (entry is null)
        {
            return (draft, refusal!);
        }
        signed = signed with { Seq = entry.Entry.Seq };
        return (signed, Json.Status(StatusCodes.Status202Accepted, await View(signed, cancellation)));
    }, cancellation);

    /// <summary>Hands what was signed to the entity that it concerns; what concerns none goes into the log as the rules have it.</summary>
    public Task<(IResult? Refusal, StoredEntry? Entry)> Enter(Control control, CancellationToken cancellation) => ControlTable.Of(control.Type)?.Point switch
    {
        ControlPoint.C2R => representation.Act(control, cancellation),
        ControlPoint.C2P => processing.Act(control, cancellation),
        ControlPoint.C2S => provisioning.Act(control, cancellation),
        _ => log.Enter(control, cancellation),
    };

    /// <summary>A draft and where it stands.</summary>
    public async Task<JsonObject> View(SignedRequest draft, CancellationToken cancellation)
    {
        var json = Describe(draft.Request, draft.Signatures);
        if (draft.Seq is { } seq && await store.ReadAll(seq, 1, cancellation) is [var entry])
        {
            var stands = await log.Describe(entry, cancellation);
            (json["seq"], json["state"]) = (seq, stands["status"]!.DeepClone());
            if (stands["code"] is { } code)
            {
                json["code"] = code.DeepClone();
            }
        }
        else if (LedgerTime.Parse(draft.Request.Exp) < head.Header.Time)
        {
            json["state"] = "expired";
        }
        else if ((await store.StreamVersions([draft.Request.Stream], cancellation)).GetValueOrDefault(draft.Request.Stream) != draft.Request.ExpectedVersion)
        {
            // Another act came first: what these signatures are for can no longer be done.
            json["state"] = "overtaken";
        }
        return json;
    }

    private JsonObject Describe(ControlRequest request, JsonArray signatures) => new()
    {
        ["id"] = request.Id, ["operation"] = request.Operation, ["type"] = request.Type, ["state"] = "waiting", ["point"] = ControlTable.Find(request.Operation, request.Type)!.Point.ToString(),
        ["event"] = request.Event, ["stream"] = request.Stream, ["expectedVersion"] = request.ExpectedVersion, ["data"] = JsonNode.Parse(request.Data), ["reason"] = request.Reason,
        ["nonce"] = request.Nonce, ["exp"] = request.Exp, ["subject"] = request.Subject(genesis.Chain).ToString(), ["persons"] = Persons(request.Event),
        ["signed"] = new JsonArray([.. signatures.Select(s => JsonValue.Create(s!["kid"]!.GetValue<string>()))]), ["draftedBy"] = request.DraftedBy,
    };

    private Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation) => change.Act.Point switch
    {
        ControlPoint.C2R => representation.Forecast(change, cancellation),
        ControlPoint.C2P => processing.Forecast(change, cancellation),
        _ => provisioning.Forecast(change, cancellation),
    };

    private Task<(IResult? Refusal, StoredEntry? Entry)> Enter(ControlRequest request, JsonArray signatures, CancellationToken cancellation)
    {
        var data = (JsonObject)JsonNode.Parse(request.Data)!;
        data["authorization"] = Authorization.Create(request.Nonce, LedgerTime.Parse(request.Exp), signatures.Select(s => (JsonObject)s!.DeepClone()));
        return Enter(Control.From(request.Event, request.Stream, request.ExpectedVersion, Jcs.Bytes(data)), cancellation);
    }

    private static List<KeyRecord> Signers(JsonArray signatures, Registry registry) =>
        [.. signatures.Select(s => registry.Keys.GetValueOrDefault(s!["kid"]!.GetValue<string>())).OfType<KeyRecord>()];

    private int Persons(string type) => genesis.Parameters.Persons.GetValueOrDefault(type, EventTable.PersonsOf(type));
}
