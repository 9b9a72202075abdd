using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>One change of the validator set on the way from genesis: the header that names the next set, its commit, and that set.</summary>
/// <param name="Header">Signed by the set trusted so far.</param>
/// <param name="Commit">Its commit.</param>
/// <param name="Next">In force from the next height.</param>
public sealed record SetStep(BlockHeader Header, Commit Commit, ValidatorSet Next)
{
    /// <summary>The member <c>sets</c> of a proof.</summary>
    public static JsonArray ToJson(IEnumerable<SetStep> steps) => new([.. steps.Select(s => new JsonObject
    {
        ["header"] = s.Header.ToJson(), ["commit"] = s.Commit.ToJson(), ["next"] = s.Next.ToJson(),
    })]);
}

/// <summary>A status that more than two thirds of the validators attest.</summary>
/// <param name="Statement">What they say.</param>
/// <param name="Header">Header of the height as of which they say it.</param>
/// <param name="Commit">Its commit.</param>
/// <param name="Signatures">By <c>status</c> keys, ascending by their kid.</param>
public sealed record StatusProof(StatusStatement Statement, BlockHeader Header, Commit Commit, IReadOnlyList<KidSignature> Signatures);

/// <summary>Everything a stranger needs beside the genesis file to check one record offline. Source: DESIGN section 3 "A proof bundle".</summary>
/// <param name="Record">SD-JWT with the disclosures that its holder shows.</param>
/// <param name="Issuer">The issuer's public key.</param>
/// <param name="Entry">The sealed entry.</param>
/// <param name="Path">Audit path to the root of <paramref name="Header"/>.</param>
/// <param name="Header">Header of the sealing block.</param>
/// <param name="PreviousResults"><c>results</c> of the header before.</param>
/// <param name="Rejected">Rejected entries of the sealing block.</param>
/// <param name="Commit">Its commit.</param>
/// <param name="Sets">Set changes up to the highest height used, ascending.</param>
/// <param name="Status">Null where the record has no life cycle.</param>
public sealed record ProofBundle(string Record, Jwk Issuer, Entry Entry, IReadOnlyList<Digest> Path, BlockHeader Header, Digest PreviousResults,
    IReadOnlyList<Rejected> Rejected, Commit Commit, IReadOnlyList<SetStep> Sets, StatusProof? Status)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.eventledger.proof+json";

    /// <summary>The bundle's canonical bytes.</summary>
    public byte[] ToBytes()
    {
        var json = new JsonObject
        {
            ["v"] = 1,
            ["record"] = Record,
            ["issuer"] = Issuer.ToJson(),
            ["entry"] = JsonNode.Parse(Entry.ToBytes()),
            ["path"] = new JsonArray([.. Path.Select(p => JsonValue.Create(p.ToString()))]),
            ["header"] = Header.ToJson(),
            ["previousResults"] = PreviousResults.ToString(),
            ["rejected"] = new JsonArray([.. Rejected.Select(r => new JsonArray(r.Seq, r.Code))]),
            ["commit"] = Commit.ToJson(),
            ["sets"] = SetStep.ToJson(Sets),
        };
        if (Status is { } status)
        {
            json["status"] = new JsonObject
            {
                ["statement"] = status.Statement.ToJson(), ["header"] = status.Header.ToJson(), ["commit"] = status.Commit.ToJson(),
                ["signatures"] = Commit.SignaturesToJson(status.Signatures),
            };
        }
        return Jcs.Bytes(json);
    }
}
