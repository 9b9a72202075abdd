using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Who stands behind a source's records.</summary>
/// <param name="Id">SHA-256 of its URI.</param>
/// <param name="Iss">Its URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="State">active, suspended or retired.</param>
/// <param name="Admitted">The entry by which operators admitted it.</param>
/// <param name="Channel">How it submits.</param>
/// <param name="Keys">Its keys, oldest first.</param>
/// <param name="Formats">What it has entered, exactly.</param>
/// <param name="First">Its first record; null when there is none.</param>
/// <param name="Last">Its newest record; null when there is none.</param>
/// <param name="AsOf">The newest sealed block.</param>
public sealed record SourceCard(string Id, string Iss, string Name, string State, EntryView Admitted, string Channel, IReadOnlyList<SourceKeyView> Keys,
    IReadOnlyList<SourceFormatView> Formats, EntryView? First, EntryView? Last, AsOf AsOf);

/// <summary>An entry with its time and block.</summary>
/// <param name="Entry">Its place.</param>
/// <param name="Time">When it was taken in; null where only the place is known.</param>
/// <param name="Sealed">Its block; null while it waits.</param>
public sealed record EntryView(long Entry, LedgerTime? Time, SealView? Sealed);

/// <summary>Answers who a source is. Source: ITU-T Y.4561 (08/2020) 6.2.6.</summary>
public sealed class SourceAnswers(SourceTables tables, Snapshot snapshot)
{
    private const string Channel = "R2D: signed records over HTTP, one by one or in bulk";

    /// <summary>The card of a source.</summary>
    public async Task<Answer<SourceCard>> Card(string id, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (!Digest.TryParse(id, out var digest) || await tables.Card(digest, cancellation) is not { } row)
        {
            return new Problem("source-not-found", "There is no source with this id: it is the SHA-256 of the source's URI in hex.");
        }
        return new SourceCard(id, row.Iss, row.Name, row.State, new(row.Seq, null, await snapshot.SealOf(row.Seq, asOf, cancellation)), Channel,
            await tables.Keys(row.Iss, cancellation), await tables.Formats(row.Iss, cancellation), await Entered(row.First, asOf, cancellation),
            await Entered(row.Last, asOf, cancellation), asOf);
    }

    private async Task<EntryView?> Entered((long Seq, LedgerTime Time)? entry, AsOf asOf, CancellationToken cancellation) =>
        entry is var (seq, time) ? new(seq, time, await snapshot.SealOf(seq, asOf, cancellation)) : null;
}
