using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger supervise …</c>: what supervisors watch, order and sign.</summary>
internal static class SuperviseCommand
{
    private static readonly Option<FileInfo> Key = new("--key") { Description = "Key file of the supervisor.", Required = true, Recursive = true };

    public static Command Create() => new("supervise", "Watches the ledger and does what supervisors do; each act is signed with the supervisor's key.")
    {
        Key, Watch(), Audit(), Close(), Report(), Consistency(), Finding(), Rule(), Unrule(), Acknowledge(),
    };

    private static async Task<(LedgerClient Ledger, string Chain, SigningKey Key)> Enter(ParseResult parsed, CancellationToken cancel)
    {
        var ledger = Shell.Connect(parsed);
        var chain = (await ledger.Genesis(cancel)).Chain;
        var key = Keys.Load(parsed.GetValue(Key)!.FullName);
        await ledger.EnterV2M(key, cancel);
        return (ledger, chain, key);
    }

    // Signs for the version at which the stream stands now.
    private static async Task<JsonObject> Act(ParseResult parsed, string path, string type, JsonObject data, CancellationToken cancel)
    {
        var (ledger, chain, key) = await Enter(parsed, cancel);
        using var signer = key;
        var stream = EventTable.StreamOf(type, data["id"]!.GetValue<string>());
        var version = (await ledger.Get($"/v2m/v1/streams/{Uri.EscapeDataString(stream)}", cancel))["version"]!.GetValue<long>();
        return await ledger.Supervise($"/v2m/v1/{path}", type, data, version, chain, SourceOptions.Now(), signer, cancel);
    }

    private static Command Watch()
    {
        var kinds = new Option<string[]>("--kind") { Description = "block, event, access, alert or health; all without it.", AllowMultipleArgumentsPerToken = true };
        var (seq, height) = (new Option<long?>("--from-seq") { Description = "Begin at this entry instead of now." }, new Option<long?>("--from-height") { Description = "With --from-seq: the first block." });
        var count = new Option<int?>("--count") { Description = "Stop after so many items." };
        var command = new Command("watch", "Prints what happens, one JSON object a line; a lost connection goes on where it stopped.") { kinds, seq, height, count, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _, key) = await Enter(parsed, cancel);
            using var signer = key;
            var filter = new JsonObject { ["kinds"] = new JsonArray([.. (parsed.GetValue(kinds) ?? []).Select(k => JsonValue.Create(k))]) };
            LivePlace? after = parsed.GetValue(seq) is { } from ? new(from - 1, (parsed.GetValue(height) ?? 1) - 1) : null;
            var left = parsed.GetValue(count) ?? int.MaxValue;
            await foreach (var batch in ledger.Follow(filter, after, again => ledger.EnterV2M(signer, again), cancel))
            {
                foreach (var item in batch.Items)
                {
                    Console.Out.WriteLine(item.GetRawText());
                    if (--left == 0)
                    {
                        return 0;
                    }
                }
            }
            return 0;
        });
        return command;
    }

    private static Command Audit()
    {
        var id = new Argument<string>("id") { Description = "A name for the audit." };
        var (from, to) = (new Option<long>("--from") { Description = "First entry.", DefaultValueFactory = _ => 1 }, new Option<long>("--to") { Description = "Last entry; 0 for the head." });
        var (source, format) = (new Option<string?>("--source") { Description = "Only records of this source." }, new Option<string?>("--format") { Description = "Only records of this format." });
        var (size, seed) = (new Option<long?>("--sample") { Description = "Draw so many." }, new Option<long?>("--seed-height") { Description = "By the hash of this block to come." });
        var command = new Command("audit", "Orders an audit and waits for its end: 0 when everything holds, 1 when not.") { id, from, to, source, format, size, seed, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var data = new JsonObject { ["id"] = parsed.GetValue(id), ["range"] = new JsonObject { ["from"] = parsed.GetValue(from), ["to"] = parsed.GetValue(to) } };
            Put(data, "source", parsed.GetValue(source));
            Put(data, "format", parsed.GetValue(format));
            Put(data, "sample", parsed.GetValue(size) is { } n ? new JsonObject { ["size"] = n, ["seedHeight"] = parsed.GetValue(seed) } : null);
            await Act(parsed, "audits", EventTable.AuditOrdered, data, cancel);
            var (ledger, _, key) = await Enter(parsed, cancel);
            key.Dispose();
            JsonObject audit;
            while ((audit = await ledger.Get($"/v2m/v1/audits/{parsed.GetValue(id)}", cancel))["state"]!.GetValue<string>() is "waiting" or "running")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            }
            return Shell.Say(parsed, audit, $"{audit["state"]}: {audit["checked"]} entries checked, {audit["failed"]} do not hold.", audit["failed"]!.GetValue<long>() == 0 ? 0 : 1);
        });
        return command;
    }

    private static Command Close()
    {
        var (id, outcome) = (new Argument<string>("id") { Description = "The audit." }, new Argument<string>("outcome") { Description = "What came of it." });
        var command = new Command("close", "Ends an audit: cancels it while it runs, or closes it with an outcome.") { id, outcome, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _, key) = await Enter(parsed, cancel);
            key.Dispose();
            // An audit that is cancelled has no report yet; then the digest is that of nothing.
            var digest = (await ledger.Get($"/v2m/v1/audits/{parsed.GetValue(id)}", cancel))["digest"]?.GetValue<string>() ?? Domain.Kernel.Digest.Of("").ToString();
            var answer = await Act(parsed, $"audits/{parsed.GetValue(id)}/close", EventTable.AuditClosed,
                new() { ["id"] = parsed.GetValue(id), ["digest"] = digest, ["outcome"] = parsed.GetValue(outcome) }, cancel);
            return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}.");
        });
        return command;
    }

    private static Command Report()
    {
        var id = new Argument<string>("id") { Description = "The audit." };
        var output = new Option<FileInfo>("--out") { Description = "Where the signed report goes; ./ledger verify checks it offline.", Required = true };
        var command = new Command("report", "Signs an audit's report, waits for the seal and writes it with its proof.") { id, output, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _, key) = await Enter(parsed, cancel);
            key.Dispose();
            var path = $"/v2m/v1/audits/{parsed.GetValue(id)}/report";
            var read = await ledger.Get(path, cancel);
            if (read["proof"] is null)
            {
                // What is signed is what was read here, not what the ledger says that it is.
                var digest = Domain.Monitoring.AuditReport.DigestOf((JsonObject)read["report"]!).ToString();
                await Act(parsed, path["/v2m/v1/".Length..], EventTable.ReportSealed, new() { ["id"] = parsed.GetValue(id), ["of"] = parsed.GetValue(id), ["digest"] = digest }, cancel);
            }
            while ((await ledger.Get(path, cancel))["proof"] is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            }
            await File.WriteAllBytesAsync(parsed.GetValue(output)!.FullName, await ledger.GetBytes(path, cancel), cancel);
            return Shell.Say(parsed, read, $"The signed report is in {parsed.GetValue(output)!.FullName}.");
        });
        return command;
    }

    private static Command Consistency()
    {
        var (from, to) = (new Option<string>("--from") { Description = "The earlier time.", Required = true }, new Option<string?>("--to") { Description = "The later time; now without it." });
        var output = new Option<FileInfo>("--out") { Description = "Where the proof goes; ./ledger verify checks it offline.", Required = true };
        var command = new Command("consistency", "Writes the proof that the log at one time is the beginning of the log at another.") { from, to, output, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _, key) = await Enter(parsed, cancel);
            key.Dispose();
            var until = parsed.GetValue(to) is { } end ? $"&to={Uri.EscapeDataString(end)}" : "";
            var file = parsed.GetValue(output)!.FullName;
            await File.WriteAllBytesAsync(file, await ledger.GetBytes($"/v2m/v1/consistency?from={Uri.EscapeDataString(parsed.GetValue(from)!)}{until}", cancel), cancel);
            return Shell.Say(parsed, new() { ["file"] = file }, $"The proof is in {file}.");
        });
        return command;
    }

    private static Command Finding()
    {
        var act = new Argument<string>("act") { Description = "open, note or close." };
        act.AcceptOnlyFromAmong("open", "note", "close");
        var (id, text) = (new Argument<string>("id") { Description = "Its name." }, new Argument<string>("text") { Description = "What is found, noted, or the outcome." });
        var kind = new Option<string>("--kind") { Description = "Kind of a new finding.", DefaultValueFactory = _ => "irregular" };
        var about = new Option<long?>("--about") { Description = "The entry that a new finding is about." };
        var command = new Command("finding", "Opens a finding, notes something about it, or closes it.") { act, id, text, kind, about, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (name, words) = (parsed.GetValue(id)!, parsed.GetValue(text));
            var opened = new JsonObject { ["id"] = name, ["kind"] = parsed.GetValue(kind), ["text"] = words };
            Put(opened, "about", parsed.GetValue(about) is { } seq ? new JsonObject { ["seq"] = seq } : null);
            var answer = parsed.GetValue(act) switch
            {
                "open" => await Act(parsed, "findings", EventTable.FindingOpened, opened, cancel),
                "note" => await Act(parsed, $"findings/{name}/notes", EventTable.FindingNoted, new() { ["id"] = name, ["text"] = words }, cancel),
                _ => await Act(parsed, $"findings/{name}/close", EventTable.FindingClosed, new() { ["id"] = name, ["outcome"] = words }, cancel),
            };
            return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}.");
        });
        return command;
    }

    private static Command Rule()
    {
        var (id, kind) = (new Argument<string>("id") { Description = "Its name." }, new Argument<string>("kind") { Description = "silence, reject-rate, lag, stall, evidence or key-expiry." });
        var threshold = new Argument<long>("threshold") { Description = "Seconds, thousandths, entries, pieces of evidence or days, as the kind says." };
        var (target, window) = (new Option<string?>("--target") { Description = "Only this source." }, new Option<long?>("--window") { Description = "Over so many seconds." });
        var command = new Command("rule", "Sets an alert rule.") { id, kind, threshold, target, window, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var data = new JsonObject { ["id"] = parsed.GetValue(id), ["kind"] = parsed.GetValue(kind), ["threshold"] = parsed.GetValue(threshold) };
            Put(data, "target", parsed.GetValue(target));
            Put(data, "windowSeconds", parsed.GetValue(window));
            var answer = await Act(parsed, "rules", EventTable.AlertRuleSet, data, cancel);
            return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}.");
        });
        return command;
    }

    private static Command Unrule()
    {
        var (id, reason) = (new Argument<string>("id") { Description = "The rule." }, new Argument<string>("reason") { Description = "Why." });
        var command = new Command("unrule", "Removes an alert rule.") { id, reason, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await Act(parsed, "rules", EventTable.AlertRuleRemoved, new() { ["id"] = parsed.GetValue(id), ["reason"] = parsed.GetValue(reason) }, cancel);
            return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}.");
        });
        return command;
    }

    private static Command Acknowledge()
    {
        var (id, text) = (new Argument<string>("alert") { Description = "The entry that raised the alert." }, new Argument<string>("text") { Description = "What is done about it." });
        var command = new Command("ack", "Takes an alert on.") { id, text, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await Act(parsed, $"alerts/{parsed.GetValue(id)}/acknowledgement", EventTable.AlertAcknowledged,
                new() { ["id"] = parsed.GetValue(id), ["text"] = parsed.GetValue(text) }, cancel);
            return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}.");
        });
        return command;
    }

    private static void Put(JsonObject data, string name, JsonNode? value)
    {
        if (value is not null)
        {
            data[name] = value;
        }
    }
}
