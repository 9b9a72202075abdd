using System.Collections.Immutable;
using System.Data.Common;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Answers;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace EventLedger.Web.Staff;

/// <summary>
/// The ledger as the person who looks at a page may use it. It calls the host's own reference points over loopback with a token of the person's session: a page
/// can do what the API allows that person and nothing else, and what it did, <c>curl</c> can do again (docs/adr/0012).
/// </summary>
public sealed class StaffLedger(AuthenticationStateProvider who, AccessTokens tokens, Sessions sessions, Callers callers, IServer server, IHttpClientFactory clients, TimeProvider clock)
{
    /// <summary>Name of the client that calls home.</summary>
    public const string Home = "home";

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private readonly Dictionary<string, (string Token, DateTimeOffset Until)> held = [];

    /// <summary>The person; an empty principal where nobody has signed in.</summary>
    public async Task<ClaimsPrincipal> Person() => (await who.GetAuthenticationStateAsync()).User;

    /// <summary>Asks.</summary>
    /// <param name="path">An address of the API, such as <c>/o2c/v1/sources</c>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<Reply<T>> Get<T>(string path, CancellationToken cancellation = default)
        where T : notnull => Send<T>(HttpMethod.Get, path, null, null, null, cancellation);

    /// <summary>Asks, and takes the answer as JSON.</summary>
    public Task<Reply<JsonElement>> Get(string path, CancellationToken cancellation = default) => Get<JsonElement>(path, cancellation);

    /// <summary>Acts. The same key and body a second time gives the first answer again and does nothing.</summary>
    /// <param name="path">An address of the API.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="key">The form's own idempotency key; null where a repetition does no harm.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<Reply<JsonElement>> Post(string path, JsonNode? body, string? key = null, CancellationToken cancellation = default) =>
        Send<JsonElement>(HttpMethod.Post, path, body, key, null, cancellation);

    /// <summary>Acts by any method, on the version that was seen.</summary>
    public async Task<Reply<T>> Send<T>(HttpMethod method, string path, JsonNode? body, string? key, string? seen, CancellationToken cancellation = default)
        where T : notnull
    {
        using var request = new HttpRequestMessage(method, new Uri(Address(), path));
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), new UTF8Encoding(false), "application/json");
        }
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        if (seen is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", seen);
        }
        return await Send<T>(request, cancellation);
    }

    /// <summary>Sends any request, with the person's token on it.</summary>
    public async Task<Reply<T>> Send<T>(HttpRequestMessage request, CancellationToken cancellation = default)
        where T : notnull
    {
        HttpResponseMessage sent;
        try
        {
            sent = await Raw(request, HttpCompletionOption.ResponseContentRead, cancellation);
        }
        catch (Exception e) when (e is DbException or HttpRequestException)
        {
            return new()
            {
                Status = HttpStatusCode.ServiceUnavailable,
                Problem = e is DbException ? new("database-unavailable", "The database does not answer. Nothing that was acknowledged is lost.") : new("internal", "The ledger does not answer."),
            };
        }
        using var answer = sent;
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        var reference = answer.Headers.TryGetValues("X-Correlation-Id", out var ids) ? ids.First() : null;
        var status = answer.StatusCode;
        if ((int)status is >= 200 and < 300)
        {
            var value = typeof(T) == typeof(string) ? (T)(object)text : text.Length == 0 ? default : JsonSerializer.Deserialize<T>(text, Web);
            return new() { Status = status, Value = value, Tag = answer.Headers.ETag?.ToString(), Place = answer.Headers.Location?.ToString(), Reference = reference };
        }
        var details = answer.Content.Headers.ContentType?.MediaType is "application/problem+json" ? JsonDocument.Parse(text).RootElement : default;
        var problem = details.ValueKind == JsonValueKind.Object
            ? new Problem(details.GetProperty("code").GetString()!, details.GetProperty("detail").GetString() ?? "")
            : new Problem("internal", $"The ledger answered {(int)status}.");
        return new() { Status = status, Problem = problem, Details = details, Reference = reference };
    }

    /// <summary>The answer itself, such as a file that is passed on as it comes; the caller disposes of it.</summary>
    public async Task<HttpResponseMessage> Raw(HttpRequestMessage request, HttpCompletionOption until, CancellationToken cancellation)
    {
        var path = request.RequestUri!.IsAbsoluteUri ? request.RequestUri.AbsolutePath : request.RequestUri.OriginalString;
        request.RequestUri = new Uri(Address(), request.RequestUri);
        if (await Bearer(path, cancellation) is { } bearer)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }
        return await clients.CreateClient(Home).SendAsync(request, until, cancellation);
    }

    // /identity takes the session itself; each reference point takes its own token; the open addresses take none.
    private async Task<string?> Bearer(string path, CancellationToken cancellation)
    {
        var person = await Person();
        if (person.FindFirstValue("session") is not { } id)
        {
            return null;
        }
        var point = path.Split('/', 3) is [_, var first, ..] ? first.Split('?')[0] : "";
        if (point == "identity")
        {
            return person.FindFirstValue(StaffSession.Secret);
        }
        if (point is not ("r2d" or "u2s" or "o2c" or "v2m"))
        {
            return null;
        }
        if (held.TryGetValue(point, out var token) && token.Until > clock.GetUtcNow())
        {
            return token.Token;
        }
        // Roles may have changed since the page was opened: what the session may do is asked anew for each token.
        if (await sessions.ById(id, cancellation) is not { } session)
        {
            return null;
        }
        var caller = callers.OfPerson(session);
        ImmutableSortedSet<string> scopes = [.. caller.Scopes.Where(s => Scope.PointOf(s) == point)];
        if (scopes.Count == 0)
        {
            return null;
        }
        var fresh = await tokens.Issue(caller.Id, "person", point, scopes, session.Id, cancellation);
        held[point] = (fresh, clock.GetUtcNow().AddMinutes(1));
        return fresh;
    }

    private Uri Address()
    {
        var all = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? throw new InvalidOperationException("The host has not started to listen.");
        var plain = all.FirstOrDefault(a => a.StartsWith("http:", StringComparison.Ordinal)) ?? all.First();
        var address = new UriBuilder(plain.Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal));
        if (!IPAddress.TryParse(address.Host, out _))
        {
            // A name may lead to a proxy; the host listens on all addresses then, this one too.
            address.Host = "localhost";
        }
        return address.Uri;
    }
}
