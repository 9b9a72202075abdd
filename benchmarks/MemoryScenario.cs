using System.Globalization;

namespace EventLedger.Bench;

/// <summary>Resident memory of each process as the ledger grows to a million entries. Takes long: EVENTS=200000 ./bench memory shortens it.</summary>
internal static class MemoryScenario
{
    private const int Step = 50_000;

    public static async Task Run()
    {
        var events = int.Parse(Environment.GetEnvironmentVariable("EVENTS") ?? "1000000", CultureInfo.InvariantCulture);
        await using var ledger = await LedgerUnderTest.Start(sources: 32);
        var client = ledger.Client(4);
        Console.WriteLine("entries     resident memory, MB");
        for (var sent = 0; sent < events; sent += Step)
        {
            var before = (await client.Get("/ledger/v1/head"))["size"]!.GetValue<long>();
            await foreach (var _ in client.SubmitMany(ledger.Sign($"memory-{sent}", Step).ToAsyncEnumerable()))
            {
            }
            await LedgerUnderTest.Sealed(client, before + Step);
            Print(ledger, sent + Step, "");
        }
        for (var rest = 0; rest < 3; rest++)
        {
            await Task.Delay(TimeSpan.FromSeconds(20));
            Print(ledger, events, string.Create(CultureInfo.InvariantCulture, $"  at rest, {20 * (rest + 1)} s"));
        }
    }

    private static void Print(LedgerUnderTest ledger, int entries, string note)
    {
        var lines = ledger.Memory().Where(p => p.Name is "host" or "validator").OrderBy(p => p.Name)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name} {p.Megabytes:F0}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entries,9:N0}   {string.Join("  ", lines)}{note}"));
    }
}
