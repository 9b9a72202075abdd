using System.Diagnostics;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Tests.Staff;

/// <summary>A source of its own that sends as many records as a test asks for.</summary>
internal sealed class LoadSource
{
    private const string Iss = "https://load.example";

    private const string Format = """
        {"id":"reading","version":1,"title":"Reading","key":["meter"],"lifecycle":false,"classification":{"meter":"public","value":"public"},
         "schema":{"type":"object","required":["meter"],"additionalProperties":false,"properties":{"meter":{"type":"string","maxLength":40},"value":{"type":"integer"}}}}
        """;

    private static readonly SemaphoreSlim one = new(1, 1);
    private static LoadSource? registered;
    private readonly TestLedger ledger;
    private readonly RecordSigner signer;
    private int next;

    private LoadSource(TestLedger ledger, string key)
    {
        this.ledger = ledger;
        signer = new(Keys.Load(key), Iss, ledger.Genesis.Chain, ledger.Url, (JsonObject)JsonNode.Parse(Format)!);
    }

    /// <summary>Registered once for the portal that all tests share.</summary>
    public static async Task<LoadSource> Of(TestLedger ledger)
    {
        await one.WaitAsync();
        try
        {
            return registered ??= await Register(ledger);
        }
        finally
        {
            one.Release();
        }
    }

    private static async Task<LoadSource> Register(TestLedger ledger)
    {
        var (key, format) = (Path.Combine(ledger.Data, "load.json"), Path.Combine(ledger.Data, "reading.format.json"));
        var person = Path.Combine(ledger.Data, "operators", "operator-1.json");
        await File.WriteAllTextAsync(format, Format);
        await ledger.MustRun("keygen", "--purpose", "record", "--out", key);
        await ledger.MustRun("register", "--iss", Iss, "--name", "Load", "--key", key);
        await ledger.MustRun("approve", "--iss", Iss, "--operator", person);
        await ledger.MustRun("format", format, "--operator", person);
        return new(ledger, key);
    }

    /// <summary>Sends so many records at once.</summary>
    public async Task Send(int count)
    {
        var now = LedgerTime.From(DateTimeOffset.UtcNow);
        string[] lines = [.. Enumerable.Range(0, count).Select(_ => Interlocked.Increment(ref next)).Select(n => signer.Sign(new() { ["meter"] = $"m-{n}", ["value"] = n }, $"load-{n}", now))];
        var answers = await ledger.Client.SubmitMany(lines.ToAsyncEnumerable()).ToListAsync();
        answers.Count(a => a["receipt"] is not null).ShouldBe(count, answers[0].ToJsonString());
    }

    /// <summary>Sends what so long a time at this rate comes to, in equal portions twice a second, or later where the machine is slower.</summary>
    /// <returns>The rate that came of it.</returns>
    public async Task<double> Send(int perSecond, TimeSpan time)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var began = Stopwatch.GetTimestamp();
        for (var portion = 0; portion < time.TotalSeconds * 2; portion++)
        {
            await timer.WaitForNextTickAsync();
            await Send(perSecond / 2);
        }
        return perSecond * time.TotalSeconds / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
