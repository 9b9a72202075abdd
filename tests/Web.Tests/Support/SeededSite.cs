using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Api.Host;
using EventLedger.Api.Processing.Proofs;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;
using EventLedger.Tests.Shared;
using EventLedger.Web.Site;
using EventLedger.Web.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventLedger.Web.Tests.Support;

/// <summary>The real host with its pages on a free loopback port, and a register in it that shows every face that a page has.</summary>
public sealed class SeededSite : IAsyncLifetime
{
    private PostgresCluster cluster = null!;
    private WebApplication app = null!;

    private static readonly int Port = PostgresCluster.FreePort();

    /// <summary>Where the portal is: passkeys are bound to a name, and an address is none.</summary>
    public string Origin { get; } = $"http://localhost:{Port}";

    public TestChain Chain { get; } = new($"http://localhost:{Port}");

    public Register Register { get; private set; } = null!;

    public IEventStore Store => app.Services.GetRequiredService<IEventStore>();

    public HttpClient Http { get; private set; } = null!;

    /// <summary>The same host under TLS.</summary>
    public Uri Secure => new(app.Urls.Last());

    /// <summary>What it shows there.</summary>
    public X509Certificate2 Certificate { get; } = SelfSigned();

    public string Url => Http.BaseAddress!.ToString();

    public async ValueTask InitializeAsync()
    {
        cluster = await PostgresCluster.Create();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<AskStatus>((seq, height, _) => Task.FromResult(Chain.StatusOf(seq, height)));
        var options = new LedgerOptions { Data = Chain.Directory, ConnectionString = await cluster.CreateDatabase(), Seals = false };
        await builder.AddLedger(options);
        builder.Services.AddSite();
        builder.Services.AddStaff(options);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Port);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Certificate));
        });
        app = builder.Build();
        app.MapLedger();
        app.MapSite();
        await app.StartAsync();
        Http = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new(app.Urls.First()) };
        Register = new(this);
        await Register.Fill();
    }

    /// <summary>Seals what waits and tells the host, as its sealer does.</summary>
    public async Task<BlockHeader> Seal()
    {
        var (header, commit) = await Chain.Seal(Store);
        app.Services.GetRequiredService<LedgerHead>().Advance(header, commit);
        return header;
    }

    /// <summary>Waits until the host knows everything that was appended.</summary>
    public async Task Folded() => await app.Services.GetRequiredService<HostState>().FoldTo((await Store.Head(default)).Seq, default);

    /// <summary>Waits until the tables hold everything that was appended.</summary>
    public async Task Projected()
    {
        var daemon = app.Services.GetRequiredService<ProjectionDaemon>();
        var isThere = await daemon.WaitFor((await Store.Head(default)).Seq, TimeSpan.FromSeconds(60), default);
        isThere.ShouldBeTrue($"the projections have stopped: {string.Join("; ", daemon.States)}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        await cluster.DisposeAsync();
        Certificate.Dispose();
        Chain.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
