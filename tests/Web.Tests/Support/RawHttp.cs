using System.Net.Sockets;
using System.Text;

namespace EventLedger.Web.Tests.Support;

/// <summary>A connection on which a test says what no client would.</summary>
public sealed class RawHttp(Uri to) : IDisposable
{
    private readonly TcpClient socket = new(to.Host, to.Port);

    /// <summary>Sends bytes and reads until the other side closes.</summary>
    public async Task<byte[]> Ask(byte[] bytes)
    {
        await socket.GetStream().WriteAsync(bytes);
        using var said = new MemoryStream();
        try
        {
            await socket.GetStream().CopyToAsync(said);
        }
        catch (IOException)
        {
            // Reset instead of closed: over, too.
        }
        return said.ToArray();
    }

    /// <summary>The same with text.</summary>
    public async Task<string> Ask(string text) => Encoding.Latin1.GetString(await Ask(Encoding.Latin1.GetBytes(text)));

    public void Dispose() => socket.Dispose();
}
