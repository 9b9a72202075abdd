using System.Diagnostics;
using System.Globalization;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Bench;

/// <summary>
/// Individually signed records from 256 submitters, and in bulk, until four validators have sealed them, beside the floor of five P-256 checks a record
/// (host and four validators) on both cores with imported keys.
/// </summary>
internal static class EndToEndScenario
{
    private const int Singles = 12_000, Bulk = 40_000, Rounds = 3, ChecksPerRecord = 5;

    public static async Task Run()
    {
        await using var ledger = await LedgerUnderTest.Start(sources: 32);
        var client = ledger.Client(256);
        await Measure(ledger, client, "warm-up", 4_000, Single);
        await Measure(ledger, client, "warm-up-bulk", 8_000, InBulk);
        var table = new Table("end to end: submit until sealed by four validators", "records/s");
        var notes = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            table.Add("floor: five checks a record", Floor());
            var single = await Measure(ledger, client, $"single-{round}", Singles, Single);
            table.Add("single, 256 submitters", single.PerSecond, "floor: five checks a record", 0.35);
            var bulk = await Measure(ledger, client, $"bulk-{round}", Bulk, InBulk);
            table.Add("bulk, 1000 lines a request", bulk.PerSecond, "floor: five checks a record", 0.55);
            notes.Add($"round {round}, CPU-ms a record: single {single.Cpu}; bulk {bulk.Cpu}");
        }
        table.Print();
        notes.ForEach(Console.WriteLine);
    }

    private static async Task<(double PerSecond, string Cpu)> Measure(LedgerUnderTest ledger, LedgerClient client, string series, int count,
        Func<LedgerClient, string[], Task> submit)
    {
        var records = ledger.Sign(series, count);
        var before = (await client.Get("/ledger/v1/head"))["size"]!.GetValue<long>();
        var (cpu, own) = (ledger.Cpu(), Process.GetCurrentProcess().TotalProcessorTime);
        var start = Stopwatch.GetTimestamp();
        await submit(client, records);
        await LedgerUnderTest.Sealed(client, before + count);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var driver = (Process.GetCurrentProcess().TotalProcessorTime - own).TotalMilliseconds / count;
        var after = ledger.Cpu();
        var parts = after.Select(p => (p.Key, Ms: (p.Value - cpu.GetValueOrDefault(p.Key)).TotalMilliseconds / count)).ToList();
        return (count / seconds, string.Create(CultureInfo.InvariantCulture,
            $"{parts.Sum(p => p.Ms):F2} ({string.Join(", ", parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key} {p.Ms:F2}")))}; load driver {driver:F2} beside)"));
    }

    private static async Task Single(LedgerClient client, string[] records)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 256).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < records.Length;)
            {
                await client.Submit(records[i]);
            }
        })));
    }

    private static async Task InBulk(LedgerClient client, string[] records)
    {
        // Two requests at a time keep the door busy while answers travel.
        await Task.WhenAll(records.Chunk(LedgerClient.LinesPerRequest).Select((chunk, i) => (chunk, i)).GroupBy(c => c.i % 2).Select(half => Task.Run(async () =>
        {
            foreach (var (chunk, _) in half)
            {
                await foreach (var answer in client.SubmitMany(chunk.ToAsyncEnumerable()))
                {
                    if (answer["problem"] is { } problem)
                    {
                        throw new InvalidOperationException(problem.ToJsonString());
                    }
                }
            }
        })));
    }

    private static double Floor()
    {
        var message = new byte[600];
        var checks = 0L;
        var start = Stopwatch.GetTimestamp();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            using var key = Keys.Generate(KeyPurpose.Record);
            var signature = key.Sign(message);
            for (var n = 0; Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(3); n++)
            {
                if (!key.Public.Verify(message, signature))
                {
                    throw new InvalidOperationException("A good signature did not verify.");
                }
                Interlocked.Increment(ref checks);
            }
        });
        return checks / Stopwatch.GetElapsedTime(start).TotalSeconds / ChecksPerRecord;
    }
}
