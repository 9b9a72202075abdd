using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Conformance.Support;

/// <summary>An agency that was admitted through the front door, with one format of licences.</summary>
internal sealed class Agency
{
    public const string Iss = "https://agency.example";

    private const string Format = """
        {"id":"licence","version":1,"title":"Licence","key":["number"],"lifecycle":true,
         "classification":{"number":"public","kind":"public","holder":"personal"},
         "schema":{"type":"object","required":["number"],"additionalProperties":false,
          "properties":{"number":{"type":"string","maxLength":40},"kind":{"type":"string","maxLength":40},"holder":{"type":"string","maxLength":100}}}}
        """;

    private const string Mapping = """
        {"records":[{"format":"licence.format.json","fields":{"number":{"column":"Number"},"kind":{"column":"Kind"},"holder":{"column":"Holder"}}}]}
        """;

    private readonly TestLedger ledger;
    private int next;

    private Agency(TestLedger ledger)
    {
        this.ledger = ledger;
        Key = Keys.Load(KeyFile);
        Signer = new(Key, Iss, ledger.Genesis.Chain, ledger.Url, (JsonObject)JsonNode.Parse(Format)!);
    }

    public SigningKey Key { get; }

    public RecordSigner Signer { get; }

    private string KeyFile => Path.Combine(ledger.Data, "source.json");

    /// <summary>Asks, is approved by an operator, and has its format registered: each step by the command line.</summary>
    public static async Task<Agency> Register(TestLedger ledger)
    {
        var (key, format) = (Path.Combine(ledger.Data, "source.json"), Path.Combine(ledger.Data, "licence.format.json"));
        var person = Path.Combine(ledger.Data, "operators", "operator-1.json");
        await File.WriteAllTextAsync(format, Format);
        await ledger.MustRun("keygen", "--purpose", "record", "--out", key);
        await ledger.MustRun("register", "--iss", Iss, "--name", "The agency", "--key", key);
        await ledger.MustRun("approve", "--iss", Iss, "--operator", person);
        await ledger.MustRun("format", format, "--operator", person);
        return new(ledger);
    }

    public static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    /// <summary>A signed licence; the holder is a disclosure.</summary>
    public string Licence(string number, string? jti = null, string holder = "Jane Doe")
    {
        var index = Interlocked.Increment(ref next);
        return Signer.Sign(new() { ["number"] = number, ["kind"] = "food", ["holder"] = holder }, jti ?? $"j-{index}", Now, statusIndex: index);
    }

    /// <summary>The stream of a licence number.</summary>
    public static string StreamOf(string number) => RecordRules.StreamOf(Iss, "licence", JsonSerializer.SerializeToElement(new[] { number }));

    /// <summary>The command that changes a licence's status.</summary>
    public string[] Status(string change, string number) => ["status", change, "--iss", Iss, "--key", KeyFile, "--format", "licence", "--record", number, "--reason", "inspection"];

    public async Task<(int Status, JsonObject Body)> Submit(string record, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/r2d/v1/submissions") { Content = new StringContent(record, Encoding.ASCII, LedgerClient.RecordType) };
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }
        using var response = await ledger.Http.SendAsync(request);
        return ((int)response.StatusCode, await TestLedger.Json(response));
    }

    /// <summary>Submits and gives the place of the entry.</summary>
    public async Task<long> Accepted(string record)
    {
        var (status, body) = await Submit(record);
        status.ShouldBe(202, body.ToJsonString());
        return body["seq"]!.GetValue<long>();
    }

    /// <summary>Writes a table of so many licences and gives the command that imports it.</summary>
    public async Task<string[]> Table(int rows)
    {
        var (table, map) = (Path.Combine(ledger.Data, "licences.csv"), Path.Combine(ledger.Data, "mapping.json"));
        await File.WriteAllTextAsync(map, Mapping);
        var lines = Enumerable.Range(1, rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"L-{i:D6},food,Holder {i}"));
        await File.WriteAllLinesAsync(table, lines.Prepend("Number,Kind,Holder"));
        return ["import", table, "--map", map, "--iss", Iss, "--key", KeyFile, "--spool", Path.Combine(ledger.Data, "spool")];
    }

    /// <summary>Places and leaves of all receipts that the import holds.</summary>
    public IReadOnlyList<(long Seq, string Leaf)> Receipts() =>
        [.. from file in Directory.EnumerateFiles(Path.Combine(ledger.Data, "spool"), "answers.ndjson", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.EndsWith('}')
            let body = JsonNode.Parse(line)?["receipt"]?["body"]
            where body is not null
            select (body["seq"]!.GetValue<long>(), body["leaf"]!.GetValue<string>())];
}
