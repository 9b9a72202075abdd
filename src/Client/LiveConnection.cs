using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Client;

/// <summary>How far a subscriber of the live feed has come.</summary>
/// <param name="Seq">The last entry that it has; 0 for none.</param>
/// <param name="Height">The last block; 0 for none.</param>
public readonly record struct LivePlace(long Seq, long Height);

/// <summary>One message of the live feed.</summary>
/// <param name="Place">After the last item: give it to <see cref="LiveConnection.Follow"/> of another connection to go on.</param>
/// <param name="Items">Objects with <c>kind</c>: block, event, access, alert or health. See docs/asyncapi.yaml.</param>
public sealed record LiveBatch(LivePlace Place, IReadOnlyList<JsonElement> Items);

/// <summary>
/// One connection to the ledger's live feed: a WebSocket that speaks SignalR's JSON hub protocol. Not reading from it holds the feed back, for this connection
/// alone. Source: docs/asyncapi.yaml; SignalR hub protocol, version 1.
/// </summary>
public sealed class LiveConnection : IAsyncDisposable
{
    private const byte Separator = 0x1e;
    private const int Item = 2, Completion = 3, Close = 7;

    // The server gives up on a client that is silent for 30 s.
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);
    private static readonly byte[] Ping = Message("""{"type":6}""");

    private readonly ClientWebSocket socket;
    private readonly SemaphoreSlim sending = new(1);
    private readonly CancellationTokenSource stop = new();
    private readonly Task pinging;
    private byte[] buffer = new byte[16_384];
    private int start, end;

    private LiveConnection(ClientWebSocket socket)
    {
        this.socket = socket;
        pinging = KeepAlive();
    }

    /// <summary>
    /// Connects. Throws <see cref="WebSocketException"/> when the ledger cannot be reached at present, and <see cref="LedgerProblemException"/> when it refuses.
    /// </summary>
    /// <param name="ledger">The ledger's address.</param>
    /// <param name="token">Access token of a supervisor or an application with the scope for it; null where the ledger asks for none.</param>
    /// <param name="cancel">Stops waiting.</param>
    public static async Task<LiveConnection> Open(Uri ledger, string? token = null, CancellationToken cancel = default)
    {
        var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }
        var address = new UriBuilder(new Uri(ledger, "/v2m/live")) { Scheme = ledger.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs };
        try
        {
            await socket.ConnectAsync(address.Uri, cancel);
        }
        catch (WebSocketException e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw (int)status is >= 400 and < 500 ? new LedgerProblemException(status, $"http-{(int)status}", "The ledger does not open its live feed to this caller.") : e;
        }
        var connection = new LiveConnection(socket);
        try
        {
            await connection.Send(Message("""{"protocol":"json","version":1}"""), cancel);
            using var answer = await connection.Read(cancel);
            return answer.RootElement.TryGetProperty("error", out var error) ? throw new WebSocketException(error.GetString()) : connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// What happens, from a place on; from now on when there is none. Throws <see cref="WebSocketException"/> when the connection is lost, and
    /// <see cref="LedgerProblemException"/> when the ledger refuses.
    /// </summary>
    /// <param name="filter">Members <c>kinds</c>, <c>sources</c>, <c>types</c> (lists of text) and <c>entries</c> (whether sealed bytes come too); null for everything.</param>
    /// <param name="after">The place of the last message that was taken.</param>
    /// <param name="cancel">Ends it, and with it the connection.</param>
    public async IAsyncEnumerable<LiveBatch> Follow(JsonObject? filter, LivePlace? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel = default)
    {
        var call = new JsonObject
        {
            ["type"] = 4, ["invocationId"] = "1", ["target"] = "Follow", ["arguments"] = new JsonArray(filter?.DeepClone(), after?.Seq + 1, after?.Height + 1),
        };
        await Send(Message(call.ToJsonString()), cancel);
        while (true)
        {
            using var message = await Read(cancel);
            var json = message.RootElement;
            switch (json.GetProperty("type").GetInt32())
            {
                case Item:
                    var page = json.GetProperty("item");
                    var place = page.GetProperty("position");
                    yield return new(new(place.GetProperty("seq").GetInt64(), place.GetProperty("height").GetInt64()), [.. page.GetProperty("items").EnumerateArray().Select(i => i.Clone())]);
                    break;
                case Completion when json.TryGetProperty("error", out var error):
                    throw Refused(error.GetString()!);
                case Close:
                    throw new WebSocketException(json.TryGetProperty("error", out var why) ? why.GetString() : "The ledger closes the connection.");
                case Completion:
                    yield break;
            }
        }
    }

    /// <summary>Cuts the connection without a word, as a network does.</summary>
    public void Abort() => socket.Abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await pinging;
        socket.Dispose();
        sending.Dispose();
        stop.Dispose();
    }

    private static byte[] Message(string json) => [.. Encoding.UTF8.GetBytes(json), Separator];

    // The hub's errors begin with a problem code; what the framework puts before them says nothing to the caller.
    private static LedgerProblemException Refused(string error)
    {
        const string mark = "HubException: ";
        var text = error.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? error[(at + mark.Length)..] : error;
        var colon = text.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0
            ? new(System.Net.HttpStatusCode.InternalServerError, "internal", text)
            : new(System.Net.HttpStatusCode.BadRequest, text[..colon], text[(colon + 2)..]);
    }

    private async Task Send(byte[] message, CancellationToken cancel)
    {
        await sending.WaitAsync(cancel);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancel);
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task KeepAlive()
    {
        using var timer = new PeriodicTimer(PingEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await Send(Ping, stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // The reader is told why.
        }
    }

    // Messages end with a separator, several may come in one frame and one in many. The document is of the buffer: it is disposed before the next read.
    private async Task<JsonDocument> Read(CancellationToken cancel)
    {
        for (var seen = start; ;)
        {
            var found = Array.IndexOf(buffer, Separator, seen, end - seen);
            if (found >= 0)
            {
                var message = JsonDocument.Parse(buffer.AsMemory(start, found - start));
                start = found + 1;
                return message;
            }
            seen = end - start;
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
            var got = await socket.ReceiveAsync(buffer.AsMemory(end), cancel);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException(string.Create(CultureInfo.InvariantCulture, $"The ledger closed the connection: {socket.CloseStatusDescription ?? $"{socket.CloseStatus}"}."));
            }
            end += got.Count;
        }
    }
}
