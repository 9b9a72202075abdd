using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Domain.Monitoring;

/// <summary>What an audit came to. It holds no clock, so that whoever audits the same again gets the same bytes.</summary>
/// <param name="Chain">Chain id.</param>
/// <param name="Audit">Id of the audit.</param>
/// <param name="Order">Seq of the entry that ordered it.</param>
/// <param name="From">Seq of the first entry of the range, from 1.</param>
/// <param name="To">Seq of the last entry of the range, from 1.</param>
/// <param name="Source">Only records of this source; null for all entries.</param>
/// <param name="Format">Only records of this format; null for all entries.</param>
/// <param name="Population">Entries in question.</param>
/// <param name="Seed">Hash of the block that the sample was drawn by; null when everything was checked.</param>
/// <param name="SeedHeight">Height of that block; 0 without a sample.</param>
/// <param name="Checked">How many were checked.</param>
/// <param name="Failures">What did not hold, ascending by seq, at most 1000.</param>
/// <param name="Failed">How many did not hold in all.</param>
/// <param name="Head">The block as of which it was checked.</param>
public sealed record AuditReport(string Chain, string Audit, long Order, long From, long To, string? Source, string? Format, long Population, Digest? Seed, long SeedHeight,
    long Checked, IReadOnlyList<Rejected> Failures, long Failed, BlockHeader Head)
{
    /// <summary>Most failures that are named.</summary>
    public const int FailuresMax = 1000;

    /// <summary>Media type of a report with the proof that a supervisor's signature under it is sealed.</summary>
    public const string MediaType = "application/vnd.eventledger.report+json";

    /// <summary>The report as JSON.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["v"] = 1, ["chain"] = Chain, ["audit"] = Audit, ["order"] = Order, ["range"] = new JsonObject { ["from"] = From, ["to"] = To }, ["population"] = Population,
            ["checked"] = Checked, ["coverage"] = Population == 0 ? 1_000_000 : Checked * 1_000_000 / Population, ["failed"] = Failed, ["passed"] = Failed == 0,
            ["failures"] = new JsonArray([.. Failures.Select(f => new JsonArray(f.Seq, f.Code))]),
            ["head"] = new JsonObject { ["height"] = Head.Height, ["hash"] = Head.Hash.ToString(), ["size"] = Head.Size, ["root"] = Head.Root.ToString(), ["time"] = Head.Time.ToString() },
        };
        if (Source is not null)
        {
            json["source"] = Source;
        }
        if (Format is not null)
        {
            json["format"] = Format;
        }
        if (Seed is { } seed)
        {
            json["sample"] = new JsonObject { ["seedHeight"] = SeedHeight, ["seed"] = seed.ToString(), ["size"] = Checked };
        }
        return json;
    }

    /// <summary>SHA-256 of the report's canonical bytes: what supervisors sign.</summary>
    public static Digest DigestOf(JsonObject report) => Digest.Of(Jcs.Bytes(report));

    /// <summary>The file that verifies offline: report, and the proof of the entry that seals its digest.</summary>
    public static byte[] ToFile(JsonObject report, EntryProof proof) =>
        Jcs.Bytes(new JsonObject { ["v"] = 1, ["report"] = report.DeepClone(), ["proof"] = JsonNode.Parse(proof.ToBytes()) });
}
