using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.R2D;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.O2C;

/// <summary>O2C <c>/o2c/v1/controls</c>: what operators signed. Source: ITU-T Y.4561 (08/2020) 7.4.</summary>
public static class ControlEndpoints
{
    private const int PageMax = 200;

    /// <summary>Maps the group.</summary>
    public static void MapO2C(this IEndpointRouteBuilder routes)
    {
        var o2c = routes.MapGroup("/o2c/v1").WithTags("O2C").Need(Policy.Public);
        o2c.MapPost("/controls", Post).Need(Policy.Signed).WithName("PostControl").WithSummary("Hand in an event of authority with the signatures under it");
        o2c.MapGet("/controls", List).WithName("ListControls").WithSummary("Events of authority, newest first");
        o2c.MapGet("/controls/{seq:long}", Get).WithName("GetControl").WithSummary("One event of authority and where it stands");
        ValidatorEndpoints.Map(o2c);
        o2c.MapGet("/streams/{stream}", Version).WithName("GetStreamVersion").WithSummary("The version that the signers of the next event name");
    }

    private static async Task<IResult> Version(string stream, IEventStore store, CancellationToken cancellation) => Json.Ok(new JsonObject
    {
        ["stream"] = stream, ["version"] = (await store.StreamVersions([stream], cancellation)).GetValueOrDefault(stream),
    });

    // Body: {type, stream, expectedVersion, data}; data holds the authorization.
    private static async Task<IResult> Post(HttpRequest request, [FromServices] Genesis genesis, IEventStore store, HostState state, LedgerHead head, LedgerOptions options,
        SetForecaster forecaster, TimeProvider clock, CancellationToken cancellation)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            return Problems.From("media-type", "Send the control as application/json.");
        }
        if (await SubmitEndpoint.ReadText(request, Limits.RecordBytesMax, cancellation) is not { } text)
        {
            return Problems.From("body-too-large", $"A control has at most {Limits.RecordBytesMax} bytes.");
        }
        if (!Control.TryParse(text, out var control))
        {
            return Problems.From("request-malformed", "A control is {type, stream, expectedVersion, data}.");
        }
        if (!EventTable.Types.TryGetValue(control.Type, out var proof))
        {
            return Refusal.Of(RejectionCode.TypeUnknown).ToResult();
        }
        if (proof != Proof.Authorization)
        {
            return Refusal.Of("host-forbidden").ToResult();
        }
        // What was appended a moment ago counts: two controls may follow one another quickly.
        await state.FoldTo((await store.Head(cancellation)).Seq, cancellation);
        var (registry, seq) = state.Now;
        var entry = new Entry(seq + 1, control.Stream, control.ExpectedVersion + 1, control.Type, LedgerTime.From(clock.GetUtcNow()), control.Actor(registry), control.Bytes);
        if (entry.ToBytes().Length > Entry.SizeBytesMax)
        {
            return Problems.From("entry-too-large", $"An entry has at most {Entry.SizeBytesMax} bytes.");
        }
        if (Authority.Judge(entry, control.Data, genesis, head.Header, ref registry) is { } code)
        {
            return Refusal.Of(code).ToResult();
        }
        if (control.Type == EventTable.ValidatorSetChanged && (await forecaster.Look(control.Data.GetProperty("members"), cancellation)).Refusal is { } refusal)
        {
            return refusal;
        }
        switch (await store.Append(new(control.Stream, control.ExpectedVersion, new(control.Type, entry.Actor, control.Bytes)), cancellation))
        {
            case AppendResult.Appended done:
                await state.FoldTo(done.LastSeq, cancellation);
                if (Preference.Wait(request, options.WaitMax) is { } wait)
                {
                    await head.WaitSealed(done.LastSeq, wait, cancellation);
                }
                return Json.Status(StatusCodes.Status202Accepted, await Describe(done.Entries[0], store, head, cancellation));
            case AppendResult.VersionConflict conflict:
                return Problems.From("version-conflict", $"The stream stands at version {conflict.Actual}, not {control.ExpectedVersion}.", ("version", conflict.Actual));
            case AppendResult.ReadOnly closed:
                return Problems.From("read-only", closed.Reason);
            default:
                return Problems.From("busy", "Nothing was written.");
        }
    }

    private static async Task<IResult> List(HostState state, long? before, int? limit, IEventStore store, LedgerHead head, CancellationToken cancellation)
    {
        var controls = new JsonArray();
        foreach (var seq in state.Controls.Where(s => s < (before ?? long.MaxValue)).OrderDescending().Take(Math.Clamp(limit ?? 50, 1, PageMax)))
        {
            if (await store.ReadAll(seq, 1, cancellation) is [var entry])
            {
                controls.Add(await Describe(entry, store, head, cancellation));
            }
        }
        return Json.Ok(new JsonObject { ["controls"] = controls });
    }

    private static async Task<IResult> Get(long seq, IEventStore store, LedgerHead head, CancellationToken cancellation) =>
        seq > 0 && await store.ReadAll(seq, 1, cancellation) is [var entry] && EventTable.Types.GetValueOrDefault(entry.Entry.Type) == Proof.Authorization
            ? Json.Ok(await Describe(entry, store, head, cancellation))
            : Problems.From("seq-unknown", $"Entry {seq} is not an event of authority.");

    private static async Task<JsonObject> Describe(StoredEntry entry, IEventStore store, LedgerHead head, CancellationToken cancellation)
    {
        var e = entry.Entry;
        var json = new JsonObject
        {
            ["seq"] = e.Seq,
            ["type"] = e.Type,
            ["stream"] = e.Stream,
            ["version"] = e.Version,
            ["time"] = e.Time.ToString(),
            ["actor"] = e.Actor,
            ["leaf"] = entry.Leaf.ToString(),
            ["status"] = "accepted",
            ["data"] = JsonNode.Parse(e.Data.Span),
        };
        if (head.IsSealed(e.Seq))
        {
            var rejected = await store.Rejections(e.Seq, e.Seq, cancellation);
            json["status"] = rejected.Count == 0 ? "sealed" : "rejected";
            json["code"] = rejected.Count == 0 ? null : rejected[0].Code;
        }
        return json;
    }

    private sealed record Control(string Type, string Stream, long ExpectedVersion, JsonElement Data, byte[] Bytes)
    {
        public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Control? control)
        {
            control = null;
            if (Jcs.TryParse(System.Text.Encoding.UTF8.GetBytes(text)) is not { RootElement: { ValueKind: JsonValueKind.Object } json }
                || json.EnumerateObject().Count() != 4
                || !json.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
                || !json.TryGetProperty("stream", out var stream) || stream.ValueKind != JsonValueKind.String || stream.GetString() is not { Length: > 0 and <= 200 } name
                || !json.TryGetProperty("expectedVersion", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt64(out var expected)
                || expected is < 0 or > int.MaxValue || !json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
            {
                return false;
            }
            var bytes = Jcs.Bytes(data);
            control = new(type.GetString()!, name, expected, JsonDocument.Parse(bytes).RootElement, bytes);
            return true;
        }

        /// <summary>Who signed first, by pseudonym; validators do not read it.</summary>
        public string Actor(Registry registry) =>
            Data.TryGetProperty("authorization", out var a) && a.ValueKind == JsonValueKind.Object && a.TryGetProperty("signatures", out var s)
            && s.ValueKind == JsonValueKind.Array && s.GetArrayLength() > 0 && s[0].ValueKind == JsonValueKind.Object && s[0].TryGetProperty("kid", out var kid)
            && kid.ValueKind == JsonValueKind.String && registry.Keys.TryGetValue(kid.GetString()!, out var key)
                ? key.Owner
                : "unknown";
    }
}
