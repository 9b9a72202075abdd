using System.Text.Json;
using System.Text.Json.Serialization;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Between append and seal a record is accepted; nothing that is only accepted is called authentic.</summary>
public static class RecordState
{
    /// <summary>Taken in, waiting for its block.</summary>
    public const string Accepted = "accepted";

    /// <summary>In a block that more than two thirds of the validators signed.</summary>
    public const string Sealed = "sealed";
}

/// <summary>Who says it.</summary>
public sealed record IssuerView(string Iss, string Name);

/// <summary>What kind of record.</summary>
public sealed record FormatView(string Id, long Version, string Title);

/// <summary>A status with its reason.</summary>
/// <param name="Value">valid, suspended, revoked, expired or superseded.</param>
/// <param name="Since">When the change that made it so was entered; null where time or a newer record did.</param>
/// <param name="Reason">In the issuer's words.</param>
public sealed record StatusView(string Value, LedgerTime? Since, string? Reason);

/// <summary>A record in short.</summary>
public sealed record RecordSummary(long Id, string State, string Title, IssuerView Issuer, FormatView Format, LedgerTime Time, JsonElement Claims)
{
    /// <summary>The format's words for its fields.</summary>
    [JsonIgnore]
    public FormatShape Shape { get; init; } = null!;
}

/// <summary>A page of records.</summary>
/// <param name="Total">How many there are in all, exactly.</param>
/// <param name="AsOf">The sealed block that the list speaks as of.</param>
/// <param name="Items">In log order.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record RecordPage(long Total, AsOf AsOf, IReadOnlyList<RecordSummary> Items, string? Next);

/// <summary>A record in full.</summary>
/// <param name="Id">Its place in the ledger.</param>
/// <param name="State">accepted or sealed.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Issuer">Who says it.</param>
/// <param name="Format">What kind it is.</param>
/// <param name="Version">Which entry of its stream.</param>
/// <param name="Time">When it was taken in.</param>
/// <param name="Sealed">Its block; null while it waits.</param>
/// <param name="Status">Null where the format has no life cycle, or the record waits for its seal.</param>
/// <param name="ValidUntil">When it expires by itself.</param>
/// <param name="Claims">Its public fields.</param>
/// <param name="Withheld">Names of fields that are not public.</param>
/// <param name="Leaf">Hash of its entry.</param>
/// <param name="Jti">The issuer's own id.</param>
/// <param name="SupersededBy">The newest sealed record of the same key, if there is one.</param>
/// <param name="AsOf">As of which block.</param>
/// <param name="Links">Where to go from here.</param>
public sealed record RecordView(long Id, string State, string Title, IssuerView Issuer, FormatView Format, long Version, LedgerTime Time, SealView? Sealed,
    StatusView? Status, LedgerTime? ValidUntil, JsonElement Claims, IReadOnlyList<string> Withheld, string Leaf, string Jti, long? SupersededBy, AsOf AsOf,
    IReadOnlyDictionary<string, string> Links)
{
    /// <summary>The format's words for its fields.</summary>
    [JsonIgnore]
    public FormatShape Shape { get; init; } = null!;

    /// <summary>Number of the licence, where it is one.</summary>
    [JsonIgnore]
    public string? LicenceNumber { get; init; }
}

/// <summary>A licence: the newest record of its stream, with what else names it.</summary>
/// <param name="Number">The value of its first key field.</param>
/// <param name="State">accepted or sealed.</param>
/// <param name="Status">Null while it waits for its seal.</param>
/// <param name="ValidUntil">When it expires by itself.</param>
/// <param name="AsOf">As of which block.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Format">What kind it is.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Claims">Its public fields.</param>
/// <param name="Withheld">Names of fields that are not public.</param>
/// <param name="Record">The record behind it.</param>
/// <param name="Waiting">Id of a newer record that waits for its seal.</param>
/// <param name="Locations">Records that name it: places, inspections and the like.</param>
/// <param name="Links">Where to go from here.</param>
public sealed record LicenceView(string Number, string State, StatusView? Status, LedgerTime? ValidUntil, AsOf AsOf, IssuerView Issuer, FormatView Format, string Title,
    JsonElement Claims, IReadOnlyList<string> Withheld, RecordReference Record, long? Waiting, IReadOnlyList<RecordSummary> Locations,
    IReadOnlyDictionary<string, string> Links)
{
    /// <summary>The format's words for its fields.</summary>
    [JsonIgnore]
    public FormatShape Shape { get; init; } = null!;

    /// <summary>Others with this number; then this one is only the first of several.</summary>
    [JsonIgnore]
    public IReadOnlyList<LicenceChoice> Choices { get; init; } = [];
}

/// <summary>The record behind a licence.</summary>
public sealed record RecordReference(long Id, long Version, LedgerTime Time, SealView? Sealed, string Leaf);

/// <summary>One of several licences with one number.</summary>
public sealed record LicenceChoice(IssuerView Issuer, FormatView Format, string Title, string Href);

/// <summary>One step in the life of a record.</summary>
/// <param name="Id">Place of its entry.</param>
/// <param name="What">submitted, corrected, suspended, revoked or valid.</param>
/// <param name="State">accepted or sealed.</param>
/// <param name="Time">When it was taken in.</param>
/// <param name="Reason">In the issuer's words.</param>
/// <param name="Sealed">Its block; null while it waits.</param>
public sealed record HistoryStep(long Id, string What, string State, LedgerTime Time, string? Reason, SealView? Sealed);

/// <summary>The life of a record, oldest first.</summary>
public sealed record HistoryView(string Title, AsOf AsOf, IReadOnlyList<HistoryStep> Steps);

/// <summary>Where a record comes from, step by step, each with the entry that vouches for it.</summary>
public sealed record LineageView(string Title, AsOf AsOf, IReadOnlyList<LineageStep> Steps);

/// <summary>One step of a lineage.</summary>
/// <param name="What">source, key, format, record, block.</param>
/// <param name="Text">In words.</param>
/// <param name="Entry">Place of the entry that holds it; null for a block.</param>
/// <param name="Height">Height of the block that seals it; null while it waits.</param>
public sealed record LineageStep(string What, string Text, long? Entry, long? Height);

/// <summary>A block in short.</summary>
public sealed record BlockSummary(long Height, LedgerTime Time, long First, long Size, long Entries, string Hash);

/// <summary>Blocks, newest first.</summary>
public sealed record BlockPage(long Total, AsOf AsOf, IReadOnlyList<BlockSummary> Items, string? Next);

/// <summary>A block in full.</summary>
/// <param name="Height">Its height.</param>
/// <param name="Time">Its time.</param>
/// <param name="First">Place of its first entry.</param>
/// <param name="Size">Entries in the ledger after it.</param>
/// <param name="Entries">How many it seals; 0 for a heartbeat.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Prev">Hash of the block before.</param>
/// <param name="Root">Root of the tree over all entries.</param>
/// <param name="Proposer">Name of the validator that first built it.</param>
/// <param name="SignedBy">Names of the validators that signed it.</param>
/// <param name="Validators">How many there are.</param>
/// <param name="Rejected">Entries without effect.</param>
/// <param name="Records">Its records, at most 100.</param>
/// <param name="AsOf">The newest block.</param>
public sealed record BlockView(long Height, LedgerTime Time, long First, long Size, long Entries, string Hash, string Prev, string Root, string Proposer,
    IReadOnlyList<string> SignedBy, int Validators, IReadOnlyList<RejectedView> Rejected, IReadOnlyList<RecordSummary> Records, AsOf AsOf);

/// <summary>An entry that was sealed without effect.</summary>
public sealed record RejectedView(long Id, string Code);

/// <summary>How the ledger is.</summary>
/// <param name="Chain">Chain id.</param>
/// <param name="AsOf">The newest block.</param>
/// <param name="Records">Sealed records, exactly.</param>
/// <param name="Waiting">Entries that wait for their seal.</param>
/// <param name="Validators">How many validators there are.</param>
/// <param name="ReadOnly">Why nothing is taken in; null when all is well.</param>
public sealed record LedgerSummary(string Chain, AsOf AsOf, long Records, long Waiting, int Validators, string? ReadOnly);
