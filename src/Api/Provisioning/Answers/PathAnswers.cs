using System.Globalization;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>The way of a record from its source to whoever reads this answer, each hop checked anew.</summary>
/// <param name="Title">What the record is called.</param>
/// <param name="AsOf">The newest sealed block.</param>
/// <param name="IsIntact">Whether every hop handed on what it got.</param>
/// <param name="BrokenAt">Name of the first hop that did not; null when all did.</param>
/// <param name="Hops">In the order of the way.</param>
public sealed record PathView(string Title, AsOf AsOf, bool IsIntact, string? BrokenAt, IReadOnlyList<PathHop> Hops);

/// <summary>One hop.</summary>
/// <param name="Name">signed, received, sealed, projected; then reused, shared, circulated, exchanged.</param>
/// <param name="From">Who handed it on.</param>
/// <param name="To">Who got it.</param>
/// <param name="Time">When; null where nobody vouches for a time.</param>
/// <param name="Checksum">SHA-256 of what arrived, as it is now.</param>
/// <param name="Expected">What it must be.</param>
/// <param name="IsIntact">Whether the two agree, and signature or tree path with them.</param>
/// <param name="Text">In words.</param>
public sealed record PathHop(string Name, string From, string To, LedgerTime? Time, string Checksum, string Expected, bool IsIntact, string Text);

/// <summary>Follows records from hop to hop. Source: ITU-T Y.4561 (08/2020) 6.2.6.</summary>
public sealed class PathAnswers(RecordTables tables, CirculationAnswers circulations, Snapshot snapshot, IEventStore store)
{
    private const int HopsMax = 100;

    /// <summary>The path of one record.</summary>
    public async Task<Answer<PathView>> Path(long seq, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (await tables.Record(seq, cancellation) is not { } row || await store.ReadAll(seq, 1, cancellation) is not [var stored])
        {
            return new Problem("seq-unknown", $"There is no record {seq}, or it has only just arrived.");
        }
        var hops = new List<PathHop>();
        if (stored.Entry.TryRecord(out var record, out _))
        {
            hops.Add(await Signed(row, record, cancellation));
            hops.Add(Received(row, stored));
            if (await store.BlockOf(seq, cancellation) is { } block && seq <= asOf.Size)
            {
                hops.Add(await Sealed(stored, block, cancellation));
            }
            hops.Add(Projected(row, record, await tables.Format(row.Vct, cancellation)));
            hops.AddRange((await circulations.Items(null, seq, HopsMax, 0, cancellation)).Select(c => Handed(c, row, Digest.Of(record.JwtAscii))));
        }
        else
        {
            hops.Add(new("received", row.Source, "host", row.Time, Entry.LeafHash(stored.Bytes.Span).ToString(), row.Leaf.ToString(), false, "The stored entry holds no readable record any more."));
        }
        var broken = hops.Find(h => !h.IsIntact);
        return new PathView(row.Title, asOf, broken is null, broken?.Name, hops);
    }

    private async Task<PathHop> Signed(RecordRow row, SdJwt record, CancellationToken cancellation)
    {
        var checksum = Digest.Of(record.JwtAscii).ToString();
        var holds = await tables.Key(row.Kid, cancellation) is { } key && record.IsSignedBy(key.Jwk);
        LedgerTime? issued = record.Payload.TryGetProperty("iat", out var iat) && iat.TryGetInt64(out var seconds) ? new LedgerTime(seconds * 1000) : null;
        return new("signed", row.Iss, row.Source, issued, checksum, checksum, holds, holds
            ? $"{row.Source} signed it with key {row.Kid}; the time is the source's own."
            : $"The signature of key {row.Kid} does not fit what the store holds.");
    }

    private static PathHop Received(RecordRow row, StoredEntry stored)
    {
        var now = Entry.LeafHash(stored.Bytes.Span);
        return new("received", row.Source, "host", stored.Entry.Time, now.ToString(), stored.Leaf.ToString(), now == stored.Leaf && now == row.Leaf, now == stored.Leaf && now == row.Leaf
            ? string.Create(CultureInfo.InvariantCulture, $"The host took it in as entry {row.Seq}.")
            : string.Create(CultureInfo.InvariantCulture, $"Entry {row.Seq} in the store is not what the host took in."));
    }

    private async Task<PathHop> Sealed(StoredEntry stored, StoredBlock block, CancellationToken cancellation)
    {
        if (!BlockHeader.TryParse(block.Header, out var header) || !Commit.TryParse(block.Commit, out var commit))
        {
            throw new InvalidDataException($"Block {block.Height} in the store is damaged.");
        }
        var leaf = Entry.LeafHash(stored.Bytes.Span);
        var path = await store.InclusionPath(stored.Entry.Seq, header.Size, cancellation);
        var holds = MerkleTree.VerifyInclusion(leaf, stored.Entry.Seq - 1, header.Size, [.. path], header.Root);
        return new("sealed", "host", string.Create(CultureInfo.InvariantCulture, $"block {header.Height}"), header.Time, leaf.ToString(), stored.Leaf.ToString(), holds, holds
            ? string.Create(CultureInfo.InvariantCulture, $"{commit.Signatures.Count} validators signed block {header.Height}, whose tree holds it.")
            : string.Create(CultureInfo.InvariantCulture, $"The tree of block {header.Height}, which {commit.Signatures.Count} validators signed, does not hold what the store holds."));
    }

    private static PathHop Projected(RecordRow row, SdJwt record, FormatShape format)
    {
        using var fields = System.Text.Json.JsonDocument.Parse(ProjectedRecord.PublicFields(record.Payload, format));
        var (shown, signed) = (Digest.Of(Jcs.Bytes(row.Claims)), Digest.Of(Jcs.Bytes(fields.RootElement)));
        return new("projected", "log", "tables that answers are read from", null, shown.ToString(), signed.ToString(), shown == signed, shown == signed
            ? "The fields in this answer are those that were signed."
            : "The fields in the tables are not those that were signed; a rebuild of the projection makes them anew.");
    }

    // What arrived is either the entry or the signed record in it; anything else is not this record.
    private static PathHop Handed(CirculationView use, RecordRow row, Digest record)
    {
        var holds = use.Checksum == row.Leaf.ToString() || use.Checksum == record.ToString();
        return new(use.Verb, "ledger", use.Recipient ?? use.By, use.Time, use.Checksum, use.Checksum == row.Leaf.ToString() ? row.Leaf.ToString() : record.ToString(), holds,
            string.Create(CultureInfo.InvariantCulture, $"Noted as entry {use.Entry}{(holds ? "" : ": what arrived is not this record")}."));
    }
}
