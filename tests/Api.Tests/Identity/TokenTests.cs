using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

public sealed class TokenTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), app => Probe.Map(app));
        agency = await Agency.Register(ledger);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("N-6.2.6-a")]
    public async Task A_source_gets_a_token_for_its_own_door_and_no_other()
    {
        var token = await TokenFor.Machine(ledger, agency.Key, agency.Iss, "r2d");
        var (status, body) = await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source), token);
        (status, body.GetProperty("id").GetString(), body.GetProperty("kind").GetString()).ShouldBe((200, agency.Iss, "Source"));
        foreach (var point in (string[])["u2s", "o2c", "v2m"])
        {
            var (refused, problem) = await TokenFor.AskMachine(ledger, Assertion(), point);
            (refused, problem.GetProperty("code").GetString(), problem.GetProperty("error").GetString()).ShouldBe((403, "scope-missing", "invalid_scope"));
            (await ledger.Send(HttpMethod.Get, Probe.Of(point, Policy.User), token)).Status.ShouldBe(401, "a token opens one door");
        }
        (await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source))).Body.GetProperty("code").GetString().ShouldBe("token-missing");
    }

    [Fact]
    public async Task A_token_has_the_scopes_that_were_asked_for_and_no_more()
    {
        var token = await TokenFor.Machine(ledger, agency.Key, agency.Iss, "r2d", Scope.R2dRead);
        (await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source), token)).Status.ShouldBe(200);
        var (status, body) = await ledger.Send(HttpMethod.Post, Probe.Of("r2d", Policy.Source), token);
        (status, body.GetProperty("code").GetString()).ShouldBe((403, "scope-missing"));
        (await TokenFor.AskMachine(ledger, Assertion(), scope: "r2d.read u2s.read")).Body.GetProperty("error").GetString().ShouldBe("invalid_scope");
        (await TokenFor.AskMachine(ledger, Assertion(), scope: "root")).Body.GetProperty("error").GetString().ShouldBe("invalid_scope");
    }

    [Theory]
    [InlineData("not a form at all, and a good deal longer than any name of a member of a form that this address would ever take from anybody")]
    [InlineData("grant_type=client_credentials&grant_type=client_credentials")]
    [InlineData("grant_type=password&username=a&password=b")]
    [InlineData("")]
    public async Task What_is_no_token_request_is_refused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded");
        var (status, problem) = await Agency.Read(await ledger.Http.PostAsync("/oauth/token", content));
        (status, problem.TryGetProperty("error", out _)).ShouldBe((400, true));
    }

    [Fact]
    public async Task An_assertion_counts_once()
    {
        var assertion = Assertion();
        (await TokenFor.AskMachine(ledger, assertion)).Status.ShouldBe(200);
        var (status, body) = await TokenFor.AskMachine(ledger, assertion);
        (status, body.GetProperty("error").GetString()).ShouldBe((401, "invalid_client"));
    }

    [Fact]
    public async Task An_assertion_that_is_not_quite_right_gets_nothing()
    {
        var now = Agency.Now.UnixMs / 1000;
        using var other = TestLedger.NewKey(KeyPurpose.Client);
        string Signed(Action<JsonObject> change, SigningKey? key = null, string typ = ClientAssertion.Typ)
        {
            var claims = new JsonObject { ["iss"] = agency.Iss, ["sub"] = agency.Iss, ["aud"] = $"urn:eventledger:{ledger.Genesis.Chain}", ["jti"] = Guid.NewGuid().ToString(), ["exp"] = now + 30 };
            change(claims);
            return (key ?? agency.Key).SignJws(typ, Jcs.Bytes(claims));
        }
        (await TokenFor.AskMachine(ledger, Signed(_ => { }))).Status.ShouldBe(200);
        foreach (var (why, assertion) in new (string, string)[]
        {
            ("another's key", Signed(_ => { }, other)),
            ("a person's key", Signed(c => (c["iss"], c["sub"]) = (ledger.Genesis.Operators[0].Pseudonym, ledger.Genesis.Operators[0].Pseudonym), ledger.Operators[0])),
            ("another's name", Signed(c => (c["iss"], c["sub"]) = ("https://other.example", "https://other.example"))),
            ("two names", Signed(c => c["sub"] = "https://other.example")),
            ("expired", Signed(c => c["exp"] = now - 1)),
            ("for too long", Signed(c => c["exp"] = now + 600)),
            ("another ledger", Signed(c => c["aud"] = "urn:eventledger:other")),
            ("an address from the request", Signed(c => c["aud"] = $"{ledger.Http.BaseAddress}oauth/token")),
            ("a record's form", Signed(_ => { }, typ: SdJwt.Typ)),
            ("no jti", Signed(c => c.Remove("jti"))),
        })
        {
            var (status, body) = await TokenFor.AskMachine(ledger, assertion);
            (status, body.GetProperty("code").GetString()).ShouldBe((401, "client-invalid"), why);
        }
    }

    [Fact]
    [Y4561("N-6.2.6-a")]
    public async Task No_forged_token_opens_anything()
    {
        var good = await TokenFor.Machine(ledger, agency.Key, agency.Iss, "r2d");
        (await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source), good)).Status.ShouldBe(200);
        using var own = SigningKey.TryParse(await File.ReadAllBytesAsync(Path.Combine(ledger.Data, "host", "token.json")), out var read) ? read : throw new InvalidDataException();
        foreach (var (why, token) in Forgery.Of(good, own, ledger.Operators[0], agency.Key))
        {
            var (status, body) = await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source), token);
            (status, body.GetProperty("code").GetString()).ShouldBe((401, "token-invalid"), why);
            (await ledger.Send(HttpMethod.Get, "/u2s/v1/records", token)).Status.ShouldBe(401, $"{why}, on an open page");
        }
    }

    [Fact]
    public async Task A_token_of_a_source_that_was_retired_is_worth_nothing_at_once()
    {
        var token = await TokenFor.Machine(ledger, agency.Key, agency.Iss, "r2d");
        var source = (await Agency.Read(await ledger.Http.GetAsync($"/r2d/v1/sources/{Digest.Of(agency.Iss)}"))).Body;
        (await agency.Control(EventTable.SourceSuspended, EventTable.SourceStream(agency.Iss), source.GetProperty("version").GetInt64(),
            new() { ["iss"] = agency.Iss, ["reason"] = "Audit" })).Status.ShouldBe(202);
        (await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source), token)).Status.ShouldBe(200, "it may still look");
        (await ledger.Send(HttpMethod.Post, Probe.Of("r2d", Policy.Source), token)).Status.ShouldBe(403);
        (await agency.Control(EventTable.SourceRetired, EventTable.SourceStream(agency.Iss), source.GetProperty("version").GetInt64() + 1,
            new() { ["iss"] = agency.Iss, ["reason"] = "Closed" })).Status.ShouldBe(202);
        (await ledger.Send(HttpMethod.Get, Probe.Of("r2d", Policy.Source), token)).Status.ShouldBe(401);
        (await TokenFor.AskMachine(ledger, Assertion())).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Anyone_may_check_a_token_with_the_published_keys()
    {
        var token = await TokenFor.Machine(ledger, agency.Key, agency.Iss, "r2d");
        var parts = token.Split('.');
        var jwks = (await ledger.Send(HttpMethod.Get, "/oauth/jwks")).Body;
        var key = jwks.GetProperty("keys").EnumerateArray().ShouldHaveSingleItem();
        B64.TryDecode(key.GetProperty("x").GetString(), out var x).ShouldBeTrue();
        B64.TryDecode(key.GetProperty("y").GetString(), out var y).ShouldBeTrue();
        B64.TryDecode(parts[2], out var signature).ShouldBeTrue();
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = x, Y = y } });
        ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature!, HashAlgorithmName.SHA256).ShouldBeTrue();
        var metadata = (await ledger.Send(HttpMethod.Get, "/.well-known/oauth-authorization-server")).Body;
        metadata.GetProperty("token_endpoint").GetString().ShouldBe($"{ledger.Http.BaseAddress}oauth/token");
        B64.TryDecode(parts[1], out var payload).ShouldBeTrue();
        using var claims = JsonDocument.Parse(payload);
        claims.RootElement.GetProperty("iss").GetString().ShouldBe(metadata.GetProperty("issuer").GetString());
        (claims.RootElement.GetProperty("exp").GetInt64() - claims.RootElement.GetProperty("iat").GetInt64()).ShouldBe(300);
    }

    private string Assertion() => ClientAssertion.Create(agency.Key, agency.Iss, ledger.Genesis.Chain, Guid.NewGuid().ToString("n"), Agency.Now);
}

/// <summary>One endpoint for each door and policy that says who called it.</summary>
internal static class Probe
{
    public static readonly Policy[] Policies = [Policy.Source, Policy.User, Policy.Operator, Policy.Registrar, Policy.Notary, Policy.Supervisor, Policy.Staff];

    public static string Of(string point, Policy policy) => $"/probe/{point}/{policy}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var policy in Policies)
        {
            foreach (var point in (string[])["r2d", "u2s", "o2c", "v2m"])
            {
                routes.MapMethods(Of(point, policy), ["GET", "POST"], (Caller caller) => TypedResults.Ok(new { kind = caller.Kind.ToString(), id = caller.Id }))
                    .WithTags(point.ToUpperInvariant()).Need(policy).ExcludeFromDescription();
            }
        }
    }
}
