using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What both organisations sign when a node of the directory changes hands. Source: ITU-T Y.4561 (08/2020) 6.2.6 "ownership".</summary>
/// <param name="Ledger">Chain id.</param>
/// <param name="Node">The node.</param>
/// <param name="From">Who gives.</param>
/// <param name="To">Who takes.</param>
/// <param name="ExpectedVersion">Version of the node's stream before the transfer, from 0: a signature serves one transfer.</param>
public sealed record Transfer(string Ledger, string Node, string From, string To, long ExpectedVersion)
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "transfer+jwt";

    /// <summary>Signs it with a key of one of the two: the <c>client</c> key of an application, or the <c>record</c> or <c>client</c> key of a source, of that organisation.</summary>
    public string Sign(SigningKey key) => key.SignJws(Typ, Jcs.Bytes(new JsonObject
    {
        ["ledger"] = Ledger, ["node"] = Node, ["from"] = From, ["to"] = To, ["expectedVersion"] = ExpectedVersion,
    }));

    internal bool IsSignedFor(string organisation, string jwt, Registry registry, long seq, LedgerTime time) =>
        SignedJwt.TryRead(jwt, Typ, out var kid, out var payload) && registry.Keys.TryGetValue(kid, out var key) && key.IsValidAt(seq, time)
        && IsOf(organisation, key, registry) && Members.TryRead(payload, out var m, "expectedVersion", "from", "ledger", "node", "to")
        && m.TryText("ledger", out var ledger) && ledger == Ledger && m.TryText("node", out var node) && node == Node && m.TryText("from", out var from) && from == From
        && m.TryText("to", out var to) && to == To && m.TryLong("expectedVersion", 0, out var version) && version == ExpectedVersion && SignedJwt.IsSignedBy(jwt, key.Jwk);

    private static bool IsOf(string organisation, KeyRecord key, Registry registry) =>
        key.Purpose is KeyPurpose.Record or KeyPurpose.Client
        && (registry.Applications.TryGetValue(key.Owner, out var application) ? application.Organisation == organisation && application.State == SourceState.Active
            : registry.Sources.TryGetValue(key.Owner, out var source) && source.Profile?.Organisation == organisation && source.State == SourceState.Active);
}
