using System.Net;
using System.Net.Sockets;

namespace EventLedger.Api.Delivery;

/// <summary>
/// Keeps messages from being sent to where only this host can reach: a webhook's address comes from outside, and what answers at a private address is not meant for
/// strangers. The name is resolved here and the connection goes to the very address that was judged, so a name that changes its mind gains nothing.
/// </summary>
/// <param name="allowed">Private networks that an installation allows all the same.</param>
public sealed class AddressGuard(IReadOnlyList<IPNetwork> allowed)
{
    // IANA's special-purpose registries of IPv4 and IPv6, as of 2025, and the ways to write an IPv4 address as IPv6.
    private static readonly IPNetwork[] Special =
    [
        .. ((string[])["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
            "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"]).Select(n => IPNetwork.Parse(n)),
    ];

    /// <summary>Whether messages may go to an address.</summary>
    public bool Admits(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowed.Any(n => n.Contains(plain)) || !Special.Any(n => n.Contains(plain));
    }

    /// <summary>Why an address cannot be registered; null when it can. Who it resolves to is judged at every connection.</summary>
    public string? Problem(string text) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var url) || text.Length > 500 ? "The address is an absolute URL of at most 500 characters."
        : url.Scheme != Uri.UriSchemeHttps && (url.Scheme != Uri.UriSchemeHttp || allowed.Count == 0) ? "The address begins with https://."
        : url.UserInfo.Length > 0 || url.Fragment.Length > 0 ? "The address has neither a user name nor a fragment."
        : IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && !Admits(address) ? "The address lies in a private or special network."
        : null;

    /// <summary>A client that connects only where it may, follows nothing and knows no proxy.</summary>
    public HttpClient Client(TimeSpan timeout) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = timeout, ConnectCallback = Connect, PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        MaxResponseHeadersLength = 16,
    })
    { Timeout = timeout };

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        var address = addresses.FirstOrDefault(Admits) ?? throw new HttpRequestException("The address lies in a private or special network.");
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
