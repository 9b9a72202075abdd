using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace EventLedger.Conformance.Support;

/// <summary>How many validators there are, where each is reached, where it listens, and within which room its process runs.</summary>
/// <param name="Validators">How many, from 1.</param>
/// <param name="Address">host:port that genesis names for a validator, counted from 1.</param>
/// <param name="Listen">host:port where it listens: another one, when something stands between.</param>
/// <param name="Within">The command that its process is started by; none as a rule.</param>
internal sealed record Layout(int Validators, Func<int, string> Address, Func<int, string> Listen, Func<int, string[]> Within)
{
    private int? demoPort;

    /// <summary>Process id of each validator that was started last, counted from 1; 0 is the host.</summary>
    public ConcurrentDictionary<int, int> Pids { get; } = [];

    /// <summary>Four validators on this machine with nothing between them, as <c>ledger genesis --demo</c> makes them.</summary>
    public static Layout Plain()
    {
        var first = FreePorts(4);
        return new(4, n => Loopback(first + n - 1), n => Loopback(first + n - 1), _ => []) { demoPort = first };
    }

    public static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>The first of so many ports that nobody listens on, below the range that the system gives to outgoing connections.</summary>
    public static int FreePorts(int count)
    {
        while (true)
        {
            var first = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }
    }

    /// <summary>Makes all keys and the genesis file by the command line, as founders do.</summary>
    public async Task Found(TestLedger ledger)
    {
        if (demoPort is { } port)
        {
            await ledger.MustRun("genesis", "--demo", "--out", ledger.Data, "--first-port", port.ToString(CultureInfo.InvariantCulture));
            return;
        }
        var (data, host) = (ledger.Data, Path.Combine(ledger.Data, "host"));
        var operators = Enumerable.Range(1, 2).Select(n => Path.Combine(data, "operators", $"operator-{n}.json")).ToList();
        var all = Enumerable.Range(1, Validators).ToList();
        await Task.WhenAll(all.Select(n => ledger.MustRun("keygen", "--validator", $"validator-{n}", "--address", Address(n), "--out", ledger.ValidatorFolder(n)))
            .Concat(operators.Select(file => ledger.MustRun("keygen", "--operator", "--out", file)))
            .Append(ledger.MustRun("keygen", "--host", "host-1", "--out", host)));
        await ledger.MustRun(["genesis", "--out", ledger.GenesisFile, "--host", Path.Combine(host, "public.json"),
            .. operators.SelectMany(file => new[] { "--operator", Path.ChangeExtension(file, ".public.json") }),
            .. all.SelectMany(n => new[] { "--validator", Path.Combine(ledger.ValidatorFolder(n), "public.json") })]);
        Directory.CreateDirectory(Path.Combine(data, "vault"));
        foreach (var n in all)
        {
            File.Copy(ledger.GenesisFile, Path.Combine(ledger.ValidatorFolder(n), "genesis.json"));
            await File.WriteAllTextAsync(Path.Combine(ledger.ValidatorFolder(n), "validator.json"),
                new JsonObject { ["name"] = $"validator-{n}", ["listen"] = Listen(n) }.ToJsonString());
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
