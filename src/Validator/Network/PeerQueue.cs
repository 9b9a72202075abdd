using EventLedger.Wire;

namespace EventLedger.Validator.Network;

/// <summary>One message on its way to a peer.</summary>
/// <param name="Frame">With its head.</param>
/// <param name="Height">Height that it speaks of, for a consensus message; <see cref="long.MaxValue"/> for all others.</param>
/// <param name="IsBlock">Whether it answers a request for a block.</param>
public sealed record Outgoing(byte[] Frame, long Height, bool IsBlock = false)
{
    /// <summary>Frames a message once for all its receivers.</summary>
    public static Outgoing From(Wire.PeerMessage message) => new(GrpcFrames.Encode(message), message.BodyCase switch
    {
        Wire.PeerMessage.BodyOneofCase.Proposal => message.Proposal.Height,
        Wire.PeerMessage.BodyOneofCase.Vote => message.Vote.Height,
        Wire.PeerMessage.BodyOneofCase.Certificate => message.Certificate.Votes is [var vote, ..] ? vote.Height : 0,
        _ => long.MaxValue,
    }, message.BodyCase == Wire.PeerMessage.BodyOneofCase.Block);
}

/// <summary>
/// What waits for one peer, within a bound of messages and bytes: a slow peer costs memory up to here and never time. When it is
/// full, the oldest message of the lowest height goes, for the peer will need it least.
/// </summary>
public sealed class PeerQueue : IDisposable
{
    /// <summary>Most messages that wait.</summary>
    public const int MessagesMax = 1024;

    /// <summary>Most bytes that wait: two of the largest messages, for a peer asks one block and one batch at a time.</summary>
    public const int BytesMax = 12 << 20;

    private readonly LinkedList<Outgoing> waiting = [];
    private readonly SemaphoreSlim arrived = new(0, 1);
    private readonly Lock gate = new();
    private long bytes;

    /// <summary>Messages that were dropped so far.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether a block waits.</summary>
    public bool HasBlock
    {
        get
        {
            lock (gate)
            {
                return waiting.Any(m => m.IsBlock);
            }
        }
    }

    /// <summary>Adds a message; never waits.</summary>
    public void Add(Outgoing message)
    {
        lock (gate)
        {
            waiting.AddLast(message);
            bytes += message.Frame.Length;
            while (waiting.Count > MessagesMax || bytes > BytesMax)
            {
                Drop();
            }
            if (arrived.CurrentCount == 0)
            {
                arrived.Release();
            }
        }
    }

    /// <summary>Waits for the next message.</summary>
    public async ValueTask<Outgoing> Take(CancellationToken ct)
    {
        while (true)
        {
            if (TryTake() is { } next)
            {
                return next;
            }
            await arrived.WaitAsync(ct);
        }
    }

    /// <summary>The next message, if there is one.</summary>
    public Outgoing? TryTake()
    {
        lock (gate)
        {
            if (waiting.First is not { } node)
            {
                return null;
            }
            waiting.RemoveFirst();
            bytes -= node.Value.Frame.Length;
            return node.Value;
        }
    }

    /// <summary>Forgets what waits: a new stream starts with what its receiver needs now.</summary>
    public void Clear()
    {
        lock (gate)
        {
            waiting.Clear();
            bytes = 0;
        }
    }

    /// <summary>Frees the wait handle.</summary>
    public void Dispose() => arrived.Dispose();

    private void Drop()
    {
        var victim = waiting.First!;
        for (var node = victim.Next; node is not null; node = node.Next)
        {
            victim = node.Value.Height < victim.Value.Height ? node : victim;
        }
        waiting.Remove(victim);
        bytes -= victim.Value.Frame.Length;
        Dropped++;
    }
}
