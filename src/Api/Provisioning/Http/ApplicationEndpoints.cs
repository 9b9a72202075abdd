using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.Provisioning.Http;

/// <summary>
/// <c>/u2s/v1/applications</c>: a data user's application asks to be registered, proving that it holds its key, and sees where its request stands. An operator
/// admits it by <c>application_approved</c>. Source: ITU-T Y.4561 (08/2020) 8.3.
/// </summary>
internal static class ApplicationEndpoints
{
    private const int RequestBytesMax = 8192, PendingMax = 32;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapPost("/applications", Ask).Need(Policy.Signed).WithName("AskForApplication").WithSummary("Ask for registration of an application with the key that it will sign in with")
            .Accepts<string>("application/jwt").Produces<ApplicationView>(202).ProducesProblem(400).ProducesProblem(409).DisableAntiforgery();
        u2s.MapGet("/applications/{id}", Get).WithName("GetApplication").WithSummary("An application, what it may do, and its requests").Produces<ApplicationView>().ProducesProblem(404);
    }

    private static async Task<IResult> Ask(HttpRequest request, [FromServices] Genesis genesis, IEventStore store, HostState state, TimeProvider clock, CancellationToken cancellation)
    {
        if (await AsciiBody.Read(request, RequestBytesMax, cancellation) is not { } jwt)
        {
            return Problems.From("body-too-large", $"A request has at most {RequestBytesMax} bytes.");
        }
        if (!ApplicationRequest.TryParse(jwt, out var asked, out var problem))
        {
            return Problems.From("request-malformed", problem);
        }
        if (asked.Problem(genesis.Chain, LedgerTime.From(clock.GetUtcNow())) is { } code)
        {
            return Refusal.Of(code).ToResult();
        }
        if (!state.Registry.Organisations.ContainsKey(asked.Organisation))
        {
            return Problems.From(RejectionCode.OrganisationUnknown, $"There is no organisation '{asked.Organisation}'; an operator registers it first.");
        }
        if (state.Registry.Keys.ContainsKey(asked.Key.Kid))
        {
            return Refusal.Of(RejectionCode.KeyKnown).ToResult();
        }
        var stream = EventTable.ApplicationStream(asked.Uri);
        while (true)
        {
            var entries = await store.ReadStream(stream, 1, cancellation);
            var before = entries.Where(e => e.Entry.Type == EventTable.ApplicationRequested).ToList();
            if (before.Exists(e => RequestOf(e.Entry) == jwt))
            {
                return Accepted(stream, entries, state.Registry);
            }
            var today = LedgerTime.From(clock.GetUtcNow()).PlusMs(-Authorization.LifeMsMax);
            if (before.Count(e => e.Entry.Time > today) >= PendingMax)
            {
                return Problems.From("busy", $"This application has asked {PendingMax} times today; try again tomorrow.");
            }
            switch (await store.Append(new(stream, entries.Count, new(EventTable.ApplicationRequested, asked.Uri, Jcs.Bytes(new JsonObject { ["request"] = jwt }))), cancellation))
            {
                case AppendResult.Appended done:
                    return Accepted(stream, [.. entries, .. done.Entries], state.Registry);
                case AppendResult.ReadOnly closed:
                    return Problems.From("read-only", closed.Reason);
            }
        }
    }

    private static async Task<IResult> Get(HttpContext http, string id, IEventStore store, HostState state, CancellationToken cancellation)
    {
        var stream = $"application-{id}";
        var entries = Digest.TryParse(id, out _) ? await store.ReadStream(stream, 1, cancellation) : [];
        Answer<ApplicationView> answer = View(stream, entries, state.Registry) is { } view ? view : new Problem("not-found", "There is no application with this id.");
        return Reply.Json(http, answer);
    }

    private static Accepted<ApplicationView> Accepted(string stream, IReadOnlyList<StoredEntry> entries, Registry registry) =>
        TypedResults.Accepted($"/u2s/v1/applications/{stream["application-".Length..]}", View(stream, entries, registry));

    private static ApplicationView? View(string stream, IReadOnlyList<StoredEntry> entries, Registry registry)
    {
        var requests = entries.Where(e => e.Entry.Type == EventTable.ApplicationRequested).Select(e => (e.Entry.Seq, Jwt: RequestOf(e.Entry))).ToList();
        if (requests.Count == 0 || !ApplicationRequest.TryParse(requests[0].Jwt ?? "", out var first, out _))
        {
            return null;
        }
        var known = registry.Applications.GetValueOrDefault(first.Uri);
        return new(stream["application-".Length..], first.Uri, known?.Name ?? first.Name, known?.Organisation ?? first.Organisation,
            known is null ? "requested" : known.State.ToString().ToLowerInvariant(), known?.Scopes ?? [], stream, entries[^1].Entry.Version,
            [.. requests.Where(r => r.Jwt is not null).Select(r => new RequestView(r.Seq, r.Jwt!))]);
    }

    private static string? RequestOf(Entry entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        return data.RootElement.TryGetProperty("request", out var jwt) ? jwt.GetString() : null;
    }
}

/// <summary>An application of a data user.</summary>
/// <param name="Id">SHA-256 of its URI.</param>
/// <param name="Uri">Its URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Organisation">Whose it is, by id.</param>
/// <param name="State"><c>requested</c>, <c>active</c>, <c>suspended</c> or <c>retired</c>.</param>
/// <param name="Scopes">What it may do; none before it is approved.</param>
/// <param name="Stream">Where its events stand.</param>
/// <param name="Version">The version that the next event's signers name.</param>
/// <param name="Requests">What it asked, oldest first.</param>
public sealed record ApplicationView(string Id, string Uri, string Name, string Organisation, string State, IReadOnlyList<string> Scopes, string Stream, long Version, IReadOnlyList<RequestView> Requests);

/// <summary>A signed request.</summary>
/// <param name="Seq">Its entry.</param>
/// <param name="Request">The JWT.</param>
public sealed record RequestView(long Seq, string Request);
