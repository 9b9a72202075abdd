using EventLedger.Conformance.Support;
using EventLedger.Domain.Ledger;

namespace EventLedger.Conformance.Faults;

/// <summary>A ledger with a fault proxy before each validator, and its blocks under watch.</summary>
internal sealed class FaultLedger : IAsyncDisposable
{
    private readonly IReadOnlyList<FaultProxy> proxies;

    private FaultLedger(TestLedger ledger, Layout layout, Links links, IReadOnlyList<FaultProxy> proxies) =>
        (Ledger, Validators, Links, this.proxies, Watch) = (ledger, layout.Validators, links, proxies, new(ledger, layout));

    public TestLedger Ledger { get; }

    /// <summary>How many validators genesis names.</summary>
    public int Validators { get; }

    /// <summary>How many may be away while the others seal.</summary>
    public int FaultsMax => (Validators - 1) / 3;

    public Links Links { get; }

    public BlockWatch Watch { get; }

    /// <summary>Starts everything; some validators may stay away.</summary>
    public static async Task<FaultLedger> Start(int validators, Func<Genesis, IReadOnlyList<int>>? without = null)
    {
        var first = Layout.FreePorts(2 * validators);
        var layout = new Layout(validators, n => Layout.Loopback(first + n - 1), n => Layout.Loopback(first + validators + n - 1), _ => []);
        var links = new Links();
        List<FaultProxy> proxies = [.. Enumerable.Range(1, validators)
            .Select(n => new FaultProxy(n, first + n - 1, first + validators + n - 1, links, () => layout.Pids.Select(p => (p.Key, p.Value))))];
        try
        {
            return new(await TestLedger.Start(layout, without), layout, links, proxies);
        }
        catch
        {
            await Close(proxies);
            throw;
        }
    }

    /// <summary>Starts a ledger on a layout of its own, with nothing between the validators.</summary>
    public static async Task<FaultLedger> Start(Layout layout) => new(await TestLedger.Start(layout), layout, new(), []);

    /// <summary>Waits until every one of these validators votes and has all blocks that any had when this was called.</summary>
    public Task Whole(IEnumerable<int> which)
    {
        var height = Watch.Height;
        return Task.WhenAll(which.Select(n => Wait.Until($"validator {n} votes again and has block {height}",
            async () => await Watch.Health(n) is { Observing: false } said && said.Height >= height)));
    }

    /// <summary>Names the processes that ended although nobody ended them.</summary>
    public IEnumerable<string> Ended() => from n in Enumerable.Range(1, Validators)
                                          where Ledger.ProcessOf(n) is { IsRunning: false }
                                          select $"validator {n} ended with {Ledger.ProcessOf(n)!.ExitCode}: {Ledger.Said($"validator-{n}").Split('\n').TakeLast(12).Aggregate("", (a, b) => $"{a}\n{b}")}";

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        await Ledger.DisposeAsync();
        await Close(proxies);
    }

    private static async Task Close(IEnumerable<FaultProxy> proxies)
    {
        foreach (var proxy in proxies)
        {
            await proxy.DisposeAsync();
        }
    }
}
