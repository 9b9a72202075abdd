using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Provisioning.Cases;
using EventLedger.Api.Provisioning.Directory;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning;

/// <summary>
/// Everything that the public may ask, in one place: the HTTP endpoints of U2S and the public pages both call this, so they cannot disagree.
/// Source: ITU-T Y.4561 (08/2020) 7.3.4, reference point U2S.
/// </summary>
public sealed class PublicLedger(Genesis genesis, LedgerSets sets, IEventStore store, RecordTables tables, Snapshot snapshot, RecordAnswers records, LicenceAnswers licences,
    BlockAnswers blocks, IS2P processing, SearchAnswers search, SourceAnswers sources, DirectoryAnswers directory, CaseAnswers cases, RateLimits limits)
{
    /// <summary>How the ledger is.</summary>
    public async Task<LedgerSummary> Summary(CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        var end = await store.Head(cancellation);
        return new(genesis.Chain, asOf, await tables.Total(new(0, asOf.Size, null, null), cancellation), Math.Max(0, end.Seq - asOf.Size), sets.At(asOf.Height).Members.Count,
            store.ReadOnlyReason);
    }

    /// <inheritdoc cref="RecordAnswers.Page"/>
    public Task<Answer<RecordPage>> Records(string? state, string? format, string? iss, int limit, long after, CancellationToken cancellation) =>
        records.Page(state, format, iss, limit, after, cancellation);

    /// <summary>One record.</summary>
    public Task<Answer<RecordView>> Record(long id, CancellationToken cancellation) => records.Record(id, cancellation);

    /// <summary>The life of a record.</summary>
    public Task<Answer<HistoryView>> History(long id, CancellationToken cancellation) => records.History(id, cancellation);

    /// <summary>Where a record comes from.</summary>
    public Task<Answer<LineageView>> Lineage(long id, CancellationToken cancellation) => records.Lineage(id, cancellation);

    /// <inheritdoc cref="LicenceAnswers.Licence"/>
    public Task<Answer<LicenceView>> Licence(string number, string? iss, string? format, CancellationToken cancellation) =>
        licences.Licence(number, iss, format, cancellation);

    /// <inheritdoc cref="BlockAnswers.Page"/>
    public Task<Answer<BlockPage>> Blocks(int limit, long? before, CancellationToken cancellation) => blocks.Page(limit, before, cancellation);

    /// <summary>One block.</summary>
    public Task<Answer<BlockView>> Block(long height, CancellationToken cancellation) => blocks.Block(height, cancellation);

    /// <summary>The proof of a record.</summary>
    public Task<Answer<ProofBundle>> Proof(long id, CancellationToken cancellation) => processing.ProofOfRecord(id, cancellation);

    /// <summary>Judges a proof that somebody brings: of a record, of any entry, or that one head extends another.</summary>
    public Verdict Verify(ReadOnlyMemory<byte> bundle) => AnyProof.Verify(bundle, genesis.File);

    /// <inheritdoc cref="SearchAnswers.Page"/>
    public Task<Answer<SearchPage>> Search(string text, int limit, long? before, CancellationToken cancellation) => search.Page(text, limit, before, cancellation);

    /// <summary>Who stands behind a source's records.</summary>
    public Task<Answer<SourceCard>> Source(string id, CancellationToken cancellation) => sources.Card(id, cancellation);

    /// <summary>What data there is, and whose.</summary>
    public DirectoryView Directory() => directory.Tree();

    /// <summary>Takes a report of whoever asks; an address that reports too often is told to wait.</summary>
    /// <inheritdoc cref="CaseAnswers.Report"/>
    public async Task<Answer<ReportView>> Report(HttpContext http, JsonObject said, string? key, CancellationToken cancellation) =>
        limits.Report(http) is { } refused ? refused : await cases.Report(said, key, cancellation);

    /// <inheritdoc cref="CaseAnswers.Reported"/>
    public Task<Answer<ReportView>> Reported(string id, CancellationToken cancellation) => cases.Reported(id, cancellation);

    /// <summary>The record whose entry has this hash; null when there is none.</summary>
    public async Task<long?> FindLeaf(Digest leaf, CancellationToken cancellation) => (await tables.Record(leaf, cancellation))?.Seq;
}
