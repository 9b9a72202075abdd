using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Client;

namespace EventLedger.Bench;

/// <summary>
/// A thousand subscribers of the live feed while records come in: how long until all have seen a record and its seal, beside the time that sealing takes by
/// itself. Every tenth subscriber is cut off twice and goes on, one does not read until the end; each must have seen every entry once and in order.
/// </summary>
internal static class HubScenario
{
    private const int Subscribers = 1000, PerSecond = 50, Seconds = 20;

    private static readonly JsonObject Everything = new() { ["kinds"] = new JsonArray("event", "block") };

    public static async Task Run()
    {
        await using var ledger = await LedgerUnderTest.Start(sources: 8);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = ledger.Url };
        Print("submit to sealed, nobody watches", (await Submit(ledger, http, "alone")).Sealed);

        var token = await ledger.SupervisorToken();
        var head = await ledger.Client().Get("/ledger/v1/head");
        var start = new LivePlace(head["size"]!.GetValue<long>(), head["height"]!.GetValue<long>());
        var last = start.Seq + PerSecond * Seconds;
        using var stop = new CancellationTokenSource();
        var connected = new CountdownEvent(Subscribers + 1);
        var watching = Enumerable.Range(0, Subscribers).Select(i => Task.Run(() => Watch(ledger.Url, token, start, last, cuts: i % 10 == 0 ? 2 : 0, connected, stop.Token))).ToList();
        var deaf = new Deaf(ledger.Url, token, start, connected);
        await Task.Run(() => connected.Wait());
        var (sent, seal) = await Submit(ledger, http, "watched");
        var seen = await Task.WhenAll(watching);
        Print("submit to sealed, a thousand watch", seal);
        Print("submit to seen by a subscriber", [.. seen.SelectMany(s => s.Entries.Select(e => Ms(sent[(int)(e.Key - start.Seq - 1)], e.Value)))]);
        Print("submit to seal seen by a subscriber", [.. seen.SelectMany(s => s.Entries.Keys.Select(seq => Ms(sent[(int)(seq - start.Seq - 1)], s.SealOf(seq))))]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{seen.Length} subscribers saw {last - start.Seq} entries each, in order, none lost and none twice; {seen.Sum(s => s.Cuts)} connections were cut on the way"));
        var late = await deaf.ReadAll(last);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one that read nothing until the end then read {late} entries in order"));
        await stop.CancelAsync();
    }

    private static double Ms(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    private static void Print(string name, double[] ms)
    {
        Array.Sort(ms);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-50} p50 {ms[ms.Length / 2],8:F2} ms   p99 {ms[ms.Length * 99 / 100],8:F2} ms   max {ms[^1],8:F2} ms   n {ms.Length}"));
    }

    // Open loop; the time when each entry left by its place in the ledger, and how long each took to its seal.
    private static async Task<(List<long> Sent, double[] Sealed)> Submit(LedgerUnderTest ledger, HttpClient http, string series)
    {
        var records = ledger.Sign(series, PerSecond * Seconds);
        var pending = new List<Task<(long Seq, long Sent, double Ms)>>(records.Length);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < records.Length; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }
            pending.Add(One(http, records[i]));
        }
        var all = (await Task.WhenAll(pending)).OrderBy(p => p.Seq).ToList();
        return ([.. all.Select(p => p.Sent)], [.. all.Select(p => p.Ms)]);
    }

    private static async Task<(long Seq, long Sent, double Ms)> One(HttpClient http, string record)
    {
        var sent = Stopwatch.GetTimestamp();
        using var content = new StringContent(record, Encoding.ASCII);
        content.Headers.ContentType = new(LedgerClient.RecordType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/r2d/v1/submissions", UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Prefer", "wait=30, return=minimal");
        using var response = await http.SendAsync(request);
        var ms = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
        return response.StatusCode == System.Net.HttpStatusCode.Created && response.Headers.Location?.OriginalString.Split('/')[^1] is { } seq
            ? (long.Parse(seq, CultureInfo.InvariantCulture), sent, ms)
            : throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    private static async Task<Seen> Watch(Uri url, string token, LivePlace from, long last, int cuts, CountdownEvent connected, CancellationToken stop)
    {
        var seen = new Seen();
        var (at, sealedTo, isCounted) = (from, 0L, false);
        while (at.Seq < last || sealedTo < last)
        {
            await using var connection = await LiveConnection.Open(url, token, stop);
            if (!isCounted)
            {
                (isCounted, _) = (true, connected.Signal());
            }
            await foreach (var batch in connection.Follow(Everything, at, stop))
            {
                var now = Stopwatch.GetTimestamp();
                foreach (var item in batch.Items)
                {
                    if (item.GetProperty("kind").ValueEquals("block"))
                    {
                        sealedTo = item.GetProperty("size").GetInt64();
                        seen.Seals.Add((sealedTo, now));
                    }
                    else if (item.GetProperty("seq").GetInt64() is var seq && seq == from.Seq + seen.Entries.Count + 1)
                    {
                        seen.Entries.Add(seq, now);
                    }
                    else
                    {
                        throw new InvalidOperationException($"Entry {seq} came where {from.Seq + seen.Entries.Count + 1} was due.");
                    }
                }
                at = batch.Place;
                if (seen.Cuts < cuts && seen.Entries.Count > (last - from.Seq) * (seen.Cuts + 1) / 3)
                {
                    seen.Cuts++;
                    connection.Abort();
                    break;
                }
                if (at.Seq >= last && sealedTo >= last)
                {
                    break;
                }
            }
        }
        return seen;
    }

    private sealed class Seen
    {
        public Dictionary<long, long> Entries { get; } = [];

        public List<(long Size, long At)> Seals { get; } = [];

        public int Cuts { get; set; }

        public long SealOf(long seq) => Seals.Find(s => s.Size >= seq).At;
    }

    // Asks for everything with all bytes, takes the first message, and then does not read.
    private sealed class Deaf(Uri url, string token, LivePlace from, CountdownEvent connected)
    {
        private readonly Task<IAsyncEnumerator<LiveBatch>> feed = Open(url, token, from, connected);

        public async Task<long> ReadAll(long last)
        {
            var batches = await feed;
            var at = from.Seq;
            do
            {
                foreach (var item in batches.Current.Items)
                {
                    at = item.GetProperty("seq").GetInt64() is var seq && seq == at + 1 ? seq : throw new InvalidOperationException($"Entry {seq} came where {at + 1} was due.");
                }
            }
            while (at < last && await batches.MoveNextAsync());
            await batches.DisposeAsync();
            return at - from.Seq;
        }

        private static async Task<IAsyncEnumerator<LiveBatch>> Open(Uri url, string token, LivePlace from, CountdownEvent connected)
        {
            var connection = await LiveConnection.Open(url, token);
            var batches = connection.Follow(new() { ["kinds"] = new JsonArray("event"), ["entries"] = true }, from).GetAsyncEnumerator();
            connected.Signal();
            await batches.MoveNextAsync();
            return batches;
        }
    }
}
