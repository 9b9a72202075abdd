using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Client;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Wire;

namespace EventLedger.Conformance.Faults;

/// <summary>Follows the blocks of every validator behind the proxies' back: when each height came first, and whether two validators ever differ at one.</summary>
internal sealed class BlockWatch : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<long, (Digest Hash, string By)> blocks = [];
    private readonly ConcurrentQueue<string> forks = [];
    private readonly X509Certificate2 own;
    private readonly ValidatorClient[] gateways;
    private readonly long[] heights;
    private readonly Task following;
    private readonly Lock gate = new();
    private readonly List<(long Height, long At)> sealedAt = [];

    public BlockWatch(TestLedger ledger, Layout layout)
    {
        using var key = ECDsa.Create(Keys.Load(Path.Combine(ledger.Data, "host", "transport.json")).Export());
        own = TransportCertificate.Create(key);
        gateways = [.. ledger.Genesis.Validators.Select((v, i) => new ValidatorClient(v with { Address = layout.Listen(i + 1) }, own))];
        heights = new long[gateways.Length];
        following = Task.WhenAll(Enumerable.Range(0, gateways.Length).Select(i => Task.Run(() => Follow(i))));
    }

    /// <summary>Now, in ms, on the clock of all times given here.</summary>
    public static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    /// <summary>Two different blocks at one height, in words; none on a ledger that holds.</summary>
    public IReadOnlyCollection<string> Forks => forks;

    /// <summary>The newest height that any validator has.</summary>
    public long Height => heights.Max();

    /// <summary>The newest height that this validator, from 1, was seen to have.</summary>
    public long HeightOf(int n) => Interlocked.Read(ref heights[n - 1]);

    /// <summary>When the first new height after a moment came, in ms; null when none has yet.</summary>
    public long? FirstAfter(long at)
    {
        lock (gate)
        {
            return sealedAt.FindIndex(s => s.At > at) is >= 0 and var i ? sealedAt[i].At : null;
        }
    }

    /// <summary>The longest time without a new height between two moments, in ms.</summary>
    public long LongestGap(long from, long to)
    {
        lock (gate)
        {
            long[] times = [from, .. sealedAt.Select(s => s.At).Where(at => at > from && at < to), to];
            return times.Zip(times.Skip(1), (a, b) => b - a).Max();
        }
    }

    /// <summary>What a validator says of itself; null when it does not answer.</summary>
    public async Task<HealthReply?> Health(int n)
    {
        try
        {
            return await gateways[n - 1].Health(stopping.Token);
        }
        catch (Exception e) when (ValidatorClient.IsAway(e))
        {
            return null;
        }
    }

    /// <summary>Reads the whole chain of one validator again, now with its entries.</summary>
    public IAsyncEnumerable<Block> Chain(int n) => gateways[n - 1].Blocks(new() { FromHeight = 1, WithItems = true }, stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var gateway in gateways)
        {
            gateway.Dispose();
        }
        own.Dispose();
        stopping.Dispose();
    }

    private async Task Follow(int i)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var block in gateways[i].Blocks(new() { FromHeight = heights[i] + 1, Follow = true }, stopping.Token))
                {
                    See(i, block);
                }
            }
            catch (Exception e) when (ValidatorClient.IsAway(e))
            {
                // It is away, and asked again.
            }
            await Task.Delay(RetryAfter, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void See(int i, Block block)
    {
        var hash = Digest.Of(block.Header.Span);
        var name = gateways[i].Validator.Name;
        var first = blocks.GetOrAdd(block.Height, (hash, name));
        if (first.Hash != hash)
        {
            forks.Enqueue($"height {block.Height}: {first.By} has {first.Hash}, {name} has {hash}");
        }
        Interlocked.Exchange(ref heights[i], block.Height);
        if (first == (hash, name))
        {
            lock (gate)
            {
                sealedAt.Add((block.Height, Now));
            }
        }
    }
}
