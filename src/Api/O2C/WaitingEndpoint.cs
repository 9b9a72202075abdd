using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.O2C;

/// <summary>O2C <c>/o2c/v1/waiting</c>: who asked to be let in and was not answered, each with the act that would do it. Source: ITU-T Y.4561 (08/2020) 7.4.</summary>
public static class WaitingEndpoint
{
    /// <summary>Maps the route.</summary>
    public static void Map(IEndpointRouteBuilder o2c) =>
        o2c.MapGet("/waiting", List).Need(Policy.Staff).WithName("ListWaiting").WithSummary("Sources, keys and applications that asked for registration and wait for operators, oldest first")
            .Gives(StatusCodes.Status200OK, "application/json", "The requests.", "waiting", "total");

    private static async Task<IResult> List(HostState state, IEventStore store, ControlLog log, CancellationToken cancellation)
    {
        var (registry, _) = await log.Now(cancellation);
        var waiting = new JsonArray();
        foreach (var seq in state.Requests)
        {
            if (await store.ReadAll(seq, 1, cancellation) is [var entry] && Describe(entry.Entry, registry) is { } asked)
            {
                waiting.Add(asked);
            }
        }
        return Json.Ok(new JsonObject { ["waiting"] = waiting, ["total"] = waiting.Count });
    }

    // Null once the key that asked is registered, whatever became of it later.
    private static JsonObject? Describe(Entry entry, Registry registry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        var jwt = data.RootElement.TryGetProperty("request", out var text) ? text.GetString() ?? "" : "";
        var json = new JsonObject { ["seq"] = entry.Seq, ["time"] = entry.Time.ToString(), ["request"] = jwt };
        if (entry.Type == EventTable.SourceRequested && SourceRequest.TryParse(jwt, out var source, out _) && !registry.Keys.ContainsKey(source.Key.Kid))
        {
            (json["operation"], json["type"]) = registry.Sources.ContainsKey(source.Iss) ? ("add", "key") : ("approve", "source");
            (json["id"], json["uri"], json["name"], json["kid"], json["purpose"], json["notAfter"]) =
                (Digest.Of(source.Iss).ToString(), source.Iss, source.Name, source.Key.Kid, source.Purpose, source.NotAfter?.ToString());
            return json;
        }
        if (entry.Type == EventTable.ApplicationRequested && ApplicationRequest.TryParse(jwt, out var application, out _) && !registry.Keys.ContainsKey(application.Key.Kid))
        {
            (json["operation"], json["type"]) = ("approve", "application");
            (json["id"], json["uri"], json["name"], json["kid"], json["organisation"]) =
                (Digest.Of(application.Uri).ToString(), application.Uri, application.Name, application.Key.Kid, application.Organisation);
            return json;
        }
        return null;
    }
}
