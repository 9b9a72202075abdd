using System.Collections.Concurrent;
using EventLedger.Conformance.Support;

namespace EventLedger.Conformance.Faults;

/// <summary>Writers that submit individually signed records without end and keep what the host promised them.</summary>
/// <param name="source">Whose records.</param>
/// <param name="writers">How many at once.</param>
/// <param name="perSecond">Records per second that all of them together aim at; 0 for as many as the host takes.</param>
internal sealed class Load(Agency source, int writers, int perSecond)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<long, string> receipts = [];
    private long tried;
    private int refused;

    /// <summary>Leaf by seq of every receipt.</summary>
    public IReadOnlyDictionary<long, string> Receipts => receipts;

    /// <summary>How often the host did not take a record at once.</summary>
    public int Refused => refused;

    /// <summary>Runs until it is stopped; a record that was begun is brought to its receipt.</summary>
    public Task Run(CancellationToken stop) => Task.WhenAll(Enumerable.Range(1, writers).Select(_ => Task.Run(() => Write(stop))));

    private async Task Write(CancellationToken stop)
    {
        var begun = BlockWatch.Now;
        while (!stop.IsCancellationRequested)
        {
            var n = Interlocked.Increment(ref tried);
            var early = perSecond > 0 ? (n * 1000 / perSecond) - (BlockWatch.Now - begun) : 0;
            if (early > 0)
            {
                await Task.Delay((int)early, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await Submit(source.Licence($"F-{n}"));
        }
    }

    // The same record again is the same submission: an answer that was lost does not make two of it.
    private async Task Submit(string record)
    {
        while (true)
        {
            try
            {
                var (status, body) = await source.Submit(record);
                if (status is 202)
                {
                    var receipt = body["receipt"]!["body"]!;
                    var leaf = receipt["leaf"]!.GetValue<string>();
                    receipts.GetOrAdd(receipt["seq"]!.GetValue<long>(), leaf).ShouldBe(leaf);
                    return;
                }
                status.ShouldBeOneOf(429, 500, 502, 503);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or System.Text.Json.JsonException)
            {
                // The host is away.
            }
            Interlocked.Increment(ref refused);
            await Task.Delay(RetryAfter);
        }
    }
}
