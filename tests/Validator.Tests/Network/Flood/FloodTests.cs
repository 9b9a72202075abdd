using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;

namespace EventLedger.Validator.Tests.Network.Flood;

/// <summary>
/// Three honest validators as processes of their own; the fourth is an attacker who holds its keys. Calm and flood take turns, so that whatever else
/// this machine does falls on both alike.
/// </summary>
public sealed class FloodTests
{
    private const long GrowthKibMax = 64 << 10;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("EVENTLEDGER_FULL") == "1";
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(IsFull ? 6 : 1.5), WarmUp = TimeSpan.FromSeconds(IsFull ? 15 : 5);

    // The deaf validator's turn to propose comes once in 256 heights, and costs all a timeout of over a second: short turns share it out.
    private const int Turns = 5;

    [Fact]
    public async Task A_flood_from_one_peer_costs_bounded_memory_and_at_most_half_of_the_heights()
    {
        await using var net = new TestNetwork();
        var (honest, hostile) = (net.Genesis.Validators.Take(3).ToList(), net.Genesis.Validators[3]);
        SigningKey.TryParse(File.ReadAllBytes(Path.Combine(net.DirectoryOf(3), "keys", "transport.json")), out var key).ShouldBeTrue();
        using var own = TransportCertificate.Create(ECDsa.Create(key!.Export()));
        await using var listener = await DeafListener.Start(IPEndPoint.Parse(hostile.Address), own);
        using var first = await ValidatorProcess.Start(net, 0);
        using var second = await ValidatorProcess.Start(net, 1);
        using var third = await ValidatorProcess.Start(net, 2);
        ValidatorProcess[] processes = [first, second, third];
        await using var load = new SteadyLoad(net, honest);
        var attacker = new Attacker(own, [.. honest.Select(v => new PeerAddress(v.Member.Kid, [v.Address], [v.Member.Keys[KeyPurpose.Transport].Kid]))]);
        await load.Count(WarmUp);
        var before = processes.Select(p => p.ResidentKib).ToArray();
        var (calm, flood, growth) = (0L, 0L, 0L);
        foreach (var (name, next) in new Floods(net, hostile.Member.Kid, () => load.Height).All)
        {
            var (bytes, streams) = (attacker.Bytes, attacker.Streams);
            var (quiet, under, quietMs, floodMs, grown) = (0L, 0L, 0L, 0L, 0L);
            for (var turn = 0; turn < Turns; turn++)
            {
                var cpu = processes.Sum(p => p.CpuMs);
                quiet += await load.Count(Span / Turns);
                var between = processes.Sum(p => p.CpuMs);
                using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
                var flooding = attacker.Flood(next, ending.Token);
                under += await load.Count(Span / Turns);
                (quietMs, floodMs) = (quietMs + between - cpu, floodMs + processes.Sum(p => p.CpuMs) - between);
                grown = Math.Max(grown, processes.Select((p, i) => p.ResidentKib - before[i]).Max());
                await ending.CancelAsync();
                await flooding;
            }
            (calm, flood, growth) = (calm + quiet, flood + under, Math.Max(growth, grown));
            Tell($"{name}: {quiet} heights calm with {quietMs} ms of a core, {under} flooded with {floodMs} ms, in {Span.TotalSeconds} s each; {(attacker.Bytes - bytes) >> 10} KiB in {attacker.Streams - streams} streams; memory +{grown >> 10} MiB");
        }
        foreach (var health in await load.Health())
        {
            var s = health.Standings.Single(s => s.Kid == hostile.Member.Kid);
            Tell(string.Create(CultureInfo.InvariantCulture, $"{health.Name} at {health.Height}: {s}"));
            health.Standings.Where(other => other.Kid != hostile.Member.Kid).ShouldAllBe(other => other.Trust == 100 && other.Closings == 0 && other.Forged + other.Unasked + other.Malformed == 0);
        }
        Tell($"{calm} heights calm, {flood} flooded; memory +{growth >> 10} MiB at most");
        processes.ShouldAllBe(p => !p.HasEnded);
        growth.ShouldBeLessThan(GrowthKibMax);
        (2 * flood).ShouldBeGreaterThanOrEqualTo(calm);
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
