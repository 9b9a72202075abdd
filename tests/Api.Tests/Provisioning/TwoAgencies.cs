using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore.Projections;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>A ledger in which a city enters permits and a county enters registrations that name them.</summary>
public sealed class TwoAgencies(PostgresFixture postgres) : IAsyncLifetime
{
    public const string City = "https://city.example", County = "https://county.example";
    public const int PermitCount = 40, RegistrationCount = 24;

    private readonly SigningKey city = TestLedger.NewKey(KeyPurpose.Record), county = TestLedger.NewKey(KeyPurpose.Record);
    private int next;

    public TestLedger Ledger { get; private set; } = null!;

    public SigningKey CityKey => city;

    /// <summary>Every permit as it was signed, by its id.</summary>
    public Dictionary<long, JsonObject> Permits { get; } = [];

    public Dictionary<long, JsonObject> Registrations { get; } = [];

    /// <summary>Height at which all of the above are sealed, and nothing that a test adds.</summary>
    public long Height { get; private set; }

    public async ValueTask InitializeAsync()
    {
        // Receivers of webhooks in tests listen on loopback, and what fails is tried again at once.
        Ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(),
            options: o => o with { WebhookNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")], WebhookRetry = TimeSpan.FromMilliseconds(50) });
        var operators = new Agency(Ledger);
        foreach (var (key, iss, name) in new[] { (city, City, "City Permits"), (county, County, "County Register") })
        {
            var request = SourceRequest.Create(key, iss, name, Ledger.Genesis.Chain, Agency.Now);
            (await operators.Control(EventTable.SourceApproved, EventTable.SourceStream(iss), 0, new() { ["request"] = request })).Status.ShouldBe(202);
        }
        await Register("permit", """
            {"id":"permit","version":1,"title":"Permit","key":["number"],"lifecycle":true,
             "classification":{"number":"public","kind":"public","seats":"public","opened":"public","checksum":"public","holder":"personal","phone":"restricted"},
             "schema":{"type":"object","required":["number"],"additionalProperties":false,"properties":{"number":{"type":"string","maxLength":40},
              "kind":{"type":"string","maxLength":40},"seats":{"type":"integer"},"opened":{"type":"string","format":"date"},"checksum":{"type":"string","maxLength":64},
              "holder":{"type":"string","maxLength":100},"phone":{"type":"string","maxLength":40}}}}
            """);
        await Register("registration", """
            {"id":"registration","version":1,"title":"Registration","key":["reg"],"lifecycle":false,
             "classification":{"reg":"public","trade":"public","number":"public","staff":"public"},
             "schema":{"type":"object","required":["reg"],"additionalProperties":false,"properties":{"reg":{"type":"string","maxLength":40},
              "trade":{"type":"string","maxLength":40},"number":{"type":"string","maxLength":40},"staff":{"type":"integer"}}}}
            """);
        for (var i = 0; i < PermitCount; i++)
        {
            var fields = new JsonObject
            {
                ["number"] = $"P-{i:000}", ["kind"] = i % 3 == 0 ? "food truck" : i % 3 == 1 ? "food stall" : "café", ["seats"] = i * 5,
                ["opened"] = new DateOnly(2024, 1, 1).AddDays(i * 20).ToString("O", CultureInfo.InvariantCulture),
                ["checksum"] = Digest.Of(Encoding.UTF8.GetBytes($"document {i}")).ToString(),
            };
            Permits[await Put("permit", fields, $"Holder {i}")] = fields;
        }
        for (var i = 0; i < RegistrationCount; i++)
        {
            var fields = new JsonObject { ["reg"] = $"R-{i:000}", ["trade"] = i % 2 == 0 ? "food truck" : "haulage", ["number"] = $"P-{i / 2:000}", ["staff"] = i };
            Registrations[await Put("registration", fields)] = fields;
        }
        await Settled();
        Height = Ledger.Get<Host.LedgerHead>().Header.Height;
    }

    public async ValueTask DisposeAsync() => await Ledger.DisposeAsync();

    /// <summary>Enters a record and gives its id.</summary>
    public async Task<long> Put(string format, JsonObject fields, string? holder = null, string? sub = null)
    {
        var n = Interlocked.Increment(ref next);
        var (iss, key) = format == "permit" ? (City, city) : (County, county);
        var payload = new JsonObject
        {
            ["iss"] = iss, ["vct"] = $"urn:eventledger:{format}:1", ["ledger"] = Ledger.Genesis.Chain, ["jti"] = $"j-{n}", ["iat"] = Agency.Now.UnixMs / 1000,
        };
        if (format == "permit")
        {
            payload["sub"] = sub ?? $"person-{n}";
            payload["status"] = new JsonObject { ["status_list"] = new JsonObject { ["idx"] = n, ["uri"] = $"http://localhost:8080{EventTable.StatusListPath(iss, 0)}" } };
        }
        foreach (var (name, value) in fields)
        {
            payload[name] = value!.DeepClone();
        }
        string[] disclosures = holder is null ? [] :
        [
            SdJwt.Disclosure(RandomNumberGenerator.GetBytes(16), "holder", holder), SdJwt.Disclosure(RandomNumberGenerator.GetBytes(16), "phone", $"+1 555 {n:0000}"),
        ];
        var (status, body) = await new Agency(Ledger, iss).Submit(SdJwt.Create(key, payload, disclosures));
        status.ShouldBe(202, body.ToString());
        return body.GetProperty("seq").GetInt64();
    }

    /// <summary>Waits until everything that was entered is sealed and in the tables.</summary>
    public async Task Settled()
    {
        var end = (await Ledger.Get<EventStore.IEventStore>().Head(default)).Seq;
        await Ledger.Sealed(end);
        (await Ledger.Get<ProjectionDaemon>().WaitFor(end, TimeSpan.FromSeconds(60), default)).ShouldBeTrue();
    }

    public async Task<JsonElement> Get(string path, int expected = 200)
    {
        var (status, body) = await Agency.Read(await Ledger.Http.GetAsync(path));
        status.ShouldBe(expected, body.ToString());
        return body;
    }

    public async Task<JsonElement> Post(string path, JsonNode body, int expected = 200)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        var (status, answer) = await Agency.Read(await Ledger.Http.PostAsync(path, content));
        status.ShouldBe(expected, answer.ToString());
        return answer;
    }

    /// <summary>A question to the permits that the fixture entered.</summary>
    public JsonObject Query(params JsonObject[] conditions) => new()
    {
        ["from"] = new JsonObject { ["format"] = "permit", ["where"] = new JsonArray([.. conditions]) }, ["limit"] = 1000, ["asOf"] = Height,
    };

    /// <summary>One condition: a field has a value.</summary>
    public static JsonArray Where(string field, string value) => new(new JsonObject { ["field"] = field, ["op"] = "eq", ["value"] = value });

    /// <summary>Ids of the rows of a page.</summary>
    public static List<long> Ids(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64())];

    /// <summary>Asks a question page after page until there is none.</summary>
    public async Task<(long Total, List<T> Rows)> Walk<T>(JsonObject query, Func<JsonElement, T> read, Func<Task>? between = null)
    {
        var (rows, total) = (new List<T>(), 0L);
        while (true)
        {
            var page = await Post("/u2s/v1/query", query);
            rows.AddRange(page.GetProperty("items").EnumerateArray().Select(read));
            total = page.GetProperty("total").GetInt64();
            if (!page.TryGetProperty("next", out var next))
            {
                return (total, rows);
            }
            query = (JsonObject)query.DeepClone();
            query["after"] = next.GetString();
            if (between is not null)
            {
                await between();
            }
        }
    }

    /// <summary>The body of an answer of a certain media type.</summary>
    public async Task<string> Text(HttpMethod method, string path, string accept, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd(accept);
        using var answer = await Ledger.Http.SendAsync(request);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(accept);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task Register(string id, string format) => (await new Agency(Ledger).Control(EventTable.FormatRegistered, EventTable.FormatStream(id), 0,
        new() { ["format"] = JsonNode.Parse(format) })).Status.ShouldBe(202);

    /// <summary>An event of authority, signed by an operator.</summary>
    public async Task Control(string type, string stream, JsonObject data, long version = 0)
    {
        var (status, body) = await new Agency(Ledger).Control(type, stream, version, data, [.. Ledger.Operators]);
        status.ShouldBe(202, body.ToString());
    }

    /// <summary>A token of an application of an organisation, both of them new.</summary>
    public async Task<string> Application(string organisation)
    {
        var (uri, key) = ($"https://app-{organisation}.example", TestLedger.NewKey(KeyPurpose.Client));
        await Control(EventTable.OrganisationRegistered, $"organisation-{organisation}", new() { ["id"] = organisation, ["name"] = $"Organisation {organisation}", ["contact"] = $"desk@{organisation}.example" });
        await Control(EventTable.ApplicationApproved, EventTable.ApplicationStream(uri), new()
        {
            ["request"] = ApplicationRequest.Create(key, uri, organisation, organisation, Ledger.Genesis.Chain, Agency.Now),
            ["scopes"] = new JsonArray("u2s.disclose", "u2s.query", "u2s.read", "u2s.subscribe"),
        });
        return await TokenFor.Machine(Ledger, key, uri, "u2s");
    }

    /// <summary>Sends a request with a token.</summary>
    public async Task<JsonElement> Send(HttpMethod method, string path, string? token, JsonObject? body = null, int expected = 200)
    {
        var (status, answer) = await Ledger.Send(method, path, token, body);
        status.ShouldBe(expected, answer.ToString());
        return answer;
    }
}
