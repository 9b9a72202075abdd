using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>The header of a block; SHA-256 of its JCS bytes is the block hash. Source: DESIGN section 3 "A block".</summary>
/// <param name="Chain">Chain id.</param>
/// <param name="Height">1 for the first sealed block; genesis is height 0.</param>
/// <param name="Prev">Hash of the block before.</param>
/// <param name="Time">The proposer's clock, at least 1 ms after the block before.</param>
/// <param name="First">Seq of the first entry; size + 1 when there is none (heartbeat).</param>
/// <param name="Size">Tree size after the block.</param>
/// <param name="Root">Tree root at that size.</param>
/// <param name="Results">Running hash over the rejected entries of all blocks.</param>
/// <param name="State">Root of the verifiable map; zeros until it is in use.</param>
/// <param name="Validators">Hash of the set in force at this height.</param>
/// <param name="NextValidators">Hash of the set in force at the next height.</param>
/// <param name="Proposer">Kid of whoever first built the block.</param>
public sealed record BlockHeader(string Chain, long Height, Digest Prev, LedgerTime Time, long First, long Size, Digest Root, Digest Results, Digest State,
    Digest Validators, Digest NextValidators, string Proposer)
{
    private Digest? hash;

    // What "with" makes is another header, with a hash of its own.
    private BlockHeader(BlockHeader o) => (Chain, Height, Prev, Time, First, Size, Root, Results, State, Validators, NextValidators, Proposer)
        = (o.Chain, o.Height, o.Prev, o.Time, o.First, o.Size, o.Root, o.Results, o.State, o.Validators, o.NextValidators, o.Proposer);

    /// <summary>Number of entries in the block.</summary>
    public long Count => Size - First + 1;

    /// <summary>The block hash.</summary>
    public Digest Hash => FixedHash ?? (hash ??= Digest.Of(ToBytes()));

    internal Digest? FixedHash { get; init; }

    /// <summary>Whether both say the same, whichever was asked for its hash before.</summary>
    public bool Equals(BlockHeader? other) => other is not null && Hash == other.Hash;

    /// <inheritdoc />
    public override int GetHashCode() => Hash.GetHashCode();

    /// <summary>The header as JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["v"] = 1, ["chain"] = Chain, ["height"] = Height, ["prev"] = Prev.ToString(), ["time"] = Time.ToString(), ["first"] = First, ["size"] = Size,
        ["root"] = Root.ToString(), ["results"] = Results.ToString(), ["state"] = State.ToString(), ["validators"] = Validators.ToString(),
        ["nextValidators"] = NextValidators.ToString(), ["proposer"] = Proposer,
    };

    /// <summary>The bytes that are hashed.</summary>
    public byte[] ToBytes() => Jcs.Bytes(ToJson());

    /// <summary>Reads canonical bytes.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out BlockHeader? header)
    {
        if (!TryReadPlain(bytes.Span, out header))
        {
            using var document = Jcs.TryParse(bytes);
            if (document is null || !TryParse(document.RootElement, out header) || !Jcs.IsCanonical(bytes))
            {
                header = null;
                return false;
            }
        }
        header.hash = Digest.Of(bytes.Span);
        return true;
    }

    // As nearly every header is written: without escapes.
    private static bool TryReadPlain(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out BlockHeader? header)
    {
        header = null;
        var reader = new JcsReader(bytes);
        if (!reader.TryTake("{\"chain\":"u8) || !reader.TryText(out var chain) || !reader.TryTake(",\"first\":"u8) || !reader.TryInteger(out var first) || first < 1
            || !reader.TryTake(",\"height\":"u8) || !reader.TryInteger(out var height) || height < 1 || !reader.TryTake(",\"nextValidators\":"u8)
            || !TryDigest(ref reader, out var next) || !reader.TryTake(",\"prev\":"u8) || !TryDigest(ref reader, out var prev) || !reader.TryTake(",\"proposer\":"u8)
            || !reader.TryText(out var proposer) || !reader.TryTake(",\"results\":"u8) || !TryDigest(ref reader, out var results) || !reader.TryTake(",\"root\":"u8)
            || !TryDigest(ref reader, out var root) || !reader.TryTake(",\"size\":"u8) || !reader.TryInteger(out var size) || size < 0 || first > size + 1
            || !reader.TryTake(",\"state\":"u8) || !TryDigest(ref reader, out var state) || !reader.TryTake(",\"time\":"u8) || !reader.TryText(out var text)
            || !LedgerTime.TryParse(text, out var time) || !reader.TryTake(",\"v\":1,\"validators\":"u8) || !TryDigest(ref reader, out var validators)
            || !reader.TryTake("}"u8) || reader.At != bytes.Length)
        {
            return false;
        }
        header = new(chain, height, prev, time, first, size, root, results, state, validators, next, proposer);
        return true;
    }

    private static bool TryDigest(ref JcsReader reader, out Digest digest)
    {
        digest = default;
        return reader.TryText(out var hex) && Digest.TryParse(hex, out digest);
    }

    /// <summary>Reads exactly these members.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out BlockHeader? header)
    {
        header = null;
        if (!Members.TryRead(json, out var m, "chain", "first", "height", "nextValidators", "prev", "proposer", "results", "root", "size", "state", "time", "v",
                "validators")
            || !m.IsOne("v") || !m.TryText("chain", out var chain) || !m.TryLong("height", 1, out var height) || !m.TryDigest("prev", out var prev)
            || !m.TryTime("time", out var time) || !m.TryLong("first", 1, out var first) || !m.TryLong("size", 0, out var size) || first > size + 1
            || !m.TryDigest("root", out var root) || !m.TryDigest("results", out var results) || !m.TryDigest("state", out var state)
            || !m.TryDigest("validators", out var validators) || !m.TryDigest("nextValidators", out var next) || !m.TryText("proposer", out var proposer))
        {
            return false;
        }
        header = new(chain, height, prev, time, first, size, root, results, state, validators, next, proposer);
        return true;
    }

    /// <summary><c>results</c> of a header: SHA-256 of the previous header's <c>results</c> ‖ JCS of <c>[[seq, code], …]</c>.</summary>
    /// <param name="previous">Of the header before; zeros at height 0.</param>
    /// <param name="rejected">This block's rejected entries, ascending by seq.</param>
    public static Digest ResultsOf(Digest previous, IEnumerable<Rejected> rejected)
    {
        // Nearly every block rejects nothing.
        var list = rejected.Any() ? Jcs.Bytes(new JsonArray([.. rejected.Select(r => new JsonArray(r.Seq, r.Code))])) : [.. "[]"u8];
        return Digest.Of([.. previous.ToArray(), .. list]);
    }
}

/// <summary>An entry that is sealed with its code and has no effect.</summary>
/// <param name="Seq">Which entry.</param>
/// <param name="Code">Why, from <see cref="RejectionCode"/>.</param>
public readonly record struct Rejected(long Seq, string Code);
