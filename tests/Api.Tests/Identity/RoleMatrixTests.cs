using System.Text.RegularExpressions;
using EventLedger.Api.Http;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

/// <summary>Every endpoint of the host times every caller, over HTTP with real tokens; the list of endpoints is the host's own, so that none can be forgotten.</summary>
public sealed partial class RoleMatrixTests(PostgresFixture postgres) : IAsyncLifetime
{
    // Who may do what, said a second time and by hand: the host's own table must not be both the rule and its test.
    private static readonly Dictionary<string, string[]> Table = new(StringComparer.Ordinal)
    {
        ["source"] = ["source A", "source B"],
        ["user"] = ["user A", "user B", Role.Operator, Role.Supervisor, Role.Registrar, Role.Notary, "operator by password"],
        ["operator"] = [Role.Operator, "operator by password"],
        ["supervisor"] = [Role.Supervisor],
        ["registrar"] = [Role.Registrar],
        ["notary"] = [Role.Notary],
        ["staff"] = [Role.Operator, Role.Supervisor, Role.Registrar, Role.Notary, "operator by password"],
    };

    // Which door opens to whom.
    private static readonly Dictionary<string, string[]> Doors = new(StringComparer.Ordinal)
    {
        ["source A"] = ["r2d"], ["source B"] = ["r2d"], ["user A"] = ["u2s"], ["user B"] = ["u2s"], [Role.Operator] = ["u2s", "o2c"], [Role.Supervisor] = ["u2s", "v2m"],
        [Role.Registrar] = ["r2d", "u2s"], [Role.Notary] = ["u2s"], ["operator by password"] = ["u2s", "o2c"], ["anonymous"] = [],
    };

    // Where people look after themselves, two acts ask for more than a session.
    private static readonly Dictionary<string, string[]> Sessions = new(StringComparer.Ordinal)
    {
        ["/identity/v1/invitations"] = [Role.Operator],
        ["/identity/v1/totp"] = [Role.Operator, Role.Supervisor, Role.Registrar, Role.Notary],
    };

    private static readonly string[] Turned = ["token-missing", "token-invalid", "scope-missing", "role-missing"];

    private TestLedger ledger = null!;
    private Cast cast = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), Probe.Map, options: o => o with { SignInsPerMinute = 10_000, RequestsPerMinute = 100_000 });
        cast = await Cast.Assemble(ledger);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-7.2.1-a")]
    [Y4561("D-7.2.2-a")]
    [Y4561("D-7.2.3-a")]
    public void Each_party_gets_tokens_for_its_own_door_and_no_other() =>
        Cast.Everybody.ToDictionary(who => who, who => string.Join(' ', Cast.Points.Where(point => cast.HasDoor(who, point))))
            .ShouldBe(Doors.ToDictionary(d => d.Key, d => string.Join(' ', d.Value)), ignoreOrder: true);

    [Fact]
    [Y4561("N-8.2-b")]
    [Y4561("N-8.2-e")]
    [Y4561("N-8.3-c")]
    public async Task No_endpoint_lets_anybody_in_but_whom_its_policy_names()
    {
        var holes = new List<string>();
        var calls = 0;
        foreach (var endpoint in Endpoints())
        {
            var needed = endpoint.Metadata.GetMetadata<Needed>().ShouldNotBeNull(endpoint.DisplayName);
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                foreach (var who in Cast.Everybody)
                {
                    calls++;
                    var point = Needed.PointOf(endpoint);
                    var token = needed.Policy == Policy.Session ? cast.Session(who) : needed.Policy.IsOpen ? null : cast.Token(who, point!);
                    var code = await Code(method, Address(endpoint), token);
                    var isIn = !Turned.Contains(code);
                    if (isIn != May(who, needed, Address(endpoint), point, method))
                    {
                        holes.Add($"{method} {Address(endpoint)} ({needed.Policy}): {who} is {(isIn ? "let in" : "kept out")}");
                    }
                }
            }
        }
        holes.ShouldBeEmpty();
        calls.ShouldBeGreaterThan(700);
    }

    private static bool May(string who, Needed needed, string address, string? point, string method)
    {
        if (needed.Policy.IsOpen)
        {
            return true;
        }
        if (needed.Policy == Policy.Session)
        {
            return Sessions.GetValueOrDefault(address, Table["staff"]).Contains(who);
        }
        return Table[needed.Policy.Name].Contains(who) && Doors[who].Contains(point!) && HasScope(who, needed.Scope, point!, method is "GET" or "HEAD");
    }

    // What the everyday scope of a door lets a caller do there; a password is enough for reading and drafting.
    private static bool HasScope(string who, string? scope, string point, bool isRead) => scope switch
    {
        Scope.U2sDisclose => who.StartsWith("user", StringComparison.Ordinal) || who is Role.Supervisor or Role.Registrar or Role.Notary,
        _ when who != "operator by password" => true,
        null => isRead || point == "o2c",
        _ => scope == Scope.O2cDraft || scope.EndsWith(".read", StringComparison.Ordinal),
    };

    private async Task<string?> Code(string method, string address, string? token)
    {
        var (status, body) = await ledger.Send(new(method), address, token, method is "GET" or "HEAD" or "DELETE" ? null : []);
        status.ShouldBeLessThan(500, $"{method} {address}: {body}");
        return body.ValueKind == System.Text.Json.JsonValueKind.Object && body.TryGetProperty("code", out var code) && code.ValueKind == System.Text.Json.JsonValueKind.String
            ? code.GetString()
            : null;
    }

    // Telemetry and documents are no JSON, and the same for everybody.
    private IEnumerable<RouteEndpoint> Endpoints() => ledger.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<Needed>() is not { Policy.Name: "public" });

    private static string Address(RouteEndpoint endpoint) => "/" + Parameter().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), match => match.Value.Contains(":long", StringComparison.Ordinal)
        || match.Value.Contains(":int", StringComparison.Ordinal) ? "1" : "0");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
