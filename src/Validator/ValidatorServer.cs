using System.Net;
using System.Security.Authentication;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Gateway;
using EventLedger.Validator.Network;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Wire;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EventLedger.Validator;

/// <summary>One running validator: store, node, peers and gateway behind one port.</summary>
public sealed class ValidatorServer : IAsyncDisposable
{
    /// <summary>Round 0 waits a second, each further round half a second more, up to ten, for a proposal, and half of that for votes: a stopped proposer costs about 1.5 s.</summary>
    public static readonly Timeouts Timeouts = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));

    private readonly WebApplication app;
    private readonly BlockStore store;
    private readonly OwnKeys own;
    private readonly CancellationTokenSource stopping = new();

    private ValidatorServer(WebApplication app, NodeLoop node, BlockStore store, OwnKeys own) =>
        (this.app, Node, this.store, this.own) = (app, node, store, own);

    /// <summary>The node.</summary>
    public NodeLoop Node { get; }

    /// <summary>Opens the directory, listens, and takes part.</summary>
    public static async Task<ValidatorServer> Start(ValidatorFiles files, Action<ILoggingBuilder> logging)
    {
        var genesis = files.Genesis;
        var own = new OwnKeys(files);
        var accounts = new PeerAccounts();
        var door = new Door(genesis, own, accounts);
        var app = Build(files, door, logging);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EventLedger.Validator");
        var store = OpenStore(Path.Combine(files.Directory, "blocks.db"), log);
        var node = new NodeLoop(genesis, own.First.Signer, store, Timeouts, TimeProvider.System, log)
        {
            KeyIn = set => own.In(set)?.Signer, Seeds = files.Seeds, Moved = door.Move,
        };
        var server = new ValidatorServer(app, node, store, own);
        var endpoint = new PeerEndpoint(accounts, door.PeerOf, server.stopping.Token);
        app.Use((http, next) => endpoint.Guard(http, _ => next()));
        endpoint.Map(app, node.Wake, peer => new(
            (message, ct) => new(node.Post(new NodeInput.Said(peer, message)).WaitAsync(ct)), async ct => await node.Ask(_ => true, ct)));
        // A member who joined later is not known here yet; hosts check all of it again.
        var evidence = new EvidenceStore(Path.Combine(files.Directory, "evidence"), e => e.Problem(genesis.Chain, genesis.Set) is null or RejectionCode.MemberUnknown);
        node.Misbehaved += evidence.Keep;
        new GatewayService(files.Name, genesis, node, store, evidence, own, accounts).Map(app);
        node.Start(door.Open);
        await app.StartAsync();
        return server;
    }

    /// <summary>Ends when the node does.</summary>
    public Task Running => Node.Running;

    /// <summary>Stops cleanly: no more input, streams closed, files closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Node.DisposeAsync();
        await app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);
        await app.DisposeAsync();
        own.Dispose();
        store.Dispose();
        stopping.Dispose();
    }

    // A file that cannot be opened at all is set aside, not deleted: the blocks come again from peers.
    private static BlockStore OpenStore(string path, ILogger log)
    {
        try
        {
            return new(path);
        }
        catch (BlockStoreCorruptException e)
        {
            log.LogError("The block store is set aside: {Reason}", e.Message);
            var suffix = $".damaged-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
            foreach (var part in new[] { "", "-wal", "-shm" }.Where(p => File.Exists(path + p)))
            {
                File.Move(path + part, path + suffix + part);
            }
            return new(path);
        }
    }

    private static WebApplication Build(ValidatorFiles files, Door door, Action<ILoggingBuilder> logging)
    {
        // The builder watches its content root for changed settings, and the data directory changes with every vote.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        logging(builder.Logging);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = GrpcFrames.MessageBytesMax + GrpcFrames.HeadBytes;
            kestrel.Limits.Http2.InitialStreamWindowSize = 2 << 20;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 4 << 20;
            kestrel.Limits.MaxConcurrentConnections = ConnectionGate.ConnectionsMax;
            // A caller that was cut off never says that it is gone, and its place among the connections must not stay taken.
            (kestrel.Limits.Http2.KeepAlivePingDelay, kestrel.Limits.Http2.KeepAlivePingTimeout) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
            kestrel.Listen(Endpoint(files.Listen), listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                new ConnectionGate().Use(listen, inner => inner.UseHttps(https =>
                {
                    https.ServerCertificateSelector = (_, _) => door.Certificate;
                    https.SslProtocols = SslProtocols.Tls13;
                    https.HandshakeTimeout = ConnectionGate.HandshakeMax;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.ClientCertificateValidation = (certificate, _, _) => door.Admits(TransportCertificate.KidOf(certificate));
                }));
            });
        });
        return builder.Build();
    }

    private static IPEndPoint Endpoint(string listen)
    {
        var at = listen.LastIndexOf(':');
        var (host, port) = (listen[..at], int.Parse(listen[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        return new(host == "*" ? IPAddress.Any : IPAddress.TryParse(host, out var ip) ? ip : Dns.GetHostAddresses(host)[0], port);
    }
}
