using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>
/// Says where a record comes from in the words of W3C PROV, so that other tools can join it with what they know: entities are entries, activities are
/// submitting and sealing, agents are the source and the validators. Source: W3C PROV-DM (2013-04-30); PROV-JSON (W3C member submission 2013-04-24).
/// </summary>
public sealed class ProvAnswers(RecordTables tables, Snapshot snapshot, RecordAnswers records, Genesis genesis)
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/json";

    /// <summary>The lineage as PROV-JSON.</summary>
    public async Task<Answer<JsonObject>> Graph(long seq, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (await tables.Record(seq, cancellation) is not { } row)
        {
            return (await records.Record(seq, cancellation)).Problem!;
        }
        var prov = new Document(genesis.Chain);
        var agent = prov.Agent($"source-{Digest.Of(row.Iss)}", row.Source, "prov:Organization", ("ledger:iss", row.Iss));
        if (await tables.Source(row.Iss, cancellation) is { } source)
        {
            prov.Add("wasInfluencedBy", ("prov:influencee", agent), ("prov:influencer", prov.Entity(source.Seq, $"Admission of {source.Name}", "ledger:Admission", [])));
        }
        string? key = null, plan = null;
        if (await tables.Key(row.Kid, cancellation) is { } known)
        {
            key = prov.Entity(known.Seq, $"Key {row.Kid}", "ledger:Key", [("ledger:kid", row.Kid)]);
        }
        if (await tables.FormatSeq(row.Vct, cancellation) is { } formatSeq)
        {
            plan = prov.Entity(formatSeq, row.Vct, "prov:Plan", []);
        }
        string? before = null;
        foreach (var version in (await tables.Versions(row.Stream, cancellation)).Where(v => v.Seq <= seq))
        {
            var entity = prov.Entity(version.Seq, version.Title, "ledger:Record",
                [("ledger:leaf", version.Leaf.ToString()), ("ledger:jti", version.Jti), ("ledger:proof", $"/u2s/v1/records/{version.Seq}/proof")]);
            var submission = prov.Activity($"submission-{version.Seq}", "Submission", version.Captured, version.Time);
            prov.Add("wasGeneratedBy", ("prov:entity", entity), ("prov:activity", submission), ("prov:time", version.Time.ToString()));
            prov.Add("wasAttributedTo", ("prov:entity", entity), ("prov:agent", agent));
            prov.Add("wasAssociatedWith", ("prov:activity", submission), ("prov:agent", agent), ("prov:plan", plan));
            prov.Add("used", ("prov:activity", submission), ("prov:entity", key));
            prov.Add("wasDerivedFrom", ("prov:generatedEntity", before is null ? null : entity), ("prov:usedEntity", before), ("prov:type", "prov:Revision"));
            if (await snapshot.SealOf(version.Seq, asOf, cancellation) is { } seal)
            {
                var sealing = prov.Activity($"sealing-{seal.Height}", $"Sealing of block {seal.Height}", null, seal.Time);
                prov.Add("used", ("prov:activity", sealing), ("prov:entity", entity), ("prov:time", seal.Time.ToString()));
                prov.Add("wasAssociatedWith", ("prov:activity", sealing), ("prov:agent", prov.Agent("validators", "Validators", "prov:Organization")));
            }
            before = entity;
        }
        return prov.Json;
    }

    /// <summary>The same steps as comma-separated values.</summary>
    public async Task<Answer<string>> ToCsv(long seq, CancellationToken cancellation)
    {
        var lineage = await records.Lineage(seq, cancellation);
        if (lineage.Value is not { } view)
        {
            return lineage.Problem!;
        }
        var text = new StringBuilder();
        Csv.Row(text, ["what", "text", "entry", "height"]);
        foreach (var step in view.Steps)
        {
            Csv.Row(text, [step.What, step.Text, Number(step.Entry), Number(step.Height)]);
        }
        return text.ToString();
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";

    private sealed class Document(string chain)
    {
        private int relations;

        public JsonObject Json { get; } = new() { ["prefix"] = new JsonObject { ["ledger"] = $"urn:eventledger:{chain}:", ["prov"] = "http://www.w3.org/ns/prov#" } };

        public string Entity(long seq, string label, string type, IEnumerable<(string Name, string Value)> more)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"ledger:entry-{seq}");
            var entity = Described(label, type);
            entity["ledger:entryProof"] = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/entries/{seq}/proof");
            foreach (var (name, value) in more)
            {
                entity[name] = value;
            }
            Of("entity")[id] = entity;
            return id;
        }

        public string Activity(string name, string label, string? start, LedgerTime end)
        {
            var activity = new JsonObject { ["prov:label"] = label, ["prov:endTime"] = end.ToString() };
            if (start is not null)
            {
                activity["prov:startTime"] = start;
            }
            Of("activity")[$"ledger:{name}"] = activity;
            return $"ledger:{name}";
        }

        public string Agent(string name, string label, string type, params IEnumerable<(string Name, string Value)> more)
        {
            var agent = Described(label, type);
            foreach (var (member, value) in more)
            {
                agent[member] = value;
            }
            Of("agent")[$"ledger:{name}"] = agent;
            return $"ledger:{name}";
        }

        // A relation one end of which is not known is not said.
        public void Add(string kind, params ReadOnlySpan<(string Name, string? Value)> members)
        {
            var relation = new JsonObject();
            foreach (var (name, value) in members)
            {
                if (value is null && name != "prov:plan")
                {
                    return;
                }
                if (value is not null)
                {
                    relation[name] = name == "prov:type" ? Qualified(value) : value;
                }
            }
            Of(kind)[string.Create(CultureInfo.InvariantCulture, $"_:r{++relations}")] = relation;
        }

        private JsonObject Of(string kind)
        {
            if (Json[kind] is not JsonObject section)
            {
                Json[kind] = section = [];
            }
            return section;
        }

        private static JsonObject Described(string label, string type) => new() { ["prov:label"] = label, ["prov:type"] = Qualified(type) };

        private static JsonObject Qualified(string name) => new() { ["$"] = name, ["type"] = "prov:QUALIFIED_NAME" };
    }
}
