using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

/// <summary>Every object that belongs to somebody, asked for by everybody else.</summary>
public sealed class ForeignObjectTests(PostgresFixture postgres) : IAsyncLifetime
{
    // Behind a policy, with an id in the address, and yet nobody's in particular: everyone whom the policy lets in may see it. Each says why.
    private static readonly Dictionary<string, string> Shared = new(StringComparer.Ordinal)
    {
        ["/o2c/v1/requests/{id}"] = "A draft is every operator's: a second one must sign it, and may withdraw it.",
        ["/u2s/v1/records/{id:long}/circulations"] = "A note about a public record; who notes it stands in the note.",
        ["/u2s/v1/records/{id:long}/disclosed"] = "Whose a field is, the grant says and not the address: AccessTests.",
        ["/u2s/v1/cases/{id}"] = "Its asker's and the operators'; another party is told that there is none: ServiceTests.",
        ["/u2s/v1/cases/{id}/answer"] = "Every operator may answer a case.",
        ["/r2d/v1/registrar/waiting/{id}"] = "Every registrar of the organisation may sign it or throw it away; another's is told that there is none: SecondRegistrarTests.",
        ["/r2d/v1/registrar/waiting/{id}/signatures"] = "Every other registrar of the organisation may be the second one: SecondRegistrarTests.",
        ["/v2m/v1/sources/{id}"] = "Supervisors supervise all sources.",
        ["/v2m/v1/audits/{id}"] = "Supervisors see each other's audits.",
        ["/v2m/v1/audits/{id}/report"] = "Supervisors see each other's audits.",
        ["/v2m/v1/audits/{id}/close"] = "Supervisors stand in for each other; whose hand it was, the signature says.",
        ["/v2m/v1/findings/{id}/notes"] = "Supervisors stand in for each other; whose hand it was, the signature says.",
        ["/v2m/v1/findings/{id}/close"] = "Supervisors stand in for each other; whose hand it was, the signature says.",
        ["/v2m/v1/alerts/{id}/acknowledgement"] = "Supervisors stand in for each other; whose hand it was, the signature says.",
        ["/v2m/v1/findings/{id}"] = "Supervisors follow each other's findings.",
        ["/v2m/v1/streams/{stream}"] = "A version says nothing of what stands in the stream.",
    };

    private readonly Dictionary<string, string> made = new(StringComparer.Ordinal);
    private TestLedger ledger = null!;
    private Cast cast = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), options: o => o with { SignInsPerMinute = 10_000 });
        cast = await Cast.Assemble(ledger);
        (await new Agency(ledger).RegisterFormat()).Status.ShouldBe(202);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("N-8.2-b")]
    public async Task Nobody_reaches_what_belongs_to_another()
    {
        var owned = Owned();
        foreach (var endpoint in ledger.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var (needed, route) = (endpoint.Metadata.GetMetadata<Needed>()!, endpoint.RoutePattern.RawText!);
            if (needed.Policy.IsOpen || !route.Contains('{', StringComparison.Ordinal) || Shared.ContainsKey(route)
                // What an earlier event said of an object is public; to draft it anew is every operator's.
                || (needed.Policy == Policy.Operator && route.EndsWith("/roll-forward", StringComparison.Ordinal)))
            {
                continue;
            }
            owned.ShouldContainKey(route, $"{endpoint.DisplayName} has an object in its address: say in {nameof(Owned)} whose, or in {nameof(Shared)} why it is nobody's");
            var (owner, make) = owned[route];
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                foreach (var who in Cast.Everybody.Where(w => w != owner))
                {
                    var token = needed.Policy == Policy.Session ? cast.Session(who) : cast.Token(who, Needed.PointOf(endpoint)!);
                    var (status, _) = await ledger.Send(new(method), await make(), token, method is "PUT" or "POST" ? Mine() : null);
                    status.ShouldBeOneOf([401, 403, 404], $"{who} at {method} {route} of {owner}");
                }
            }
        }
    }

    // Route, owner, and how an object of the owner is made whose address is given.
    private Dictionary<string, (string Owner, Func<Task<string>> Make)> Owned() => new(StringComparer.Ordinal)
    {
        ["/identity/v1/sessions/{id}"] = (Role.Operator, async () =>
            $"/identity/v1/sessions/{(await ledger.Send(HttpMethod.Get, "/identity/v1/sessions", cast.Session(Role.Operator))).Body.GetProperty("sessions")[0].GetProperty("id").GetString()}"),
        ["/u2s/v1/queries/{id}"] = ("user A", () => Question("")),
        ["/u2s/v1/queries/{id}/rows"] = ("user A", () => Question("/rows")),
        ["/u2s/v1/webhooks/{id}"] = ("user A", () => Hook("")),
        ["/u2s/v1/webhooks/{id}/deliveries"] = ("user A", () => Hook("/deliveries")),
        ["/u2s/v1/webhooks/{id}/deliveries/{seq:long}"] = ("user A", () => Hook("/deliveries/1")),
    };

    private Task<string> Question(string rest) => Made("/u2s/v1/queries", rest, Mine());

    private static JsonObject Mine() => new() { ["title"] = "Mine", ["query"] = new JsonObject { ["from"] = new JsonObject { ["format"] = "licence" } } };

    private Task<string> Hook(string rest) => Made("/u2s/v1/webhooks", rest, new() { ["url"] = "https://hooks.example/a" });

    private async Task<string> Made(string path, string rest, JsonObject body)
    {
        if (!made.TryGetValue(path, out var id))
        {
            var (status, answer) = await ledger.Send(HttpMethod.Post, path, cast.Token("user A", "u2s"), body);
            status.ShouldBe(201, answer.ToString());
            made[path] = id = answer.GetProperty("id").GetString()!;
        }
        var address = $"{path}/{id}{rest}";
        // It is there for its owner: what the others miss is not missing.
        if (!rest.Contains("/deliveries/", StringComparison.Ordinal))
        {
            (await ledger.Send(HttpMethod.Get, address, cast.Token("user A", "u2s"))).Status.ShouldBe(200, address);
        }
        return address;
    }
}
