using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Bench;

/// <summary>
/// A register of a million licences, entered as sources enter them: one licence by its number at 500 requests a second, and the first page of a list beside the ten
/// thousandth, and the portal's table. EVENTS=100000 ./bench query shortens the filling.
/// </summary>
internal static class QueryScenario
{
    private const int Step = 50_000, PerSecond = 500, Seconds = 20, Connections = 16, PageLimit = 20, DeepPage = 10_000, PageRounds = 15;

    // What one lookup takes at least: the newest record of the number, its changes of status and its block.
    private const string Floor = """
        select s.*, b.height, b.time from view_provisioning.shown s
        join lateral (select height, time from ledger_blocks where size >= s.seq order by size, height limit 1) b on true
        where s.number = $1 order by s.seq desc limit 1
        """;

    private static JsonObject Format => (JsonObject)JsonNode.Parse("""
        {"id":"licence","version":1,"title":"Licence","lifecycle":true,"key":["number"],
         "schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"required":["number"],
          "properties":{"number":{"type":"string","maxLength":40},"kind":{"type":"string","maxLength":40},"seats":{"type":"integer"},"opened":{"type":"string","format":"date"}}},
         "classification":{"number":"public","kind":"public","seats":"public","opened":"public"}}
        """)!;

    public static async Task Run()
    {
        var records = int.Parse(Environment.GetEnvironmentVariable("EVENTS") ?? "1000000", CultureInfo.InvariantCulture);
        await using var ledger = await LedgerUnderTest.Start(sources: 8, Format);
        await Fill(ledger, records);
        await using var database = NpgsqlDataSource.Create(ledger.Connection);
        await Execute(database, "vacuum analyze view_provisioning.records");
        await Lookups(ledger, database, records);
        await Pages(ledger, records);
        await GridScenario.Run(ledger, records);
    }

    private static async Task Fill(LedgerUnderTest ledger, int records)
    {
        var client = ledger.Client(4);
        var started = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < records; sent += Step)
        {
            var lines = new string[Math.Min(Step, records - sent)];
            var (first, now) = (sent, LedgerTime.From(DateTimeOffset.UtcNow));
            Parallel.For(0, lines.Length, i => lines[i] = Licence(ledger, first + i, now));
            var before = (await client.Get("/ledger/v1/head"))["size"]!.GetValue<long>();
            await foreach (var _ in client.SubmitMany(lines.ToAsyncEnumerable()))
            {
            }
            await LedgerUnderTest.Sealed(client, before + lines.Length);
        }
        // A list waits for the tables, so its total says that they hold everything.
        while ((await client.Get("/u2s/v1/records?state=sealed&limit=1"))["total"]!.GetValue<long>() < records)
        {
            await Task.Delay(100);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{records:N0} licences submitted, sealed and in the tables after {Stopwatch.GetElapsedTime(started).TotalSeconds:N0} s"));
    }

    private static string Licence(LedgerUnderTest ledger, int i, LedgerTime now)
    {
        var fields = new JsonObject
        {
            ["number"] = Number(i), ["kind"] = string.Create(CultureInfo.InvariantCulture, $"kind {i % 50}"), ["seats"] = i % 1000,
            ["opened"] = new DateOnly(2000, 1, 1).AddDays(i % 9000).ToString("O", CultureInfo.InvariantCulture),
        };
        return ledger.Sources[i % ledger.Sources.Count].Sign(fields, string.Create(CultureInfo.InvariantCulture, $"licence-{i}"), now, statusIndex: i / ledger.Sources.Count);
    }

    private static string Number(int i) => string.Create(CultureInfo.InvariantCulture, $"L-{i:0000000}");

    private static async Task Lookups(LedgerUnderTest ledger, NpgsqlDataSource database, int records)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections, UseProxy = false }) { BaseAddress = ledger.Url };
        await using var connection = await database.OpenConnectionAsync();
        await using var floor = new NpgsqlCommand(Floor, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = "" } } };
        await floor.PrepareAsync();
        // Both sides warm up on other numbers than they are measured with.
        await Drive(i => Ask(http, (i * 7919) % records), PerSecond, 5);
        for (var i = 0; i < 2000; i++)
        {
            await Select(floor, (i * 104_729) % records);
        }
        var direct = new List<TimeSpan>();
        for (var i = 0; i < 5000; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await Select(floor, (int)((i * 15_485_863L) % records));
            direct.Add(Stopwatch.GetElapsedTime(began));
        }
        var times = await Drive(i => Ask(http, (int)((i * 32_452_843L) % records)), PerSecond, Seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nquery: one licence by its number, {records:N0} records, {PerSecond} requests/s for {Seconds} s over HTTP"));
        Console.WriteLine($"{"",-44} {"p50, ms",9} {"p99, ms",9} {"target",8}");
        Line("the SELECT alone, one prepared connection", direct, "");
        Line("GET /u2s/v1/licences/{number}", times, "p99 < 10");
    }

    private static async Task Pages(LedgerUnderTest ledger, int records)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = ledger.Url };
        // Ids are places in the ledger, so the page after a place is what a reader comes to by walking there.
        var deep = Math.Min(DeepPage, records / PageLimit - 1) * (long)PageLimit;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nquery: a page of {PageLimit} records, the first and that after {deep:N0} records"));
        Console.WriteLine($"{"",-44} {"first, ms",9} {"deep, ms",9}");
        await Compare("GET /u2s/v1/records", after => http.GetAsync(new Uri($"/u2s/v1/records?limit={PageLimit}&after={after}", UriKind.Relative)));
        await Compare("query: kind = one of fifty", after => Post(http, after, """{"field":"kind","op":"eq","value":"kind 7"}"""));
        await Compare("query: seats >= 500", after => Post(http, after, """{"field":"seats","op":"ge","value":500}"""));

        async Task Compare(string name, Func<long, Task<HttpResponseMessage>> ask)
        {
            var (first, last) = (new List<TimeSpan>(), new List<TimeSpan>());
            for (var round = 0; round <= PageRounds; round++)
            {
                var (a, b) = (await Timed(ask(0)), await Timed(ask(deep)));
                if (round > 0)
                {
                    first.Add(a);
                    last.Add(b);
                }
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {Part(first, 0.5),9:N2} {Part(last, 0.5),9:N2}"));
        }
    }

    private static async Task<HttpResponseMessage> Post(HttpClient http, long after, string condition)
    {
        using var head = await http.GetAsync(new Uri("/ledger/v1/head", UriKind.Relative));
        var height = JsonNode.Parse(await head.Content.ReadAsStringAsync())!["height"]!.GetValue<long>();
        using var body = new StringContent($$"""{"from":{"format":"licence","where":[{{condition}}]},"limit":{{PageLimit}},"after":"{{height}}-{{after}}-0"}""", System.Text.Encoding.UTF8, "application/json");
        return await http.PostAsync(new Uri("/u2s/v1/query", UriKind.Relative), body);
    }

    private static async Task<TimeSpan> Timed(Task<HttpResponseMessage> asked)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await asked;
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(began);
    }

    // Requests start by the clock, whether or not earlier ones are done: a slow answer does not slow the asking, and the wait for a connection counts. What the
    // clock itself is late by does not.
    private static async Task<List<TimeSpan>> Drive(Func<int, Task> ask, int perSecond, int seconds)
    {
        var times = new ConcurrentBag<TimeSpan>();
        var running = new List<Task>(perSecond * seconds);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < perSecond * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < due)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1));
            }
            var (n, sent) = (i, Stopwatch.GetTimestamp());
            running.Add(Task.Run(async () =>
            {
                await ask(n);
                times.Add(Stopwatch.GetElapsedTime(sent));
            }));
        }
        await Task.WhenAll(running);
        return [.. times];
    }

    private static async Task Ask(HttpClient http, int i)
    {
        using var answer = await http.GetAsync(new Uri($"/u2s/v1/licences/{Number(i)}", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task Select(NpgsqlCommand floor, int i)
    {
        ((NpgsqlParameter<string>)floor.Parameters[0]).TypedValue = Number(i);
        await using var row = await floor.ExecuteReaderAsync();
        if (!await row.ReadAsync())
        {
            throw new InvalidOperationException($"{Number(i)} is not in the tables.");
        }
    }

    private static void Line(string name, List<TimeSpan> times, string target) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{name,-44} {Part(times, 0.5),9:N2} {Part(times, 0.99),9:N2} {target,8}"));

    private static double Part(List<TimeSpan> times, double part) => times.Order().ElementAt((int)(part * (times.Count - 1))).TotalMilliseconds;

    private static async Task Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
