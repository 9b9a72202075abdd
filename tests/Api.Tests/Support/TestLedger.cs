using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using EventLedger.Validator;
using EventLedger.Validator.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventLedger.Api.Tests.Support;

/// <summary>A whole ledger in one process: four validators on loopback sockets, a host over real HTTP, and a database of its own.</summary>
public sealed class TestLedger : IAsyncDisposable
{
    /// <summary>Where the portal is said to be; a passkey in software signs for it.</summary>
    public const string Origin = "http://localhost:8080";

    private readonly string directory = Directory.CreateTempSubdirectory("eventledger-api-").FullName;
    private readonly ValidatorServer?[] validators = new ValidatorServer?[4];
    private Action<WebApplication> map = _ => { };
    private Action<IServiceCollection> register = _ => { };
    private Func<LedgerOptions, LedgerOptions> configure = o => o;
    private WebApplication? app;

    private TestLedger(string connection)
    {
        Connection = connection;
        var keys = Enumerable.Range(0, 4).Select(_ => new[] { KeyPurpose.Consensus, KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport }
            .ToDictionary(p => p, NewKey)).ToArray();
        Operators = [NewKey(KeyPurpose.Operator), NewKey(KeyPurpose.Operator)];
        var host = new[] { KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport }.ToDictionary(p => p, NewKey);
        var file = Genesis.Write("test", LedgerTime.From(DateTimeOffset.UtcNow), new("localhost", [Origin], new Dictionary<string, int> { [EventTable.RoleBound] = 2 }),
            [.. keys.Select((k, i) => new GenesisValidator($"v{i + 1}", $"127.0.0.1:{PostgresCluster.FreePort()}", new(k[KeyPurpose.Consensus].Public, 1,
                k.Where(p => p.Key != KeyPurpose.Consensus).ToDictionary(p => p.Key, p => p.Value.Public))))],
            [.. Operators.Select(o => new GenesisOperator(B64.Encode(RandomNumberGenerator.GetBytes(16)), o.Public))],
            [new("host", host[KeyPurpose.Receipt].Public, host[KeyPurpose.Status].Public, host[KeyPurpose.Transport].Public)]);
        Genesis.TryParse(file, out var genesis).ShouldBeTrue();
        Genesis = genesis!;
        Write("genesis.json", file);
        foreach (var (purpose, key) in host)
        {
            Write($"host/{purpose}.json", key.ToFile());
        }
        for (var i = 0; i < keys.Length; i++)
        {
            Write($"validators/{i}/genesis.json", file);
            Write($"validators/{i}/validator.json", JsonSerializer.SerializeToUtf8Bytes(new { name = $"v{i + 1}" }));
            foreach (var (purpose, key) in keys[i])
            {
                Write($"validators/{i}/keys/{purpose}.json", key.ToFile());
            }
            VoteLog.WriteFirst(ValidatorDirectory(i));
        }
    }

    public string Connection { get; }

    public string Data => directory;

    public Genesis Genesis { get; }

    public IReadOnlyList<SigningKey> Operators { get; }

    public HttpClient Http { get; private set; } = null!;

    /// <summary>The same address over HTTP/2 without TLS, where request and answer stream at once.</summary>
    public HttpClient Http2 { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => app!.Services.GetRequiredService<T>();

    public static SigningKey NewKey(string purpose) => SigningKey.From(purpose, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Starts everything and waits until the host is ready; a test may map more than the API.</summary>
    public static async Task<TestLedger> Start(string connection, Action<WebApplication>? map = null, Action<IServiceCollection>? register = null,
        Func<LedgerOptions, LedgerOptions>? options = null)
    {
        var ledger = new TestLedger(connection);
        (ledger.map, ledger.register, ledger.configure) = (map ?? ledger.map, register ?? ledger.register, options ?? ledger.configure);
        await ledger.StartValidators(0, 1, 2, 3);
        await ledger.StartHost();
        await ledger.Ready();
        return ledger;
    }

    public async Task StartValidators(params int[] which)
    {
        foreach (var i in which)
        {
            validators[i] = await ValidatorServer.Start(ValidatorFiles.Read(ValidatorDirectory(i)), _ => { });
        }
    }

    public async Task StopValidator(int i)
    {
        await validators[i]!.DisposeAsync();
        validators[i] = null;
    }

    public async Task StartHost()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
        if (Environment.GetEnvironmentVariable("EVENTLEDGER_TEST_LOG") == "1")
        {
            builder.Logging.AddSimpleConsole();
        }
        await builder.AddLedger(configure(new() { Data = directory, ConnectionString = Connection, GuardEvery = TimeSpan.FromSeconds(1) }));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        register(builder.Services);
        app = builder.Build();
        app.MapLedger();
        map(app);
        await app.StartAsync();
        var addresses = app.Urls.ToArray();
        Http = new() { BaseAddress = new(addresses[0]), Timeout = TimeSpan.FromSeconds(100) };
        Http2 = new()
        {
            BaseAddress = new(addresses[1]), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public async Task StopHost()
    {
        Http.Dispose();
        Http2.Dispose();
        await app!.StopAsync();
        await app.DisposeAsync();
        app = null;
    }

    /// <summary>Asks until the host says that it is ready.</summary>
    public async Task Ready()
    {
        var limit = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            using var response = await Http.GetAsync("/health/ready");
            if (response.IsSuccessStatusCode)
            {
                return;
            }
            DateTime.UtcNow.ShouldBeLessThan(limit, await response.Content.ReadAsStringAsync());
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until an entry is sealed.</summary>
    public async Task Sealed(long seq) => (await Get<LedgerHead>().WaitSealed(seq, TimeSpan.FromSeconds(60))).ShouldBeTrue($"entry {seq} is not sealed");

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await StopHost();
        }
        foreach (var validator in validators)
        {
            if (validator is not null)
            {
                await validator.DisposeAsync();
            }
        }
        Directory.Delete(directory, recursive: true);
    }

    private string ValidatorDirectory(int i) => Path.Combine(directory, "validators", $"{i}");

    private void Write(string path, byte[] bytes)
    {
        var full = Path.Combine(directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }
}
