using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Directory;

/// <summary>The directory of data: sectors, their services, data sets and fields.</summary>
/// <param name="Total">How many data sets there are.</param>
/// <param name="Items">The topmost nodes; data sets that nobody has placed come last.</param>
public sealed record DirectoryView(int Total, IReadOnlyList<NodeView> Items);

/// <summary>A node of the directory.</summary>
/// <param name="Id">Its id; for a field its name.</param>
/// <param name="Kind">sector, service, dataset or field.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Description">More words; null for none.</param>
/// <param name="Owner">Who owns it, itself or by the nearest node above; null while nobody does.</param>
/// <param name="Publisher">Who publishes it; null when nobody said.</param>
/// <param name="Format">The format of its records; null where it has none.</param>
/// <param name="Class">Of a field: public, personal or restricted; null for others.</param>
/// <param name="Right">The right to use as ODRL, its own or that of the nearest node above; null where none is stated.</param>
/// <param name="ReviewBy">When somebody should look at it again; null for never.</param>
/// <param name="Children">The nodes below.</param>
public sealed record NodeView(string Id, string Kind, string Title, string? Description, OwnerView? Owner, OwnerView? Publisher, string? Format, string? Class, JsonNode? Right,
    LedgerTime? ReviewBy, IReadOnlyList<NodeView> Children);

/// <summary>An organisation as the directory names it.</summary>
public sealed record OwnerView(string Id, string Name, string? Contact);
