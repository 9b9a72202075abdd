using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.R2D;

/// <summary><c>/r2d/v1/sources</c>: a source asks to be registered, or for one more key, and sees where its request stands.</summary>
public static class SourceEndpoints
{
    private const int RequestBytesMax = 8192, PendingMax = 32;

    /// <summary><c>POST</c>: takes a request JWT in. 202 with the id of the source.</summary>
    public static async Task<IResult> Ask(HttpRequest request, [FromServices] Genesis genesis, IEventStore store, HostState state, TimeProvider clock, CancellationToken cancellation)
    {
        if (request.ContentType?.StartsWith("application/jwt", StringComparison.OrdinalIgnoreCase) != true)
        {
            return Problems.From("media-type", "Send the request as application/jwt.");
        }
        if (await AsciiBody.Read(request, RequestBytesMax, cancellation) is not { } jwt)
        {
            return Problems.From("body-too-large", $"A request has at most {RequestBytesMax} bytes.");
        }
        if (!SourceRequest.TryParse(jwt, out var asked, out var problem))
        {
            return Problems.From("request-malformed", problem);
        }
        if (asked.Problem(genesis.Chain, LedgerTime.From(clock.GetUtcNow())) is { } code)
        {
            return Refusal.Of(code).ToResult();
        }
        if (state.Registry.Keys.ContainsKey(asked.Key.Kid))
        {
            return Refusal.Of(RejectionCode.KeyKnown).ToResult();
        }
        var stream = EventTable.SourceStream(asked.Iss);
        while (true)
        {
            var entries = await store.ReadStream(stream, 1, cancellation);
            var pending = entries.Where(e => e.Entry.Type == EventTable.SourceRequested).ToList();
            if (pending.Find(e => RequestOf(e.Entry) == jwt) is { } before)
            {
                return Accepted(before);
            }
            var today = LedgerTime.From(clock.GetUtcNow()).PlusMs(-Authorization.LifeMsMax);
            if (pending.Count(e => e.Entry.Time > today) >= PendingMax)
            {
                return Problems.From("busy", $"This source has asked {PendingMax} times today; try again tomorrow.");
            }
            var data = Jcs.Bytes(new JsonObject { ["request"] = jwt });
            switch (await store.Append(new(stream, entries.Count, new(EventTable.SourceRequested, asked.Iss, data)), cancellation))
            {
                case AppendResult.Appended done:
                    return Accepted(done.Entries[0]);
                case AppendResult.ReadOnly closed:
                    return Problems.From("read-only", closed.Reason);
            }
        }
    }

    /// <summary><c>GET /{id}</c>: state, keys, the requests, and the stream's version that an approval must name.</summary>
    public static async Task<IResult> Get(string id, IEventStore store, HostState state, CancellationToken cancellation)
    {
        var entries = Digest.TryParse(id, out _) ? await store.ReadStream($"source-{id}", 1, cancellation) : [];
        var requests = entries.Where(e => e.Entry.Type == EventTable.SourceRequested)
            .Select(e => (e.Entry.Seq, Jwt: RequestOf(e.Entry))).Where(r => r.Jwt is not null).ToList();
        SourceRequest? first = null;
        if (requests.Count == 0 || !SourceRequest.TryParse(requests[0].Jwt!, out first, out _))
        {
            return Problems.From("not-found", "There is no source with this id.");
        }
        var registry = state.Registry;
        var known = registry.Sources.GetValueOrDefault(first.Iss);
        return Json.Ok(new JsonObject
        {
            ["id"] = id,
            ["iss"] = first.Iss,
            ["name"] = known?.Name ?? first.Name,
            ["state"] = known is null ? "requested" : known.State.ToString().ToLowerInvariant(),
            ["profile"] = known?.Profile?.ToJson(),
            ["organisation"] = known?.Profile?.Organisation is { } whose && registry.Organisations.TryGetValue(whose, out var organisation) ? organisation.Name : null,
            ["stream"] = $"source-{id}",
            ["version"] = entries[^1].Entry.Version,
            ["keys"] = new JsonArray([.. registry.Keys.Values.Where(k => k.Owner == first.Iss).OrderBy(k => k.FromSeq).Select(k => new JsonObject
            {
                ["kid"] = k.Jwk.Kid, ["purpose"] = k.Purpose, ["jwk"] = k.Jwk.ToJson(), ["fromSeq"] = k.FromSeq,
                ["untilSeq"] = k.UntilSeq == long.MaxValue ? null : k.UntilSeq, ["notAfter"] = k.NotAfter?.ToString(),
            })]),
            ["requests"] = new JsonArray([.. requests.Select(r => ToJson(r.Seq, r.Jwt!, registry))]),
        });
    }

    /// <summary><c>GET</c>: every registered source.</summary>
    public static IResult List(HostState state) => Json.Ok(new JsonObject
    {
        ["sources"] = new JsonArray([.. state.Registry.Sources.Values.OrderBy(s => s.Iss, StringComparer.Ordinal).Select(s => new JsonObject
        {
            ["id"] = Digest.Of(s.Iss).ToString(), ["iss"] = s.Iss, ["name"] = s.Name, ["state"] = s.State.ToString().ToLowerInvariant(),
        })]),
    });

    private static JsonObject ToJson(long seq, string jwt, Registry registry) => new()
    {
        ["seq"] = seq,
        ["request"] = jwt,
        ["pending"] = SourceRequest.TryParse(jwt, out var asked, out _) && !registry.Keys.ContainsKey(asked.Key.Kid),
    };

    private static string? RequestOf(Entry entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        return data.RootElement.TryGetProperty("request", out var jwt) ? jwt.GetString() : null;
    }

    private static Created Accepted(StoredEntry entry)
    {
        var id = entry.Entry.Stream["source-".Length..];
        return new Created($"/r2d/v1/sources/{id}", new JsonObject
        {
            ["id"] = id,
            ["seq"] = entry.Entry.Seq,
            ["version"] = entry.Entry.Version,
            ["status"] = "requested",
            ["next"] = "An operator signs source_approved (for a further key: key_added) with this request and posts it to /o2c/v1/controls.",
        });
    }

    private sealed class Created(string address, JsonObject body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.Location = address;
            return Json.Status(StatusCodes.Status202Accepted, body).ExecuteAsync(httpContext);
        }
    }
}
