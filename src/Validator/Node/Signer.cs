using System.Buffers;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Node;

/// <summary>
/// Signs proposals and votes, each (height, round, step) once. What it signs waits here until <see cref="Flush"/> has put it, and
/// whatever led to it, into the write-ahead log: one flush of the disk for all of it.
/// </summary>
public sealed class Signer(string chain, ISignatures keys, IDisk disk, VoteLog? log) : IDisposable
{
    // The votes of one step differ in their signature only, so their bytes are made once.
    private const int BytesMax = 256;
    private readonly Dictionary<(long, int, Step, Domain.Kernel.Digest?), byte[]> bytes = [];
    private readonly WalFrame pending = new();
    private VoteLog? log = log;
    private bool isSigned;

    /// <summary>Signs with a key of this machine and keeps its log in a directory.</summary>
    public Signer(string chain, SigningKey key, string directory, VoteLog? log) : this(chain, new KeySignatures(key), new FileDisk(directory), log) { }

    /// <summary>The last thing signed; null when this validator does not know what it has signed.</summary>
    public SignGuard? Guard { get; private set; } = log is null ? null : Newest(log);

    /// <summary>Own key id.</summary>
    public string Kid => keys.Kid;

    /// <summary>Whether something waits for <see cref="Flush"/> before it may leave.</summary>
    public bool MustFlush => isSigned;

    /// <summary>All records of the log as it was at the start, oldest first.</summary>
    public IEnumerable<WalRecord> Logged() => log is null ? [] : log.Frames.SelectMany(f => WalFrame.Parser.ParseFrom(f.Span).Records);

    /// <summary>Remembers a record for the next flush; by itself it makes none.</summary>
    public void Note(WalRecord record)
    {
        if (log is not null)
        {
            pending.Records.Add(record);
        }
    }

    /// <summary>Signs a vote; null when the guard forbids it.</summary>
    public Vote? Sign(Output.SendVote v) => Allow(new(v.Height, v.Round, v.Step, v.Value)) ? Again(v) : null;

    /// <summary>Signs a proposal; null when the guard forbids it.</summary>
    public Proposal? Sign(Output.Propose p) => Allow(new(p.Height, p.Round, Step.Propose, p.Value)) ? Again(p) : null;

    /// <summary>Signs a vote that the log already holds.</summary>
    public Vote Again(Output.SendVote v) => new(v.Height, v.Round, v.Step, v.Value, Kid, keys.Sign(BytesOf(v.Height, v.Round, v.Step, v.Value)));

    /// <summary>Signs a proposal that the log already holds.</summary>
    public Proposal Again(Output.Propose p) =>
        new(p.Height, p.Round, p.Value, p.ValidRound, Kid, keys.Sign(Commit.ProposalBytes(chain, p.Height, p.Round, p.ValidRound, p.Value)));

    /// <summary>Whether a vote bears its sender's signature.</summary>
    public bool Verify(Vote v, Member from) => keys.Verify(from, BytesOf(v.Height, v.Round, v.Step, v.Value), v.Signature);

    /// <summary>Whether a proposal bears its sender's signature.</summary>
    public bool Verify(Proposal p, Member from) => keys.Verify(from, Commit.ProposalBytes(chain, p.Height, p.Round, p.ValidRound, p.Value), p.Signature);

    /// <summary>Whether a commit is one of this set; see <see cref="Commit.Problem"/>.</summary>
    public bool Verify(Commit commit, ValidatorSet set) => commit.Problem(chain, set, keys.Verify) is null;

    /// <summary>Whether a batch is promised by a host of this chain. Safe on any thread.</summary>
    public bool Verify(BatchPromise promise, Genesis genesis) => promise.IsMadeBy(genesis, keys.Verify);

    /// <summary>Returns when everything noted is on disk.</summary>
    public void Flush()
    {
        // One frame as a rule. Batches are large, and two of them may exceed a frame: then the intents come in the last one.
        var frame = new WalFrame();
        foreach (var record in pending.Records)
        {
            if (frame.Records.Count > 0 && frame.CalculateSize() + record.CalculateSize() > Wal.FrameBytesMax - 1024)
            {
                Append(frame);
                frame = new();
            }
            frame.Records.Add(record);
        }
        if (frame.Records.Count > 0)
        {
            Append(frame);
        }
        pending.Records.Clear();
        isSigned = false;
    }

    private void Append(WalFrame frame)
    {
        var size = frame.CalculateSize();
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        frame.WriteTo(bytes.AsSpan(0, size));
        log?.Append(bytes.AsSpan(0, size));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>A height is stored: what was noted for it is no longer needed.</summary>
    public void Decided(long height)
    {
        pending.Records.Clear();
        // A block that was fetched may lie far below what this key has signed: what the log says of that must stay.
        if (Guard is { } guard && height >= guard.Height)
        {
            log?.Decided(height);
        }
    }

    /// <summary>Begins a guard after this validator has observed long enough; nothing at or below the height will be signed.</summary>
    public void Begin(long height, long walId)
    {
        log?.Dispose();
        log = VoteLog.Start(disk, height, walId);
        Guard = new(height, int.MaxValue, Step.Decided, null);
    }

    /// <summary>Closes the log.</summary>
    public void Dispose() => log?.Dispose();

    private bool Allow(SignGuard next)
    {
        if (Guard?.MaySign(next) != true)
        {
            return false;
        }
        Note(WalForms.Write(next));
        (Guard, isSigned) = (next, true);
        return true;
    }

    private static SignGuard Newest(VoteLog log)
    {
        var newest = log.Height == 0 ? SignGuard.Fresh : new(log.Height, int.MaxValue, Step.Decided, null);
        foreach (var record in log.Frames.SelectMany(f => WalFrame.Parser.ParseFrom(f.Span).Records))
        {
            if (record.BodyCase == WalRecord.BodyOneofCase.Intent && WalForms.Read(record.Intent) is var intent && intent.IsBeyond(newest))
            {
                newest = intent;
            }
        }
        return newest;
    }

    private byte[] BytesOf(long height, int round, Step step, Domain.Kernel.Digest? value)
    {
        if (bytes.TryGetValue((height, round, step, value), out var known))
        {
            return known;
        }
        if (bytes.Count == BytesMax)
        {
            bytes.Clear();
        }
        return bytes[(height, round, step, value)] = Commit.VoteBytes(chain, height, round, step == Step.Precommit ? "precommit" : "prevote", value);
    }
}
