using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.EventStore;

namespace EventLedger.Api.R2D;

/// <summary><c>/r2d/v1/formats</c>: what records may look like.</summary>
public static class FormatEndpoints
{
    /// <summary><c>GET</c>: every format version.</summary>
    public static IResult List(HostState state) => Json.Ok(new JsonObject
    {
        ["formats"] = new JsonArray([.. state.Registry.Formats.Values.OrderBy(f => f.Format.Vct, StringComparer.Ordinal).Select(f => new JsonObject
        {
            ["id"] = f.Format.Id, ["version"] = f.Format.Version, ["vct"] = f.Format.Vct, ["retired"] = f.Retired,
        })]),
    });

    /// <summary><c>GET /{id}/{version}</c>: the definition as it was registered, and the stream's version.</summary>
    public static async Task<IResult> Get(string id, long version, HostState state, IEventStore store, CancellationToken cancellation)
    {
        if (!state.Registry.Formats.TryGetValue($"urn:eventledger:{id}:{version}", out var known))
        {
            return Problems.From("not-found", "There is no such format version.");
        }
        var entries = await store.ReadStream(EventTable.FormatStream(id), 1, cancellation);
        foreach (var entry in entries.Reverse().Where(e => e.Entry.Type == EventTable.FormatRegistered))
        {
            using var data = JsonDocument.Parse(entry.Entry.Data);
            if (data.RootElement.TryGetProperty("format", out var format) && format.TryGetProperty("version", out var v) && v.GetRawText() == version.ToString(
                System.Globalization.CultureInfo.InvariantCulture))
            {
                return Json.Ok(new JsonObject
                {
                    ["vct"] = known.Format.Vct,
                    ["retired"] = known.Retired,
                    ["seq"] = entry.Entry.Seq,
                    ["streamVersion"] = entries[^1].Entry.Version,
                    ["format"] = JsonNode.Parse(format.GetRawText()),
                });
            }
        }
        return Problems.From("not-found", "There is no such format version.");
    }

    /// <summary><c>GET /{id}/compatibility?from=&amp;to=</c>: what a record of one version would meet in the other.</summary>
    public static async Task<IResult> Compare(string id, long from, long to, HostState state, IEventStore store, CancellationToken cancellation)
    {
        if (await Definition(id, from, state, store, cancellation) is not { } old || await Definition(id, to, state, store, cancellation) is not { } next)
        {
            return Problems.From("not-found", "There is no such format version.");
        }
        var upcast = state.Registry.Formats[$"urn:eventledger:{id}:{to}"].Format.Upcast is { } change && change.From == from ? change : null;
        var findings = FormatComparison.Compare(old, next, upcast);
        return Json.Ok(new JsonObject
        {
            ["from"] = from, ["to"] = to, ["compatible"] = findings.Count == 0, ["upcast"] = upcast is not null,
            ["findings"] = new JsonArray([.. findings.Select(f => new JsonObject { ["field"] = f.Field, ["code"] = f.Code, ["text"] = f.Text })]),
        });
    }

    private static async Task<JsonElement?> Definition(string id, long version, HostState state, IEventStore store, CancellationToken cancellation)
    {
        if (!state.Registry.Formats.ContainsKey($"urn:eventledger:{id}:{version}"))
        {
            return null;
        }
        foreach (var entry in (await store.ReadStream(EventTable.FormatStream(id), 1, cancellation)).Reverse().Where(e => e.Entry.Type == EventTable.FormatRegistered))
        {
            var format = JsonDocument.Parse(entry.Entry.Data).RootElement.GetProperty("format");
            if (format.TryGetProperty("version", out var v) && v.TryGetInt64(out var number) && number == version)
            {
                return format;
            }
        }
        return null;
    }
}
