using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Network;

/// <summary>What a peer can do wrong, and what it costs in trust.</summary>
public enum PeerFault
{
    /// <summary>Nothing to be done with it: an old or far height. Honest ones send such too, up to two votes for each of 250 heights a second to one who catches up.</summary>
    Useless = 2,
    /// <summary>A signature that does not verify. An honest validator passes nothing on that it has not verified.</summary>
    Forged = 200,
    /// <summary>A request too many: a stream opened again and again, or a call that is not a peer's.</summary>
    Pushing = 300,
    /// <summary>An answer that nobody asked for.</summary>
    Unasked = 500,
    /// <summary>A member out of range, which no honest encoder writes.</summary>
    Malformed = 1000,
}

/// <summary>How a peer has behaved since this validator started; a snapshot.</summary>
/// <param name="Kid">Which peer.</param>
/// <param name="Trust">0 to 100; below 50 it is read more slowly, at 0 its connection is closed.</param>
/// <param name="Messages">Messages read.</param>
/// <param name="Bytes">Bytes of all messages, skipped ones too.</param>
/// <param name="Useless">Messages that nothing could be done with.</param>
/// <param name="Forged">Signatures that did not verify.</param>
/// <param name="Unasked">Answers that were skipped.</param>
/// <param name="Pushing">Streams and calls too many.</param>
/// <param name="Malformed">Messages that no honest encoder writes.</param>
/// <param name="SlowedMs">How long reading has waited, in ms.</param>
/// <param name="Closings">How often its connection was closed.</param>
public sealed record PeerStanding(string Kid, int Trust, long Messages, long Bytes, long Useless, long Forged, long Unasked, long Pushing, long Malformed, long SlowedMs, long Closings);

/// <summary>
/// One peer's budgets and its trust. A message that exceeds a budget makes its reader wait, so that TCP slows the sender down. Trust falls with each
/// fault and comes back with time: below one half reading waits until it is back there, so that a peer that goes on is heard at the pace of
/// its recovery; at zero, or after a message that is no message, the connection closes for a time that doubles. A peer that behaves is as before in half a minute.
/// </summary>
/// <param name="kid">Which peer.</param>
public sealed class PeerAccount(string kid)
{
    /// <summary>Trust at most, in the units of <see cref="PeerFault"/>: 150 forged signatures at once, or five a second for ever.</summary>
    public const int TrustMax = 30_000, TrustPerSecond = 1000;

    /// <summary>Answers that may be owed of one kind: what is asked while a peer is away is soon not wanted any more.</summary>
    public const int OwedMax = 16;

    /// <summary>How long a connection stays closed the first time, and at most, in ms; ten minutes without a closing begin anew.</summary>
    public const long ClosedMsMin = 1000, ClosedMsMax = 64_000, ForgottenMs = 600_000;

    private const int RequestsPerSecond = 2, RequestsBurst = 20;

    private readonly Lock gate = new();
    private readonly Dictionary<Kind, Budget> kinds = PeerLimits.Kinds.ToDictionary(k => k, k => new Budget(PeerLimits.Of(k)!.PerSecond, PeerLimits.Of(k)!.Burst));
    private readonly Dictionary<Kind, int> owed = [];
    private readonly Dictionary<PeerFault, long> faults = [];
    private readonly Budget bytes = new(PeerLimits.BytesPerSecond, PeerLimits.BytesBurst), answers = new(PeerLimits.BytesPerSecond, PeerLimits.BytesBurst);
    private readonly Budget requests = new(RequestsPerSecond, RequestsBurst), trust = new(TrustPerSecond, TrustMax);
    private long messages, byteCount, slowedMs, closings, closedUntil, closedAt, closedMs;

    /// <summary>A message of this kind and size is about to be read; returns how many ms to wait before. It is asked before the first of its bytes is.</summary>
    public long Read(Kind kind, int size, long nowMs)
    {
        lock (gate)
        {
            (messages, byteCount) = (messages + 1, byteCount + size);
            var wait = Math.Max(kinds[kind].Spend(1, nowMs), bytes.Spend(size, nowMs));
            // What it has asked for and not yet paid for holds up its next question, and nothing else.
            wait = Math.Max(wait, kind is Kind.BatchRequest or Kind.BlockRequest ? answers.DebtMs(0, nowMs) : 0);
            return Slow(wait, nowMs);
        }
    }

    /// <summary>An answer is skipped that nobody asked for; returns how many ms to wait before.</summary>
    public long Skip(int size, long nowMs)
    {
        lock (gate)
        {
            byteCount += size;
            Lose(PeerFault.Unasked, nowMs);
            return Slow(bytes.Spend(size, nowMs), nowMs);
        }
    }

    /// <summary>A question was sent: one answer is expected.</summary>
    public void Asked(Kind reply)
    {
        lock (gate)
        {
            owed[reply] = Math.Min(OwedMax, owed.GetValueOrDefault(reply) + 1);
        }
    }

    /// <summary>Whether an answer of this kind was asked for; each counts once.</summary>
    public bool TryAnswer(Kind reply)
    {
        lock (gate)
        {
            var count = owed.GetValueOrDefault(reply);
            owed[reply] = Math.Max(0, count - 1);
            return count > 0;
        }
    }

    /// <summary>The peer gets an answer of so many bytes.</summary>
    public void Answered(int size, long nowMs)
    {
        lock (gate)
        {
            answers.Spend(size, nowMs);
        }
    }

    /// <summary>It opens a stream or calls; false when that is too often.</summary>
    public bool TryRequest(long nowMs)
    {
        lock (gate)
        {
            if (requests.TrySpend(1, nowMs))
            {
                return true;
            }
            Lose(PeerFault.Pushing, nowMs);
            return false;
        }
    }

    /// <summary>Notes a fault.</summary>
    public void Blame(PeerFault fault, long nowMs)
    {
        lock (gate)
        {
            Lose(fault, nowMs);
        }
    }

    /// <summary>It said what is no message at all: its connection closes.</summary>
    public void Close(long nowMs)
    {
        lock (gate)
        {
            Lose(PeerFault.Malformed, nowMs);
            Shut(nowMs);
        }
    }

    /// <summary>Whether its connection is to be closed, or to stay closed.</summary>
    public bool IsClosed(long nowMs)
    {
        lock (gate)
        {
            return nowMs < closedUntil;
        }
    }

    /// <summary>How it stands.</summary>
    public PeerStanding Standing(long nowMs)
    {
        lock (gate)
        {
            long Of(PeerFault fault) => faults.GetValueOrDefault(fault);
            return new(kid, (int)(Math.Max(0, trust.Left(nowMs)) * 100 / TrustMax), messages, byteCount, Of(PeerFault.Useless), Of(PeerFault.Forged),
                Of(PeerFault.Unasked), Of(PeerFault.Pushing), Of(PeerFault.Malformed), slowedMs, closings);
        }
    }

    private void Lose(PeerFault fault, long nowMs)
    {
        faults[fault] = faults.GetValueOrDefault(fault) + 1;
        trust.Spend((int)fault, nowMs);
        if (trust.Left(nowMs) <= 0)
        {
            Shut(nowMs);
        }
    }

    private void Shut(long nowMs)
    {
        if (nowMs < closedUntil)
        {
            return;
        }
        closedMs = closings == 0 || nowMs - closedAt > ForgottenMs ? ClosedMsMin : Math.Min(ClosedMsMax, closedMs * 2);
        (closedAt, closedUntil, closings) = (nowMs, nowMs + closedMs, closings + 1);
    }

    private long Slow(long wait, long nowMs)
    {
        wait = Math.Max(wait, trust.DebtMs(TrustMax / 2, nowMs));
        slowedMs += wait;
        return wait;
    }
}
