using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EventLedger.Client;

namespace EventLedger.Bench;

/// <summary>Time from submitting a record to its seal, at 50 and at 500 records a second, beside one fsync and three loopback round trips.</summary>
internal static class LatencyScenario
{
    private const int Seconds = 20;

    public static async Task Run()
    {
        await using var ledger = await LedgerUnderTest.Start(sources: 8);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = ledger.Url };
        await At(ledger, http, "warm-up", 200);
        Print("one fsync of 4 KiB", Fsync());
        Print("three loopback round trips", await RoundTrips());
        Print("submit to sealed at 50/s (p99 goal: under 250)", await At(ledger, http, "slow", 50));
        Print("submit to sealed at 500/s (p50 goal: under 100)", await At(ledger, http, "fast", 500));
    }

    private static void Print(string name, double[] ms)
    {
        Array.Sort(ms);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-50} p50 {ms[ms.Length / 2],8:F2} ms   p99 {ms[ms.Length * 99 / 100],8:F2} ms   max {ms[^1],8:F2} ms   n {ms.Length}"));
    }

    // Open loop: a record leaves at its time, however long the ones before take.
    private static async Task<double[]> At(LedgerUnderTest ledger, HttpClient http, string series, int perSecond)
    {
        var records = ledger.Sign(series, perSecond * Seconds);
        var start = Stopwatch.GetTimestamp();
        var pending = new List<Task<double>>(records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond) - Stopwatch.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }
            pending.Add(One(http, records[i]));
        }
        return await Task.WhenAll(pending);
    }

    private static async Task<double> One(HttpClient http, string record)
    {
        var start = Stopwatch.GetTimestamp();
        using var content = new StringContent(record, Encoding.ASCII);
        content.Headers.ContentType = new(LedgerClient.RecordType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/r2d/v1/submissions", UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Prefer", "wait=30, return=minimal");
        using var response = await http.SendAsync(request);
        return response.StatusCode == HttpStatusCode.Created
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds
            : throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    private static double[] Fsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"ledger-bench-{Environment.ProcessId}");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        var block = new byte[4096];
        return [.. Enumerable.Range(0, 300).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            file.Write(block);
            file.Flush(flushToDisk: true);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        })];
    }

    private static async Task<double[]> RoundTrips()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptTcpClientAsync();
        server.NoDelay = true;
        var echo = Task.Run(async () =>
        {
            var buffer = new byte[1];
            while (await server.GetStream().ReadAsync(buffer) > 0)
            {
                await server.GetStream().WriteAsync(buffer);
            }
        });
        var one = new byte[1];
        var figures = new double[500];
        for (var i = 0; i < figures.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var trip = 0; trip < 3; trip++)
            {
                await client.GetStream().WriteAsync(one);
                await client.GetStream().ReadExactlyAsync(one);
            }
            figures[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        client.Close();
        await echo;
        return figures;
    }
}
