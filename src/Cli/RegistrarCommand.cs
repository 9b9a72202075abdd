using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger registrar</c>: staff issue for their agency with a key of their own; the agency's vault signs after it.</summary>
internal static class RegistrarCommand
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("registrar", "Issues records and changes their status for an agency whose key lies in its vault.") { Sources(), Issue(), Status(), Waiting(), Countersign(), Withdraw() };

    private static Command Sources()
    {
        var key = Signers();
        var command = new Command("sources", "Lists the sources and formats for which you may issue.") { key, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _) = await Enter(parsed, key, cancel);
            var answer = await ledger.RegistrarSources(cancel);
            return Shell.Say(parsed, answer, string.Join('\n', answer["sources"]!.AsArray().Select(s =>
                $"{s!["iss"]}  {s["state"]}  {(s["kid"] is null ? "no key in the vault" : "ready")}  {string.Join(' ', s["formats"]!.AsArray().Select(f => f!["vct"]))}").DefaultIfEmpty("None.")));
        });
        return command;
    }

    private static Command Issue()
    {
        var fields = new Argument<FileInfo>("fields") { Description = "JSON object with the record's fields, open and hidden ones." };
        var format = new Option<string>("--format") { Description = "The format, as in urn:eventledger:licence:1.", Required = true };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When the record expires." };
        var subject = new Option<string?>("--subject") { Description = "Random pseudonym of the data subject." };
        var correction = new Option<string?>("--correction") { Description = "Why an earlier record is put right; everyone can read it. Takes two registrars." };
        var (key, source, dryRun) = (Signers(), Source(), DryRun());
        var command = new Command("issue", "Issues a record, or a new version of one with the same key fields.") { fields, format, expires, subject, correction, key, source, dryRun, Shell.Url };
        command.SetAction((parsed, cancel) => Do(parsed, new()
        {
            ["kind"] = "issue", ["format"] = parsed.GetValue(format), ["fields"] = Shell.ReadObject(parsed.GetValue(fields)!.FullName), ["source"] = parsed.GetValue(source),
            ["expires"] = parsed.GetValue(expires) is { } end ? LedgerTime.From(end).ToString() : null, ["subject"] = parsed.GetValue(subject),
            ["correction"] = parsed.GetValue(correction),
        }, key, dryRun, cancel));
        return command;
    }

    private static Command Status()
    {
        var change = new Argument<string>("change") { Description = "suspended, revoked or valid." };
        change.AcceptOnlyFromAmong(RecordStatus.Suspended, RecordStatus.Revoked, RecordStatus.Valid);
        var format = new Option<string>("--format") { Description = "Id of the record's format.", Required = true };
        var record = new Option<string[]>("--record") { Description = "Values of the record's key fields.", Required = true, AllowMultipleArgumentsPerToken = true };
        var reason = new Option<string?>("--reason") { Description = "Why; everyone can read it." };
        var (key, source, dryRun) = (Signers(), Source(), DryRun());
        var command = new Command("status", "Suspends, revokes or reinstates a record.") { change, format, record, reason, key, source, dryRun, Shell.Url };
        command.SetAction((parsed, cancel) => Do(parsed, new()
        {
            ["kind"] = "status", ["format"] = parsed.GetValue(format), ["key"] = new JsonArray([.. parsed.GetValue(record)!.Select(k => JsonValue.Create(k))]),
            ["change"] = parsed.GetValue(change), ["reason"] = parsed.GetValue(reason), ["source"] = parsed.GetValue(source),
        }, key, dryRun, cancel));
        return command;
    }

    private static Command Waiting()
    {
        var key = Signers();
        var command = new Command("waiting", "Lists what waits for a second registrar of your organisation.") { key, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _) = await Enter(parsed, key, cancel);
            var answer = await ledger.WaitingRecords(cancel);
            return Shell.Say(parsed, answer, string.Join('\n', answer["items"]!.AsArray().Select(w =>
                $"{w!["id"]}  {w["act"]}  {w["what"]}  {(w["isMine"]!.GetValue<bool>() ? "signed by you" : "signed by a colleague")}, until {w["exp"]}{(w["reason"] is { } reason ? $"  {reason}" : "")}").DefaultIfEmpty("Nothing waits.")));
        });
        return command;
    }

    private static Command Countersign()
    {
        var (id, key, dryRun) = (Waits(), Signers(), DryRun());
        var command = new Command("countersign", "Signs, as the second registrar, what a colleague has signed; it is then in the ledger.") { id, key, dryRun, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, keys) = await Enter(parsed, key, cancel);
            var draft = await ledger.WaitingRecord(parsed.GetValue(id)!, cancel);
            if (draft["seq"] is { } seq)
            {
                return Shell.Say(parsed, draft, $"It is in the ledger already, as entry {seq}.");
            }
            if (parsed.GetValue(dryRun))
            {
                return Shell.Say(parsed, draft, $"Nothing was done. This would be asserted:\n{draft["summary"]!.ToJsonString(Readable)}");
            }
            var receipt = await ledger.SignWaitingRecord(draft, keys[0], cancel);
            return Shell.Say(parsed, receipt, $"{draft["summary"]!["what"]}: accepted as entry {receipt["seq"]}, signed by the vault of {draft["summary"]!["organisation"]} after the assertions of both of you.");
        });
        return command;
    }

    private static Command Withdraw()
    {
        var (id, key) = (Waits(), Signers());
        var command = new Command("withdraw", "Throws away what waits for a second registrar.") { id, key, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var (ledger, _) = await Enter(parsed, key, cancel);
            await ledger.WithdrawWaitingRecord(parsed.GetValue(id)!, cancel);
            return Shell.Say(parsed, new() { ["id"] = parsed.GetValue(id) }, "It was thrown away; nothing of it is in the ledger.");
        });
        return command;
    }

    private static Argument<string> Waits() => new("id") { Description = "Its id, from ./ledger registrar waiting." };

    private static async Task<int> Do(ParseResult parsed, JsonObject wish, Option<FileInfo[]> key, Option<bool> dryRun, CancellationToken cancel)
    {
        var (ledger, keys) = await Enter(parsed, key, cancel);
        var draft = await ledger.DraftRecord(wish, cancel);
        if (parsed.GetValue(dryRun))
        {
            return Shell.Say(parsed, draft, $"Nothing was done. This would be asserted:\n{draft["summary"]!.ToJsonString(Readable)}");
        }
        if (keys.Count == 1 && draft["summary"]!["act"]?.GetValue<string>() == "correct")
        {
            var waiting = await ledger.KeepRecordWaiting(draft, keys[0], cancel);
            return Shell.Say(parsed, waiting, $"{draft["summary"]!["what"]}: you have signed; it waits until {waiting["exp"]} for another registrar of {draft["summary"]!["organisation"]}:\n"
                + $"./ledger registrar countersign {waiting["id"]} --registrar KEY");
        }
        var receipt = await ledger.IssueRecord(draft, keys, cancel);
        return Shell.Say(parsed, receipt, $"{draft["summary"]!["what"]}: accepted as entry {receipt["seq"]}, signed by the vault of {draft["summary"]!["organisation"]} after your assertion.");
    }

    private static async Task<(LedgerClient Ledger, List<SigningKey> Keys)> Enter(ParseResult parsed, Option<FileInfo[]> key, CancellationToken cancel)
    {
        List<SigningKey> keys = [.. parsed.GetValue(key)!.Select(f => Keys.Load(f.FullName))];
        var ledger = Shell.Connect(parsed);
        await ledger.SignIn(keys[0], "r2d", cancel);
        return (ledger, keys);
    }

    private static Option<FileInfo[]> Signers() => new("--registrar")
    {
        Description = "Your key file; that of a second registrar may follow.", Required = true, AllowMultipleArgumentsPerToken = true,
    };

    private static Option<string?> Source() => new("--iss") { Description = "The source, where your organisation has several." };

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Only show what would be signed." };
}
