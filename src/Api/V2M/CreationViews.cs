using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>What was created over a period.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after.</param>
/// <param name="Created">Records that are the first of their key.</param>
/// <param name="Updated">Records that replace an earlier one.</param>
/// <param name="Groups">By source and type, most first.</param>
/// <param name="Steps">Over time, in steps of the length asked for.</param>
public sealed record CreationView(LedgerTime From, LedgerTime To, long Created, long Updated, IReadOnlyList<CreationGroup> Groups, IReadOnlyList<CreationStep> Steps);

/// <summary>What one source created of one type.</summary>
/// <param name="Source">The source.</param>
/// <param name="Format">Id of the format.</param>
/// <param name="Created">First records.</param>
/// <param name="Updated">Later ones.</param>
/// <param name="Records">Where the records themselves are listed, each with its proof.</param>
public sealed record CreationGroup(string Source, string Format, long Created, long Updated, string Records);

/// <summary>One step of time.</summary>
public sealed record CreationStep(LedgerTime At, long Created, long Updated);

/// <summary>Records that replaced an earlier one, newest first.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after.</param>
/// <param name="Total">How many there are in the period.</param>
/// <param name="Rates">By source: how many of its records were later replaced.</param>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record UpdatesView(LedgerTime From, LedgerTime To, long Total, IReadOnlyList<CorrectionRate> Rates, IReadOnlyList<UpdateView> Items, string? Next);

/// <summary>How often a source corrects itself.</summary>
/// <param name="Source">The source.</param>
/// <param name="Records">Records in the period.</param>
/// <param name="Updates">Those among them that replace an earlier one.</param>
/// <param name="PerMille">Their share in thousandths.</param>
public sealed record CorrectionRate(string Source, long Records, long Updates, long PerMille);

/// <summary>One update and what it changed.</summary>
/// <param name="Seq">The new record.</param>
/// <param name="Previous">The one that it replaces.</param>
/// <param name="Source">Who signed it.</param>
/// <param name="Format">Id of its format.</param>
/// <param name="Number">Its key in short.</param>
/// <param name="Version">Which entry of its stream.</param>
/// <param name="Received">When it was taken in.</param>
/// <param name="Kid">The key that signed it.</param>
/// <param name="Changes">The public fields that differ. What is personal or restricted is hidden here as everywhere.</param>
public sealed record UpdateView(long Seq, long Previous, string Source, string Format, string Number, long Version, LedgerTime Received, string Kid, IReadOnlyList<FieldChange> Changes);

/// <summary>A field before and after; null where it was absent.</summary>
public sealed record FieldChange(string Field, JsonElement? Before, JsonElement? After);
