using Microsoft.AspNetCore.SignalR;

namespace EventLedger.Api.V2M.Live;

/// <summary>
/// V2M <c>/v2m/live</c>: the ledger as it happens, over SignalR. A subscriber that does not read is not sent more: its stream stands still, and nobody else's.
/// A stream ends with the token, the session or the role that it was opened by. Source: ITU-T Y.4561 (08/2020) 7.3.3, 8.5; docs/asyncapi.yaml.
/// </summary>
public sealed class LiveHub(LiveFeed feed, LiveLease lease) : Hub
{
    /// <summary>Where it is.</summary>
    public const string Path = "/v2m/live";

    /// <summary>Streams that one connection may have open at once.</summary>
    public const int StreamsMax = 8;

    private const string StreamsKey = "streams";

    /// <summary>Streams pages of what happens.</summary>
    /// <param name="filter">What is wanted; null for everything.</param>
    /// <param name="fromSeq">First entry that is wanted, position's <c>seq</c> + 1 to go on; null for what is to come.</param>
    /// <param name="fromHeight">First block that is wanted, position's <c>height</c> + 1 to go on; null for those that belong to the entries.</param>
    /// <param name="cancellation">Given by the server.</param>
    /// <remarks>Errors, as the first word of the message: <c>request-malformed</c>, <c>position-gone</c>, <c>busy</c>, <c>token-invalid</c>, <c>role-missing</c>.</remarks>
    public async IAsyncEnumerable<LivePage> Follow(LiveFilter? filter, long? fromSeq, long? fromHeight, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        filter ??= new();
        if ((filter.Problem ?? (fromSeq < 1 || fromHeight < 1 ? "'fromSeq' and 'fromHeight' are 1 or more." : null)) is { } problem)
        {
            throw new HubException($"request-malformed: {problem}");
        }
        var end = feed.End;
        if ((fromSeq > end.Seq + 1 || fromHeight > end.Height + 1) && !await feed.Reaches(fromSeq - 1, fromHeight - 1, cancellation))
        {
            throw new HubException($"position-gone: the feed ends at entry {end.Seq} and block {end.Height}; begin anew from there.");
        }
        var streams = (Streams)(Context.Items.TryGetValue(StreamsKey, out var known) ? known! : Context.Items[StreamsKey] = new Streams());
        using var stream = streams.Open() ?? throw new HubException($"busy: a connection has at most {StreamsMax} streams.");
        var from = new LivePosition((fromSeq ?? end.Seq + 1) - 1, fromHeight is { } height ? height - 1 : fromSeq is { } seq ? await feed.HeightBefore(seq) : end.Height);
        await foreach (var page in lease.Hold(Context.GetHttpContext()!, over => feed.Follow(filter, from, over), cancellation))
        {
            yield return page;
        }
    }

    private sealed class Streams
    {
        private int open;

        public IDisposable? Open()
        {
            if (Interlocked.Increment(ref open) <= StreamsMax)
            {
                return new One(this);
            }
            Interlocked.Decrement(ref open);
            return null;
        }

        private sealed class One(Streams all) : IDisposable
        {
            public void Dispose() => Interlocked.Decrement(ref all.open);
        }
    }
}
