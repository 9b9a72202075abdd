using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.Tests.Shared;

namespace EventLedger.Web.Tests.Support;

/// <summary>A licence register with one case of each kind.</summary>
public sealed class Register(SeededSite site)
{
    public const string Valid = "21MFF-00015", Expired = "21MFF-00016", Suspended = "21MFF-00017", Revoked = "21MFF-00018", Renewed = "21MFF-00019",
        Applied = "21MFF-00020", Shared = "7", Waiting = "21MFF-00021", Forged = "21MFF-00022";

    public const string City = "https://permits.city.example", County = "https://licences.county.example";

    private static readonly JsonObject Permit = Format("permit", "Mobile food permit", lifecycle: true, """["permit"]""", """
        {"permit":{"type":"string","title":"Permit number"},"applicant":{"type":"string","title":"Business"},"food":{"type":"string","title":"What may be sold"},
         "manager":{"type":"string","title":"Responsible person"},"menu":{"type":"string","title":"Menu"}}
        """, personal: "manager", order: """["permit","food"]""");

    private static readonly JsonObject Place = Format("place", "Places where it may stand", lifecycle: false, """["permit","place"]""", """
        {"permit":{"type":"string"},"place":{"type":"integer"},"address":{"type":"string"},"hours":{"type":"string"}}
        """);

    private static readonly JsonObject Application = Format("application", "Application for a mobile food permit", lifecycle: false, """["permit"]""", """
        {"permit":{"type":"string"},"received":{"type":"string"}}
        """);

    private readonly SigningKey city = TestChain.NewKey(KeyPurpose.Record), county = TestChain.NewKey(KeyPurpose.Record);
    private int next;

    /// <summary>Id of each licence's newest record.</summary>
    public Dictionary<string, long> Records { get; } = [];

    public async Task Fill()
    {
        var (chain, store) = (site.Chain, site.Store);
        await chain.Begin(store);
        await chain.Admit(store, city, City, "City Permits Office");
        await chain.Admit(store, county, County, "County Licensing Board");
        await chain.Register(store, Permit);
        await chain.Register(store, Place);
        await chain.Register(store, Application);
        await site.Seal();
        await Licence(Valid, "Anzu To You", expires: 4_102_444_800, menu: "https://menus.example/anzu?day=1&lang=en");
        await Put(Place, city, City, new() { ["permit"] = Valid, ["place"] = 1571753, ["address"] = "3750 18th Street", ["hours"] = "Monday to Friday 10:00 to 18:00" });
        await Put(Place, city, City, new() { ["permit"] = Valid, ["place"] = 1569152, ["address"] = "2535 Taylor Street" });
        await Licence(Expired, "The Geez Freeze", expires: 1_577_836_800);
        await Licence(Suspended, "Casita Vegana");
        await Licence(Revoked, "Casey’s Pizza");
        await Licence(Renewed, "Bay Area Mobile Catering");
        await Put(Application, city, City, new() { ["permit"] = Applied, ["received"] = "2026-03-15" });
        await Licence(Shared, "Señor Sisig");
        await Put(Permit, county, County, new() { ["permit"] = Shared, ["applicant"] = "Al’s Catering", ["food"] = "Tacos", ["manager"] = "Al Example" });
        await site.Seal();
        await chain.Change(store, city, City, "permit", [Suspended], RecordStatus.Suspended, "Inspection of 3 March not passed");
        await chain.Change(store, city, City, "permit", [Revoked], RecordStatus.Revoked, "Business closed");
        await Licence(Renewed, "Bay Area Mobile Catering, Inc.");
        // Signed by a key that is not the source's: a host that lets it through is caught when it is sealed.
        using var forger = TestChain.NewKey(KeyPurpose.Record);
        Records[Forged] = await Put(Permit, forger, City, new() { ["permit"] = Forged, ["applicant"] = "Forged", ["food"] = "Nothing" });
        await site.Seal();
        await site.Seal();
        await Licence(Waiting, "Natan’s Catering");
        await site.Projected();
    }

    public async Task Licence(string number, string business, long? expires = null, string? menu = null) => Records[number] = await Put(Permit, city, City, new()
    {
        ["permit"] = number, ["applicant"] = business, ["food"] = "Snow cones, soft serve ice cream & frozen daiquiris", ["manager"] = "Jane Doe", ["menu"] = menu,
    }, expires);

    private async Task<long> Put(JsonObject format, SigningKey key, string iss, JsonObject fields, long? expires = null)
    {
        var n = ++next;
        var signer = new RecordSigner(key, iss, site.Chain.Chain.Chain, new("http://localhost:8080"), format);
        using var definition = JsonDocument.Parse(format.ToJsonString());
        RecordFormat.TryParse(definition.RootElement, out var parsed, out var problem).ShouldBeTrue(problem?.ToString());
        return await TestChain.Submit(site.Store, signer.Sign(fields, $"j-{n}", TestChain.Now, expires, statusIndex: n), parsed!);
    }

    private static JsonObject Format(string id, string title, bool lifecycle, string key, string properties, string? personal = null, string? order = null)
    {
        var fields = (JsonObject)JsonNode.Parse(properties)!;
        return new()
        {
            ["id"] = id, ["version"] = 1, ["title"] = title, ["lifecycle"] = lifecycle, ["key"] = JsonNode.Parse(key),
            ["classification"] = new JsonObject(fields.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)JsonValue.Create(f.Key == personal ? "personal" : "public")))),
            ["schema"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["required"] = JsonNode.Parse(key), ["properties"] = fields.DeepClone(), ["x-order"] = JsonNode.Parse(order ?? key) },
        };
    }
}
