using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace EventLedger.Client;

public sealed partial class LedgerClient
{
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromMilliseconds(250), ReconnectAfterMax = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The ledger as it happens. A connection that is lost, or whose token has expired, is opened anew and goes on where it stopped, so that every item comes once and in order, whatever happens in
    /// between. A refusal throws <see cref="LedgerProblemException"/>.
    /// </summary>
    /// <param name="filter">See <see cref="LiveConnection.Follow"/>.</param>
    /// <param name="after">The place of the last message that was taken; null to begin now.</param>
    /// <param name="enter">Gets an access token for each connection, for a token lives only minutes; see <see cref="EnterV2M"/>.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<LiveBatch> Follow(JsonObject? filter, LivePlace? after, Func<CancellationToken, Task<string>> enter, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var wait = ReconnectAfter;
        while (true)
        {
            LiveConnection? connection = null;
            try
            {
                connection = await LiveConnection.Open(http.BaseAddress!, await enter(cancel), cancel);
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException)
            {
                // Not reachable at present: it is asked again below.
            }
            if (connection is not null)
            {
                await using var open = connection;
                await using var batches = connection.Follow(filter, after, cancel).GetAsyncEnumerator(cancel);
                while (await Next(batches))
                {
                    (wait, after) = (ReconnectAfter, batches.Current.Place);
                    yield return batches.Current;
                }
            }
            await Task.Delay(wait, cancel);
            wait = wait * 2 < ReconnectAfterMax ? wait * 2 : ReconnectAfterMax;
        }
    }

    private static async Task<bool> Next(IAsyncEnumerator<LiveBatch> batches)
    {
        try
        {
            return await batches.MoveNextAsync();
        }
        catch (Exception e) when (e is WebSocketException or LedgerProblemException { Code: "database-unavailable" or "token-invalid" })
        {
            // A token lives minutes and its stream with it: the next connection brings a new one.
            return false;
        }
    }
}
