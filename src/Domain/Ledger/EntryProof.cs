using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>That an entry of any type is sealed and was not rejected, for a stranger with nothing but the genesis file.</summary>
/// <param name="Entry">The sealed entry.</param>
/// <param name="Path">Audit path to the root of <paramref name="Header"/>.</param>
/// <param name="Header">Header of the sealing block.</param>
/// <param name="PreviousResults"><c>results</c> of the header before.</param>
/// <param name="Rejected">Rejected entries of the sealing block.</param>
/// <param name="Commit">Its commit.</param>
/// <param name="Sets">Set changes up to the sealing height, ascending.</param>
/// <param name="Disclosures">What the entry's digests stand for, as far as it is shown; maybe none.</param>
public sealed record EntryProof(Entry Entry, IReadOnlyList<Digest> Path, BlockHeader Header, Digest PreviousResults, IReadOnlyList<Rejected> Rejected, Commit Commit,
    IReadOnlyList<SetStep> Sets, IReadOnlyList<string> Disclosures)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.eventledger.entry-proof+json";

    /// <summary>The proof's canonical bytes.</summary>
    public byte[] ToBytes()
    {
        var json = new JsonObject
        {
            ["v"] = 1,
            ["entry"] = JsonNode.Parse(Entry.ToBytes()),
            ["path"] = new JsonArray([.. Path.Select(p => JsonValue.Create(p.ToString()))]),
            ["header"] = Header.ToJson(),
            ["previousResults"] = PreviousResults.ToString(),
            ["rejected"] = new JsonArray([.. Rejected.Select(r => new JsonArray(r.Seq, r.Code))]),
            ["commit"] = Commit.ToJson(),
            ["sets"] = SetStep.ToJson(Sets),
        };
        if (Disclosures.Count > 0)
        {
            json["disclosures"] = new JsonArray([.. Disclosures.Select(d => JsonValue.Create(d))]);
        }
        return Jcs.Bytes(json);
    }
}

/// <summary>That the log at one height is the beginning of the log at another: nothing between was changed, left out or moved.</summary>
/// <param name="First">The earlier header.</param>
/// <param name="FirstCommit">Its commit.</param>
/// <param name="Second">The later header.</param>
/// <param name="SecondCommit">Its commit.</param>
/// <param name="Path">Consistency path of RFC 9162 section 2.1.4 between the two sizes.</param>
/// <param name="Sets">Set changes up to the later height, ascending.</param>
public sealed record ConsistencyBundle(BlockHeader First, Commit FirstCommit, BlockHeader Second, Commit SecondCommit, IReadOnlyList<Digest> Path, IReadOnlyList<SetStep> Sets)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.eventledger.consistency+json";

    /// <summary>The bundle's canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Bytes(new JsonObject
    {
        ["v"] = 1,
        ["first"] = new JsonObject { ["header"] = First.ToJson(), ["commit"] = FirstCommit.ToJson() },
        ["second"] = new JsonObject { ["header"] = Second.ToJson(), ["commit"] = SecondCommit.ToJson() },
        ["path"] = new JsonArray([.. Path.Select(p => JsonValue.Create(p.ToString()))]),
        ["sets"] = SetStep.ToJson(Sets),
    });
}
