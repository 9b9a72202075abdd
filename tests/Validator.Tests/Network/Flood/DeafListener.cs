using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Validator.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace EventLedger.Validator.Tests.Network.Flood;

/// <summary>The attacker's own port: it takes every stream and reads nothing of it, so that what it is sent piles up at the sender.</summary>
public sealed class DeafListener : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();

    private DeafListener(WebApplication app) => this.app = app;

    public static async Task<DeafListener> Start(IPEndPoint at, X509Certificate2 own)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(at, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                (https.ServerCertificate, https.SslProtocols, https.ClientCertificateMode) = (own, SslProtocols.Tls13, ClientCertificateMode.AllowCertificate);
                https.ClientCertificateValidation = (_, _, _) => true;
            });
        }));
        var listener = new DeafListener(builder.Build());
        listener.app.MapPost(PeerEndpoint.Path, async (HttpContext http) =>
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, listener.stopping.Token);
            await Task.Delay(Timeout.Infinite, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await listener.app.StartAsync();
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
        stopping.Dispose();
    }
}
