using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Host;

/// <summary>For whoever starts, stops and watches processes.</summary>
public static class Health
{
    /// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("live\n")).Need(Policy.Public).WithMetadata(new Unlimited()).ExcludeFromDescription();
        routes.MapGet("/health/ready", Ready).Need(Policy.Public).WithMetadata(new Unlimited()).ExcludeFromDescription();
    }

    private static async Task<IResult> Ready(IEventStore store, LedgerHead head, Readiness readiness, CancellationToken cancellation)
    {
        if (readiness.Reason is { } reason)
        {
            return Problems.From("not-ready", $"Not ready: {reason}.");
        }
        try
        {
            var end = await store.Head(cancellation);
            return Json.Ok(new JsonObject
            {
                ["status"] = store.ReadOnlyReason is null ? "ready" : "read-only",
                ["reason"] = store.ReadOnlyReason,
                ["seq"] = end.Seq,
                ["height"] = head.Header.Height,
                ["size"] = head.Header.Size,
            });
        }
        catch (NpgsqlException)
        {
            return Problems.From("not-ready", "Not ready: the database does not answer.");
        }
    }
}
