using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Access;
using EventLedger.Api.Provisioning.Queries;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/queries</c>: questions that are kept, versioned and shared within an organisation.</summary>
internal static class SavedQueryEndpoints
{
    private const int BodyBytesMax = 64 << 10, TitleLengthMax = 200;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        var queries = u2s.MapGroup("/queries").Need(Policy.User, Scope.U2sQuery);
        queries.MapGet("", List).WithName("ListSavedQueries").WithSummary("One's own questions and those shared within the organisation").Produces<SavedQueryList>();
        queries.MapPost("", Add).WithName("SaveQuery").WithSummary("Keep a question: {title, query, shared?}").Accepts<JsonObject>("application/json").Produces<SavedQuery>(201).ProducesProblem(400).DisableAntiforgery();
        queries.MapGet("/{id}", Get).WithName("GetSavedQuery").WithSummary("One question, in a version or the newest").Produces<SavedQuery>().ProducesProblem(404);
        queries.MapPut("/{id}", Change).WithName("ChangeSavedQuery").WithSummary("Keep a new version; If-Match names the version that was seen").Accepts<JsonObject>("application/json").Produces<SavedQuery>()
            .ProducesProblem(404).ProducesProblem(412).ProducesProblem(428).DisableAntiforgery();
        queries.MapDelete("/{id}", Remove).WithName("RemoveSavedQuery").WithSummary("Forget a question").Produces(204).ProducesProblem(404);
        queries.MapGet("/{id}/rows", Rows).WithName("AskSavedQuery").WithSummary("Its answer now; Accept: text/csv or application/x-ndjson gives all rows as a file")
            .Produces<QueryPage>(200, "application/json", Csv.MediaType, ExportWriter.Lines).ProducesProblem(404);
    }

    private static async Task<IResult> List(HttpContext http, Caller caller, SavedQueries saved, HostState state, CancellationToken cancellation)
    {
        var items = await saved.List(caller.Id, Party.Of(caller, state.Registry).Organisation, cancellation);
        return Reply.Json<SavedQueryList>(http, new SavedQueryList(items.Count, items));
    }

    private static async Task<IResult> Add(HttpContext http, Caller caller, SavedQueries saved, HostState state, CancellationToken cancellation)
    {
        if (await Body(http, cancellation) is not var (title, query, shared))
        {
            return Malformed();
        }
        var organisation = Party.Of(caller, state.Registry).Organisation;
        var id = await saved.Add(caller.Id, organisation, title, query, shared, cancellation);
        http.Response.Headers.Location = $"/u2s/v1/queries/{id}";
        return Versioned(http, (await saved.Find(caller.Id, organisation, id, null, cancellation))!, StatusCodes.Status201Created);
    }

    private static async Task<IResult> Get(HttpContext http, Caller caller, SavedQueries saved, HostState state, string id, int? version, CancellationToken cancellation) =>
        await saved.Find(caller.Id, Party.Of(caller, state.Registry).Organisation, id, version, cancellation) is { } known ? Versioned(http, known) : Unknown();

    private static async Task<IResult> Change(HttpContext http, Caller caller, SavedQueries saved, HostState state, string id, CancellationToken cancellation)
    {
        if (await Body(http, cancellation) is not var (title, query, shared))
        {
            return Malformed();
        }
        var organisation = Party.Of(caller, state.Registry).Organisation;
        if (await saved.Find(caller.Id, organisation, id, null, cancellation) is not { Owned: true } known)
        {
            return Unknown();
        }
        if (http.Request.Headers.IfMatch.Count == 0)
        {
            return Problems.From("precondition-required", $"Name the version that you saw: If-Match: {Tag(known)}.");
        }
        return http.Request.Headers.IfMatch.Contains(Tag(known)) && await saved.Change(known, caller.Id, organisation, title, query, shared, cancellation)
            ? Versioned(http, (await saved.Find(caller.Id, organisation, id, null, cancellation))!)
            : Problems.From("precondition-failed", $"It is version {known.Version} now; read it again.");
    }

    private static async Task<IResult> Remove(Caller caller, SavedQueries saved, string id, CancellationToken cancellation) =>
        await saved.Remove(caller.Id, id, cancellation) ? TypedResults.NoContent() : Unknown();

    private static async Task<IResult> Rows(HttpContext http, Caller caller, SavedQueries saved, QueryAnswers answers, HostState state, string id, int? version, string? after, CancellationToken cancellation)
    {
        if (await saved.Find(caller.Id, Party.Of(caller, state.Registry).Organisation, id, version, cancellation) is not { } known)
        {
            return Unknown();
        }
        var query = (JsonObject)known.Query.DeepClone();
        if (after is not null)
        {
            query["after"] = after;
        }
        return await QueryEndpoints.Answer(http, answers, query, null, cancellation);
    }

    // The version is the tag: it changes with every change and with nothing else.
    private static IResult Versioned(HttpContext http, SavedQuery known, int status = StatusCodes.Status200OK)
    {
        var reply = Reply.Json<SavedQuery>(http, known, status);
        http.Response.Headers.ETag = Tag(known);
        return reply;
    }

    private static string Tag(SavedQuery known) => string.Create(CultureInfo.InvariantCulture, $"\"v{known.Version}\"");

    private static async Task<(string Title, JsonObject Query, bool Shared)?> Body(HttpContext http, CancellationToken cancellation) =>
        await JsonBody.Read(http, BodyBytesMax, cancellation) is { } body && body["title"] is JsonValue t && t.TryGetValue(out string? title) && title.Length is > 0 and <= TitleLengthMax
            && body["query"] is JsonObject query && QueryReader.TryRead(query, out _, out _)
            ? (title, query, body["shared"] is JsonValue s && s.TryGetValue(out bool shared) && shared)
            : null;

    private static IResult Malformed() => Problems.From("query-malformed", $"The body is {{\"title\": 1 to {TitleLengthMax} characters, \"query\": as POST /u2s/v1/query takes it, \"shared\"?: true}}.");

    private static IResult Unknown() => Problems.From("saved-query-unknown", "There is no such question, or it is another party's.");
}
