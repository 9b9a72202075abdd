using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventLedger.EventStore.Tests;

/// <summary>Stands between store and database, and cuts the line at the worst moment: the request was taken, its answer is never heard.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder target;
    private readonly List<Task> lines = [];
    private string? trigger;

    public CuttingProxy(string connectionString)
    {
        target = new(connectionString);
        listener.Start();
        lines.Add(Accept());
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
    }

    public string ConnectionString { get; }

    /// <summary>Cuts the next line on which this text is sent: after the server has answered, before the client hears it.</summary>
    public void CutAnswerTo(string text) => Volatile.Write(ref trigger, text);

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await Task.WhenAll(lines);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                lines.Add(Forward(client));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Forward(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient(target.Host!, target.Port) { NoDelay = true };
        near.NoDelay = true;
        var cut = false;
        try
        {
            await await Task.WhenAny(Request(), Answer());
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
        }

        async Task Request()
        {
            var buffer = new byte[1 << 20];
            for (int n; (n = await near.GetStream().ReadAsync(buffer)) > 0;)
            {
                if (Volatile.Read(ref trigger) is { } text && System.Text.Encoding.UTF8.GetString(buffer, 0, n).Contains(text, StringComparison.Ordinal))
                {
                    cut = true;
                    Volatile.Write(ref trigger, null);
                }
                await far.GetStream().WriteAsync(buffer.AsMemory(0, n));
            }
        }

        async Task Answer()
        {
            var buffer = new byte[1 << 20];
            for (int n; (n = await far.GetStream().ReadAsync(buffer)) > 0 && !cut;)
            {
                await near.GetStream().WriteAsync(buffer.AsMemory(0, n));
            }
        }
    }
}
