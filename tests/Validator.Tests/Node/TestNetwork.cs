using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Storage;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Tests.Node;

/// <summary>Real validators on loopback sockets with their own directories, and a host that hands them batches.</summary>
public sealed class TestNetwork : IAsyncDisposable
{
    private readonly TempDirectory directory = new();
    private readonly List<Dictionary<string, SigningKey>> keys;
    private readonly List<ValidatorServer?> servers;
    private readonly List<string> addresses;
    private readonly Dictionary<int, Dictionary<string, SigningKey>> rotated = [];
    private readonly SigningKey hostKey = NewKey(KeyPurpose.Transport), receiptKey = NewKey(KeyPurpose.Receipt);
    private readonly MerkleFrontier promised = new();
    private readonly X509Certificate2 host;
    private readonly Dictionary<int, HttpClient> submitters = [];

    public TestNetwork(int count = 4, TimeSpan age = default)
    {
        keys = [.. Enumerable.Range(0, count).Select(_ => NewKeys())];
        servers = [.. new ValidatorServer?[count]];
        addresses = [.. Enumerable.Range(0, count).Select(_ => $"127.0.0.1:{FreePort()}")];
        host = TransportCertificate.Create(ECDsa.Create(hostKey.Export()));
        var validators = keys.Select((k, i) => new GenesisValidator($"v{i + 1}", addresses[i], new(k[KeyPurpose.Consensus].Public, 1,
            k.Where(p => p.Key != KeyPurpose.Consensus).ToDictionary(p => p.Key, p => p.Value.Public)))).ToList();
        Operators = [NewKey(KeyPurpose.Operator), NewKey(KeyPurpose.Operator)];
        var file = Genesis.Write("test", LedgerTime.From(DateTimeOffset.UtcNow - age), new("localhost", [], new Dictionary<string, int>()), validators,
            [.. Operators.Select((k, i) => new GenesisOperator($"operator-{i}", k.Public))],
            [new("host", receiptKey.Public, NewKey(KeyPurpose.Status).Public, hostKey.Public)]);
        Genesis.TryParse(file, out var genesis).ShouldBeTrue();
        Genesis = genesis!;
        for (var i = 0; i < count; i++)
        {
            WriteFiles(i, file);
        }
    }

    public Genesis Genesis { get; }

    public IReadOnlyList<SigningKey> Operators { get; }

    public ValidatorServer this[int i] => servers[i]!;

    public SigningKey KeyOf(string kid) => keys.Single(k => k[KeyPurpose.Consensus].Public.Kid == kid)[KeyPurpose.Consensus];

    public X509Certificate2 Host => host;

    /// <summary>Streams to validators in the name of another one that does not run: what a traitor with its keys would open.</summary>
    public Peers PeersOf(int traitor, IEnumerable<int> to, Action<string> opened) => new(
        [.. to.Select(i => Genesis.Validators[i]).Select(v => new PeerAddress(v.Member.Kid, [v.Address], [v.Member.Keys[KeyPurpose.Transport].Kid]))],
        TransportCertificate.Create(ECDsa.Create(keys[traitor][KeyPurpose.Transport].Export())), opened);

    public string DirectoryOf(int i) => Path.Combine(directory.Path, $"v{i + 1}");

    public bool IsRunning(int i) => i < servers.Count && servers[i] is not null;

    public string AddressOf(int i) => addresses[i];

    public string TransportKidOf(int i) => keys[i][KeyPurpose.Transport].Public.Kid;

    public IReadOnlyCollection<SigningKey> KeysOf(int i) => keys[i].Values;

    /// <summary>A body that the genesis file does not know makes the directory of a validator, whose disk is empty.</summary>
    public int Add()
    {
        keys.Add(NewKeys());
        servers.Add(null);
        addresses.Add($"127.0.0.1:{FreePort()}");
        WriteFiles(keys.Count - 1, Genesis.File);
        File.WriteAllText(Path.Combine(DirectoryOf(keys.Count - 1), "validator.json"), JsonSerializer.Serialize(new { name = $"v{keys.Count}", listen = addresses[^1] }));
        return keys.Count - 1;
    }

    /// <summary>A body makes new keys beside those in use.</summary>
    public IReadOnlyCollection<SigningKey> Rotate(int i)
    {
        rotated[i] = NewKeys();
        WriteKeys(Path.Combine(DirectoryOf(i), "rotations", rotated[i][KeyPurpose.Consensus].Public.Kid), rotated[i]);
        return rotated[i].Values;
    }

    /// <summary>The new keys are in force: the host calls the validator by them.</summary>
    public void Rotated(int i)
    {
        keys[i] = rotated[i];
        if (submitters.Remove(i, out var before))
        {
            before.Dispose();
        }
    }

    public static SigningKey NewKey(string purpose) => SigningKey.From(purpose, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    public async Task Start(params int[] which)
    {
        foreach (var i in which)
        {
            servers[i] = await ValidatorServer.Start(ValidatorFiles.Read(DirectoryOf(i)), _ => { });
        }
    }

    public async Task Stop(int i)
    {
        await servers[i]!.DisposeAsync();
        servers[i] = null;
    }

    public HttpClient ClientOf(int i, X509Certificate2? certificate = null) => new(TransportCertificate.Handler(certificate ?? host, keys[i][KeyPurpose.Transport].Public.Kid))
    {
        BaseAddress = new Uri($"https://{addresses[i]}"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>One unary call.</summary>
    public static async Task<(T? Reply, string Status)> Call<T>(HttpClient client, string method, IMessage request, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        using var content = new ByteArrayContent(GrpcFrames.Encode(request));
        content.Headers.ContentType = new("application/grpc");
        using var response = await client.PostAsync($"/eventledger.v1.Gateway/{method}", content);
        var reader = System.IO.Pipelines.PipeReader.Create(await response.Content.ReadAsStreamAsync());
        var reply = await GrpcFrames.ReadAsync(reader, parser, GrpcFrames.MessageBytesMax, CancellationToken.None);
        var status = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer.Single()
            : response.Headers.TryGetValues("grpc-status", out var header) ? header.Single() : $"http {(int)response.StatusCode}";
        return (reply, status);
    }

    /// <summary>Hands a batch to every validator that runs.</summary>
    public async Task Submit(IReadOnlyList<Entry> entries)
    {
        var batch = Batch(entries);
        for (var i = 0; i < servers.Count; i++)
        {
            if (servers[i] is not null)
            {
                // One connection as a host has it: an address may shake hands only so often.
                var client = submitters.TryGetValue(i, out var known) ? known : submitters[i] = ClientOf(i);
                await Call(client, "SubmitBatch", batch, BatchReply.Parser);
            }
        }
    }

    /// <summary>A batch of entries that follow those handed over before, as the host signs it.</summary>
    public Batch Batch(IReadOnlyList<Entry> entries)
    {
        foreach (var entry in entries.Where(e => e.Seq > promised.Size))
        {
            promised.Append(Entry.LeafHash(entry.ToBytes()));
        }
        promised.Size.ShouldBe(entries[^1].Seq);
        return Batch(entries, Promise(entries[0].Seq, promised));
    }

    /// <summary>A batch under any promise.</summary>
    public static Batch Batch(IReadOnlyList<Entry> entries, BatchPromise promise) => new()
    {
        First = promise.First, Items = { entries.Select(e => new Item { Entry = UnsafeByteOperations.UnsafeWrap(e.ToBytes()) }) },
        Root = ByteString.CopyFrom(promise.Root.ToArray()), Kid = promise.Kid, Signature = UnsafeByteOperations.UnsafeWrap(promise.Sig),
    };

    /// <summary>What the host signs, or whoever has <paramref name="key"/>, on any chain.</summary>
    public BatchPromise Promise(long first, MerkleFrontier after, SigningKey? key = null, string? chain = null) =>
        BatchPromise.Create(key ?? receiptKey, chain ?? Genesis.Chain, first, after);

    /// <summary>Waits until a validator has sealed this many entries.</summary>
    public Task Sealed(int i, long size) => Until(i, s => s.Size >= size);

    /// <summary>Waits until a validator says of itself what is expected; fails after a minute, or when it has stopped.</summary>
    public async Task Until(int i, Func<NodeStatus, bool> expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!expected(servers[i]!.Node.Status))
        {
            servers[i]!.Running.IsFaulted.ShouldBeFalse(servers[i]!.Running.Exception?.ToString());
            (await timer.WaitForNextTickAsync(limit.Token).AsTask().ContinueWith(t => t.IsCompletedSuccessfully, TaskScheduler.Default))
                .ShouldBeTrue($"{i} still: {servers[i]!.Node.Status}; others: {string.Join("; ", servers.Where(o => o is not null).Select(o => o!.Node.Status))}");
        }
    }

    /// <summary>Entries that follow <paramref name="after"/>: the genesis entry, then findings, which need nobody's signature.</summary>
    public IReadOnlyList<Entry> Entries(long after, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => after + i + 1).Select(seq => seq == 1
            ? Genesis.Entry
            : new Entry(seq, EventTable.FindingStream, seq - 1, "finding_raised", LedgerTime.From(DateTimeOffset.UtcNow), "host", "{}"u8.ToArray())),
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
        foreach (var client in submitters.Values)
        {
            client.Dispose();
        }
        directory.Dispose();
    }

    private void WriteFiles(int i, byte[] genesis)
    {
        var at = Directory.CreateDirectory(DirectoryOf(i)).FullName;
        File.WriteAllBytes(Path.Combine(at, "genesis.json"), genesis);
        File.WriteAllText(Path.Combine(at, "validator.json"), JsonSerializer.Serialize(new { name = $"v{i + 1}" }));
        WriteKeys(at, keys[i]);
    }

    private static Dictionary<string, SigningKey> NewKeys() => ValidatorRequest.Purposes.ToDictionary(p => p, NewKey);

    private static void WriteKeys(string at, Dictionary<string, SigningKey> keys)
    {
        Directory.CreateDirectory(Path.Combine(at, "keys"));
        foreach (var (purpose, key) in keys)
        {
            File.WriteAllBytes(Path.Combine(at, "keys", $"{purpose}.json"), key.ToFile());
        }
        VoteLog.WriteFirst(at);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
