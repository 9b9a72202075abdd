using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Bench;

/// <summary>A whole ledger of its own, started by ./run: PostgreSQL, four validators and the host, with sources that may submit.</summary>
internal sealed class LedgerUnderTest : IAsyncDisposable
{
    private readonly Process run;
    private readonly DirectoryInfo data;

    private LedgerUnderTest(Process run, DirectoryInfo data, Uri url) => (this.run, this.data, Url) = (run, data, url);

    public Uri Url { get; }

    public List<RecordSigner> Sources { get; } = [];

    /// <summary>A format with four public fields and no life cycle.</summary>
    public static JsonObject Format => (JsonObject)JsonNode.Parse("""
        {"id":"reading","version":1,"title":"Reading","lifecycle":false,"key":["device","number"],
         "schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
          "properties":{"device":{"type":"string","maxLength":40},"number":{"type":"integer"},"value":{"type":"string","maxLength":40},"place":{"type":"string","maxLength":80}},
          "required":["device","number","value"]},
         "classification":{"device":"public","number":"public","value":"public","place":"public"}}
        """)!;

    public static async Task<LedgerUnderTest> Start(int sources, JsonObject? format = null)
    {
        var root = Root();
        var data = Directory.CreateTempSubdirectory("ledger-bench-");
        // PostgreSQL runs as another user and must be able to pass through.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(data.FullName, (UnixFileMode)0b111_101_101);
        }
        var port = FreePort();
        var start = new ProcessStartInfo(Path.Combine(root, "run"), ["--empty", "--port", $"{port}", "--data", data.FullName]) { RedirectStandardOutput = true };
        start.Environment.Remove("ConnectionStrings__Ledger");
        var run = Process.Start(start)!;
        while (await run.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                _ = run.StandardOutput.ReadToEndAsync();
                var ledger = new LedgerUnderTest(run, data, new($"http://localhost:{port}"));
                await ledger.Admit(sources, format ?? Format);
                return ledger;
            }
        }
        throw new InvalidOperationException($"./run ended before it was ready; see {data.FullName}/log.");
    }

    public LedgerClient Client(int connections = 1) => new(new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false })
    {
        BaseAddress = Url, Timeout = TimeSpan.FromMinutes(10),
    });

    /// <summary>Signs records of one series; no two series may have the same name.</summary>
    public string[] Sign(string series, int count)
    {
        var now = LedgerTime.From(DateTimeOffset.UtcNow);
        var records = new string[count];
        Parallel.For(0, count, i => records[i] = Sources[i % Sources.Count].Sign(new()
        {
            ["device"] = series, ["number"] = i, ["value"] = string.Create(CultureInfo.InvariantCulture, $"{i % 97}.5"), ["place"] = "Pier 39, north side",
        }, $"{series}-{i}", now));
        return records;
    }

    /// <summary>How to reach the ledger's own database.</summary>
    public string Connection => File.ReadAllText(Path.Combine(data.FullName, "connection")).Trim();

    /// <summary>Binds a new supervisor, signed by both operators, and gives a token for the live feed.</summary>
    public async Task<string> SupervisorToken()
    {
        var client = Client();
        var chain = (await client.Genesis()).Chain;
        using var one = Keys.Load(Path.Combine(data.FullName, "operators", "operator-1.json"));
        using var two = Keys.Load(Path.Combine(data.FullName, "operators", "operator-2.json"));
        using var key = Keys.Generate(KeyPurpose.Operator);
        var pseudonym = B64.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        await client.Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym),
            new() { ["jwk"] = key.Public.ToJson(), ["kind"] = "cli", ["pseudonym"] = pseudonym, ["role"] = Role.Supervisor }, 0, chain, Now, [one, two]);
        return await client.EnterV2M(key);
    }

    /// <summary>The secret of a session of one of the operators, as the portal's cookie holds it.</summary>
    public async Task<string> Session()
    {
        var client = Client();
        using var key = Keys.Load(Path.Combine(data.FullName, "operators", "operator-1.json"));
        return (await client.BeginSession(key, (await client.Genesis()).Chain))["session"]!.GetValue<string>();
    }

    /// <summary>Waits until so many entries are sealed.</summary>
    public static async Task Sealed(LedgerClient client, long size)
    {
        while ((await client.Get("/ledger/v1/head"))["size"]!.GetValue<long>() < size)
        {
            await Task.Delay(10);
        }
    }

    /// <summary>CPU time of all processes of the ledger so far, by name.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Cpu() => Processes().GroupBy(p => p.Name).ToDictionary(g => g.Key, g => TimeSpan.FromMilliseconds(g.Sum(p => p.CpuMs)));

    /// <summary>Resident memory of each process in MB.</summary>
    public IReadOnlyList<(string Name, double Megabytes)> Memory() => [.. Processes().Select(p => (p.Name, p.Megabytes))];

    public async ValueTask DisposeAsync()
    {
        using (Process.Start("kill", ["-TERM", $"{run.Id}"]))
        {
            await run.WaitForExitAsync();
        }
        data.Delete(recursive: true);
    }

    private async Task Admit(int sources, JsonObject format)
    {
        var client = Client();
        var chain = (await client.Genesis()).Chain;
        using var person = Keys.Load(Path.Combine(data.FullName, "operators", "operator-1.json"));
        await client.Control(EventTable.FormatRegistered, EventTable.FormatStream(format["id"]!.GetValue<string>()), new() { ["format"] = format.DeepClone() }, 0, chain, Now, [person]);
        for (var i = 0; i < sources; i++)
        {
            var key = Keys.Generate(KeyPurpose.Record);
            var iss = string.Create(CultureInfo.InvariantCulture, $"https://device-{i}.example");
            var request = SourceRequest.Create(key, iss, $"Device {i}", chain, Now);
            await client.Control(EventTable.SourceApproved, EventTable.SourceStream(iss), new() { ["request"] = request }, 0, chain, Now, [person]);
            Sources.Add(new(key, iss, chain, Url, format));
        }
        await Sealed(client, (await client.Get("/ledger/v1/head"))["size"]!.GetValue<long>());
    }

    private static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    // The processes that ./run started, by walking up from each to its parent.
    private IEnumerable<(string Name, double CpuMs, double Megabytes)> Processes()
    {
        var all = new Dictionary<int, (int Parent, string Name, double CpuMs, double Megabytes)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(directory, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var command = File.ReadAllText(Path.Combine(directory, "cmdline"));
                const double tickMs = 10, pageMb = 4096 / 1e6;
                all[int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture)] = (int.Parse(fields[1], CultureInfo.InvariantCulture), NameOf(command),
                    (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * tickMs,
                    long.Parse(fields[21], CultureInfo.InvariantCulture) * pageMb);
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }
        foreach (var (id, process) in all)
        {
            for (var at = id; all.TryGetValue(at, out var p); at = p.Parent)
            {
                if (p.Parent == run.Id)
                {
                    yield return (process.Name, process.CpuMs, process.Megabytes);
                    break;
                }
            }
        }
    }

    private static string NameOf(string command) =>
        command.Contains("EventLedger.Web", StringComparison.Ordinal) ? "host"
        : command.Contains("EventLedger.Validator", StringComparison.Ordinal) ? "validator"
        : command.Contains("postgres", StringComparison.Ordinal) ? "postgres" : "other";

    /// <summary>The repository that this program was built in.</summary>
    public static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "EventLedger.sln")))
            {
                return at.FullName;
            }
        }
        throw new DirectoryNotFoundException("EventLedger.sln is not above this program.");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
