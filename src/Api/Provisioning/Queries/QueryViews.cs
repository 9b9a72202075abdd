using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>A page of an answer.</summary>
/// <param name="Total">How many rows there are in all, exactly; null when the question asked for no total.</param>
/// <param name="AsOf">The sealed block that all pages of this answer speak as of.</param>
/// <param name="Items">In the order that was asked for, else in log order.</param>
/// <param name="Next">What to send as <c>after</c> for the next page; null on the last.</param>
/// <param name="Address">The same question as an address that can be passed on; null where it does not fit into one.</param>
public sealed record QueryPage(long? Total, AsOf AsOf, IReadOnlyList<QueryItem> Items, string? Next, string? Address);

/// <summary>One row of an answer.</summary>
/// <param name="Id">The record's place in the ledger; its proof is at <c>/u2s/v1/records/{id}/proof</c>.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Issuer">Who says it.</param>
/// <param name="Format">What kind it is.</param>
/// <param name="Time">When it was taken in.</param>
/// <param name="Fields">The fields asked for, under the names asked for; a record without one lacks it here.</param>
/// <param name="Joined">The record that belongs to it; null without a join.</param>
public sealed record QueryItem(long Id, string Title, IssuerView Issuer, FormatView Format, LedgerTime Time, JsonObject Fields, QueryItem? Joined);
