using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;
using EventLedger.Web.Site;

namespace EventLedger.Web.Staff.Watch;

/// <summary>An act of supervision in words, and as the commands that do the same.</summary>
public static class SupervisionWords
{
    /// <summary>What the person wants, in one sentence that stands above the signature.</summary>
    public static string Sentence(SupervisionAct act, Tongue t)
    {
        var (data, id) = (act.Data, act.Id);
        return act.Form.Type switch
        {
            EventTable.AuditOrdered => t["Order the audit {0}: {1}.", id, Extent(data, t)],
            EventTable.AuditClosed => t["End the audit {0}, with the outcome: {1}", id, data["outcome"]],
            EventTable.ReportSealed => t["Sign the report of the audit {0}, whose SHA-256 is {1}.", id, data["digest"]],
            EventTable.FindingOpened => data["about"]?["seq"] is { } seq
                ? t["Open the finding {0} ({1}) about entry {2}: {3}", id, t[data["kind"]!.ToString()], seq, data["text"]]
                : t["Open the finding {0} ({1}): {2}", id, t[data["kind"]!.ToString()], data["text"]],
            EventTable.FindingNoted => t["Note about the finding {0}: {1}", id, data["text"]],
            EventTable.FindingClosed => t["Close the finding {0}, with the outcome: {1}", id, data["outcome"]],
            EventTable.AlertAcknowledged => t["Take on the alert of entry {0}: {1}", id, data["text"]],
            EventTable.AlertRuleSet => t["Call supervisors by the rule {0}: {1}", id, Rule(data["kind"]!.ToString(), (long)data["threshold"]!, data["target"]?.ToString(), (long?)data["windowSeconds"], t)],
            _ => t["Remove the rule {0}, because: {1}", id, data["reason"]],
        };
    }

    /// <summary>A rule in words.</summary>
    public static string Rule(string kind, long threshold, string? target, long? windowSeconds, Tongue t)
    {
        var what = kind switch
        {
            "silence" => t["a source has sent nothing for {0} seconds", threshold],
            "reject-rate" => t["of what a source sent, {0} in a thousand were refused", threshold],
            "lag" => t["{0} entries wait for their seal", threshold],
            "stall" => t["no block was sealed for {0} seconds", threshold],
            "evidence" => t["{0} pieces of evidence against validators stand", threshold],
            _ => t["a key ends within {0} days", threshold],
        };
        return what + (windowSeconds is null ? "" : t[", counted over {0} seconds", windowSeconds]) + (target is null ? "." : t[", only for {0}.", target]);
    }

    /// <summary>What an audit looks at.</summary>
    public static string Extent(JsonObject data, Tongue t)
    {
        var (from, to) = ((long?)data["range"]?["from"], (long?)data["range"]?["to"]);
        var range = from is null or 1 && to is null or 0 ? t["the whole log up to now"] : to == 0 ? t["entries from {0} up to now", from] : t["entries {0} to {1}", from, to];
        var only = (data["source"] is { } source ? t[", only of {0}", source] : "") + (data["format"] is { } format ? t[", only of type {0}", format] : "");
        return range + only + (data["sample"] is { } sample ? t["; {0} of them are drawn by the hash of block {1}", sample["size"], sample["seedHeight"]] : t["; each is checked"]);
    }

    /// <summary>The command line that does the same.</summary>
    public static string Cli(SupervisionAct act)
    {
        var data = act.Data;
        string Option(string name, JsonNode? value) => value is null ? "" : $" \\\n  --{name} {Quoted(value)}";
        var words = act.Form.Type switch
        {
            EventTable.AuditOrdered => $"audit {act.Id}{Option("from", data["range"]?["from"])}{Option("to", data["range"]?["to"])}{Option("source", data["source"])}{Option("format", data["format"])}"
                + $"{Option("sample", data["sample"]?["size"])}{Option("seed-height", data["sample"]?["seedHeight"])}",
            EventTable.AuditClosed => $"close {act.Id} {Quoted(data["outcome"])}",
            EventTable.ReportSealed => $"report {act.Id} \\\n  --out audit-{act.Id}.report.json",
            EventTable.FindingOpened => $"finding open {act.Id} {Quoted(data["text"])}{Option("kind", data["kind"])}{Option("about", data["about"]?["seq"])}",
            EventTable.FindingNoted => $"finding note {act.Id} {Quoted(data["text"])}",
            EventTable.FindingClosed => $"finding close {act.Id} {Quoted(data["outcome"])}",
            EventTable.AlertAcknowledged => $"ack {act.Id} {Quoted(data["text"])}",
            EventTable.AlertRuleSet => $"rule {act.Id} {data["kind"]} {data["threshold"]}{Option("target", data["target"])}{Option("window", data["windowSeconds"])}",
            _ => $"unrule {act.Id} {Quoted(data["reason"])}",
        };
        return $"./ledger supervise {words} \\\n  --key YOUR-KEY.json";
    }

    private static string Quoted(JsonNode? value) => $"'{value?.ToString().Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
