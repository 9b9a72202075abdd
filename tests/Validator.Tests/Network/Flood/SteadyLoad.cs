using EventLedger.Domain.Ledger;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;

namespace EventLedger.Validator.Tests.Network.Flood;

/// <summary>A host that always has a next batch for the honest validators, and counts the heights that come of it.</summary>
public sealed class SteadyLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly ValidatorClient[] clients;
    private readonly TestNetwork net;
    private readonly Task running;
    private long height;

    public SteadyLoad(TestNetwork net, IEnumerable<GenesisValidator> validators)
    {
        this.net = net;
        clients = [.. validators.Select(v => new ValidatorClient(v, net.Host))];
        running = Task.Run(Run);
    }

    /// <summary>The newest height.</summary>
    public long Height => Interlocked.Read(ref height);

    /// <summary>Heights in a span of time.</summary>
    public async Task<long> Count(TimeSpan span)
    {
        var before = Height;
        await Task.Delay(span, TestContext.Current.CancellationToken);
        running.IsFaulted.ShouldBeFalse(running.Exception?.ToString());
        return Height - before;
    }

    /// <summary>What each validator says of itself.</summary>
    public async Task<IReadOnlyList<HealthReply>> Health() => await Task.WhenAll(clients.Select(c => c.Health(TestContext.Current.CancellationToken)));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in clients)
        {
            client.Dispose();
        }
        stopping.Dispose();
    }

    // The first block is large, so that whoever asks for it gets much.
    private async Task Run()
    {
        var size = 0L;
        await Hand(net.Entries(0, 3000));
        await foreach (var block in clients[0].Blocks(new BlocksRequest { FromHeight = 1, Follow = true }, stopping.Token))
        {
            Interlocked.Exchange(ref height, block.Height);
            size = BlockHeader.TryParse(block.Header.Memory, out var header) ? header.Size : size;
            await Hand(net.Entries(size, 4));
        }
    }

    private async Task Hand(IReadOnlyList<Entry> entries)
    {
        var frame = GrpcFrames.Encode(net.Batch(entries));
        // One that is a block behind fetches the batch from its peers.
        await Task.WhenAll(clients.Select(c => c.Call("SubmitBatch", frame, BatchReply.Parser, TimeSpan.FromSeconds(20), stopping.Token)));
    }
}
