using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>A record with fields that are not public.</summary>
/// <param name="Record">The record.</param>
/// <param name="Fields">The fields asked for; one that the record lacks is left out.</param>
/// <param name="Disclosures">The same as SD-JWT disclosures: with them and the record's proof anybody can check the values offline.</param>
/// <param name="Purpose">What they were read for.</param>
/// <param name="Grants">The grants that allowed it; empty for a supervisor.</param>
/// <param name="Access">Place of the event that says that they were read.</param>
public sealed record DisclosedView(RecordSummary Record, JsonObject Fields, IReadOnlyList<string> Disclosures, string Purpose, IReadOnlyList<string> Grants, long Access);

/// <summary>Why each field may be read or not.</summary>
/// <param name="Party">Whose question it is; null for the public.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Policy">The last entry that was taken into account: the version of the policy.</param>
/// <param name="Time">When it was judged.</param>
/// <param name="Fields">One line a field.</param>
/// <param name="Changes">With <c>suppose</c>: who would gain or lose which field.</param>
public sealed record ExplainView(string? Party, string? Purpose, long Policy, LedgerTime Time, IReadOnlyList<FieldVerdict> Fields, IReadOnlyList<AccessChange>? Changes);

/// <summary>The verdict on one field.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="Class">public, personal or restricted.</param>
/// <param name="Allowed">Whether it may be read.</param>
/// <param name="Reason">public, grant, supervisor, or why not: party-unknown, purpose-missing, no-grant, other-field, other-purpose, expired.</param>
/// <param name="Grant">The grant that allows it, or the one that comes nearest.</param>
/// <param name="How">How to ask for it; null where it may be read.</param>
public sealed record FieldVerdict(string Field, string Class, bool Allowed, string Reason, string? Grant, string? How);

/// <summary>What a change of grants would do to one organisation.</summary>
/// <param name="Party">The organisation.</param>
/// <param name="Format">The format.</param>
/// <param name="Field">The field.</param>
/// <param name="Purpose">The purpose.</param>
/// <param name="Effect">gains or loses.</param>
public sealed record AccessChange(string Party, string Format, string Field, string Purpose, string Effect);

/// <summary>A grant as its party sees it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Party">The organisation.</param>
/// <param name="Dataset">The format or directory node.</param>
/// <param name="Fields">The fields; a star for all.</param>
/// <param name="Purpose">What for.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Right">The right to use as ODRL; null where none is stated.</param>
/// <param name="Standing">in-force, expired or revoked.</param>
public sealed record GrantView(string Id, string Party, string Dataset, IReadOnlyList<string> Fields, string Purpose, LedgerTime NotAfter, JsonNode? Right, string Standing);

/// <summary>Grants.</summary>
/// <param name="Total">How many.</param>
/// <param name="Items">By name.</param>
public sealed record GrantList(int Total, IReadOnlyList<GrantView> Items);

/// <summary>Who has read what of one person.</summary>
/// <param name="Total">How many reads.</param>
/// <param name="Items">Oldest first.</param>
public sealed record AccessList(int Total, IReadOnlyList<AccessView> Items);

/// <summary>One read of data that is not public.</summary>
/// <param name="Entry">Place of its event.</param>
/// <param name="Time">When.</param>
/// <param name="Sealed">Its block; null while it waits.</param>
/// <param name="Actor">Pseudonym or URI of who read; null where the values were erased.</param>
/// <param name="Organisation">For whom; null for nobody or where the values were erased.</param>
/// <param name="Record">Which record.</param>
/// <param name="Fields">Which fields.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Grants">Under which grants.</param>
/// <param name="Proof">Proves that this event is in the ledger; null while it waits for its seal.</param>
public sealed record AccessView(long Entry, LedgerTime Time, SealView? Sealed, string? Actor, string? Organisation, long? Record, IReadOnlyList<string>? Fields, string? Purpose,
    IReadOnlyList<string>? Grants, JsonNode? Proof);
