using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.O2C;

/// <summary>
/// O2C <c>/o2c/v1/configuration</c>: what can be set, as one file of requests that another ledger, or this one later, can be brought to. It changes nothing by
/// itself: each difference becomes a draft that people sign. Source: ITU-T Y.4561 (08/2020) 8.4 "configuration of data management".
/// </summary>
public static class ConfigurationEndpoints
{
    private const int FileBytesMax = 4 << 20;

    private const string Form = "A configuration is {requests: [{operation, type, parameters}]}, as GET gives it.";

    // Each of these says everything about its object, so a later one replaces an earlier one.
    private static readonly (string Kind, string Operation, string Type)[] Set =
        [("organisations", "change", "organisation"), ("services", "set", "service"), ("directory", "set", "directory"), ("quotas", "set", "quota")];

    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder o2c)
    {
        o2c.MapGet("/configuration", Export).WithName("ExportConfiguration").WithSummary("Organisations, services, directory and quotas as requests in one file")
            .Gives(StatusCodes.Status200OK, "application/json", "The configuration.", "requests");
        o2c.MapPut("/configuration", Import).Need(Policy.Operator).WithName("ImportConfiguration").WithSummary("Draft what differs from a configuration; with ?dryRun=true only say what differs")
            .Takes("application/json", "A configuration.", "requests")
            .Gives(StatusCodes.Status200OK, "application/json", "What differs, each with its draft.", "changes", "dryRun");
    }

    private static async Task<IResult> Export(ControlLog log, CancellationToken cancellation) =>
        Json.Ok(new JsonObject { ["requests"] = new JsonArray([.. Requests((await log.Now(cancellation)).Registry).Select(r => ToJson(r))]) });

    private static async Task<IResult> Import(HttpContext http, bool? dryRun, ControlLog log, ControlRequests requests, CancellationToken cancellation)
    {
        var (malformed, json) = await Utf8Body.Object(http.Request, FileBytesMax, Form, cancellation);
        if (malformed is not null || !json.TryGetProperty("requests", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return malformed ?? Problems.From("request-malformed", Form);
        }
        var now = Requests((await log.Now(cancellation)).Registry).ToDictionary(r => KeyOf(r.Type, r.Parameters), r => r.Parameters);
        var changes = new JsonArray();
        foreach (var item in list.EnumerateArray())
        {
            if (!RequestEndpoints.TryRead(item, out var wish) || !Array.Exists(Set, s => s.Type == wish.Type))
            {
                return Problems.From("request-malformed", $"{Form} Number {changes.Count + 1} is none.");
            }
            var stands = now.GetValueOrDefault(KeyOf(wish.Type, wish.Parameters));
            if (JsonNode.DeepEquals(stands, wish.Parameters))
            {
                continue;
            }
            wish = wish.Type == "organisation" && stands is null ? wish with { Operation = "register" } : wish;
            var (refusal, look) = dryRun == true ? await requests.TryOut(wish, "", cancellation) : await requests.Draft(wish, Caller.Of(http).Id, cancellation);
            if (refusal is not null && dryRun != true)
            {
                return refusal;
            }
            // In a dry run what builds on an earlier change of the same file cannot be judged yet.
            changes.Add(new JsonObject
            {
                ["type"] = wish.Type, ["before"] = stands?.DeepClone(), ["after"] = wish.Parameters.DeepClone(), ["draft"] = dryRun == true ? null : look!.Request.Id, ["ready"] = refusal is null,
            });
        }
        return Json.Ok(new JsonObject { ["changes"] = changes, ["dryRun"] = dryRun == true });
    }

    private static IEnumerable<Wish> Requests(Registry registry) =>
        from set in Set
        from o in ControlledObjects.Kinds[set.Kind](registry).OrderBy(o => RankOf(o.State)).ThenBy(o => o.Id, StringComparer.Ordinal)
        select new Wish(set.Operation, set.Type, o.State);

    // What lies above comes first.
    private static int RankOf(JsonObject state) => state["kind"]?.GetValue<string>() is { } kind ? DirectoryNode.RankOf(kind) : 0;

    private static string KeyOf(string type, JsonObject parameters) => $"{type} {parameters["id"]} {(type == "quota" ? parameters["party"] : null)}";

    private static JsonObject ToJson(Wish wish) => new() { ["operation"] = wish.Operation, ["type"] = wish.Type, ["parameters"] = wish.Parameters.DeepClone() };
}
