using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Delivery;

/// <summary><c>/u2s/v1/webhooks</c>: being told what is sealed, as CloudEvents that the host signs.</summary>
internal static class WebhookEndpoints
{
    private const int BodyBytesMax = 8192, HooksMax = 20, ListMax = 32, DeliveriesMax = 200;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        var hooks = u2s.MapGroup("/webhooks").Need(Policy.User, Scope.U2sSubscribe);
        hooks.MapGet("", List).WithName("ListWebhooks").WithSummary("One's own webhooks").Produces<WebhookList>();
        hooks.MapPost("", Add).WithName("AddWebhook").WithSummary("Be told what is sealed: {url, types?, formats?, mode?}").Accepts<JsonObject>("application/json").Produces<Webhook>(201)
            .ProducesProblem(400).DisableAntiforgery();
        hooks.MapGet("/{id}", Get).WithName("GetWebhook").WithSummary("One webhook").Produces<Webhook>().ProducesProblem(404);
        hooks.MapDelete("/{id}", Remove).WithName("RemoveWebhook").WithSummary("Be told no more").Produces(204).ProducesProblem(404);
        hooks.MapGet("/{id}/deliveries", Deliveries).WithName("ListDeliveries").WithSummary("What became of its messages, newest first").Produces<DeliveryList>().ProducesProblem(404);
        hooks.MapPost("/{id}/deliveries/{seq:long}", Again).WithName("RepeatDelivery").WithSummary("Send a message again").Produces(202).ProducesProblem(404).DisableAntiforgery();
    }

    private static async Task<IResult> List(HttpContext http, Caller caller, WebhookTables tables, CancellationToken cancellation)
    {
        var items = await tables.Of(caller.Id, cancellation);
        return Reply.Json<WebhookList>(http, new WebhookList(items.Count, items));
    }

    private static async Task<IResult> Add(HttpContext http, Caller caller, WebhookTables tables, LedgerHead head, LedgerOptions options, TimeProvider clock, CancellationToken cancellation)
    {
        if (await JsonBody.Read(http, BodyBytesMax, cancellation) is not { } body || Texts(body["types"]) is not { } types || Texts(body["formats"]) is not { } formats
            || body["url"] is not JsonValue at || !at.TryGetValue(out string? url) || (body["mode"]?.ToString() ?? Webhook.Structured) is not (Webhook.Structured or Webhook.Binary))
        {
            return Problems.From("query-malformed", $"The body is {{\"url\": …, \"types\"?: [event type …], \"formats\"?: [format …], \"mode\"?: structured | binary}}; lists have at most {ListMax} members.");
        }
        if (types.FirstOrDefault(t => !EventTable.Types.ContainsKey(t)) is { } strange)
        {
            return Problems.From("query-malformed", $"There is no event type '{strange}'.");
        }
        if (new AddressGuard(options.WebhookNetworks).Problem(url) is { } problem)
        {
            return Problems.From("webhook-address", problem);
        }
        if ((await tables.Of(caller.Id, cancellation)).Count >= HooksMax)
        {
            return Problems.From("webhook-address", $"You have {HooksMax} webhooks, which is as many as there can be. Remove one.");
        }
        var hook = new Webhook(B64.Encode(RandomNumberGenerator.GetBytes(16)), url, types.Count > 0 ? types : [EventTable.SubmissionAccepted, EventTable.StatusChanged], formats,
            body["mode"]?.ToString() ?? Webhook.Structured, head.Header.Size, LedgerTime.From(clock.GetUtcNow()));
        await tables.Add(caller.Id, hook, cancellation);
        http.Response.Headers.Location = $"/u2s/v1/webhooks/{hook.Id}";
        return Reply.Json<Webhook>(http, hook, StatusCodes.Status201Created);
    }

    private static async Task<IResult> Get(HttpContext http, Caller caller, WebhookTables tables, string id, CancellationToken cancellation) =>
        await tables.Find(caller.Id, id, cancellation) is { } hook ? Reply.Json<Webhook>(http, hook) : Unknown();

    private static async Task<IResult> Remove(Caller caller, WebhookTables tables, string id, CancellationToken cancellation) =>
        await tables.Remove(caller.Id, id, cancellation) ? TypedResults.NoContent() : Unknown();

    private static async Task<IResult> Deliveries(HttpContext http, Caller caller, WebhookTables tables, string id, CancellationToken cancellation) =>
        await tables.Find(caller.Id, id, cancellation) is { } hook ? Reply.Json<DeliveryList>(http, new DeliveryList(await tables.Deliveries(hook.Id, DeliveriesMax, cancellation))) : Unknown();

    private static async Task<IResult> Again(Caller caller, WebhookTables tables, string id, long seq, CancellationToken cancellation) =>
        await tables.Find(caller.Id, id, cancellation) is { } hook && await tables.Again(hook.Id, seq, cancellation) ? TypedResults.Accepted($"/u2s/v1/webhooks/{id}/deliveries") : Unknown();

    private static IResult Unknown() => Problems.From("webhook-unknown", "There is no such webhook, or no such message of it, or it is another party's.");

    private static List<string>? Texts(JsonNode? node) => node switch
    {
        null => [],
        JsonArray { Count: <= ListMax } list when list.All(t => t is JsonValue v && v.TryGetValue(out string? _)) => [.. list.Select(t => t!.GetValue<string>())],
        _ => null,
    };
}
