using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger control</c>: every act of operators: look, draft, sign, and see what stands.</summary>
internal static class ControlCommand
{
    public static Command Create() => new("control", "What operators do: look what an act would do, do it, sign what others drafted, and see what stands and how it came so.")
    {
        Do(), Sign(), Drafts(), Show(), History(), Configuration(),
    };

    private static Command Do()
    {
        var operation = new Argument<string>("operation") { Description = "approve, suspend, reinstate, retire, profile, add, revoke, register, change, open, close, issue, set, remove, transfer, bind, unbind, invite, withdraw." };
        var type = new Argument<string>("type") { Description = "source, key, format, organisation, application, subscription, grant, directory, service, quota, role, parameter, validator." };
        var set = new Option<string[]>("--set") { Description = "A parameter as name=value; a value that is JSON is taken as JSON.", AllowMultipleArgumentsPerToken = true };
        var file = new Option<FileInfo?>("--parameters") { Description = "JSON object with the parameters." };
        var reason = new Option<string?>("--reason") { Description = "Why; everyone can read it." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what it would do." };
        var signers = SourceOptions.Signers();
        var command = new Command("do", "Does an act: drafts it and signs with each key given; what needs another person waits for 'control sign'.") { operation, type, set, file, reason, dryRun, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            List<SigningKey> keys = [.. parsed.GetValue(signers)!.Select(f => Keys.Load(f.FullName))];
            var parameters = parsed.GetValue(file) is { } path ? Shell.ReadObject(path.FullName) : [];
            foreach (var pair in parsed.GetValue(set) ?? [])
            {
                var (name, value) = Parameter(pair);
                parameters[name] = value;
            }
            var wish = new JsonObject { ["operation"] = parsed.GetValue(operation), ["type"] = parsed.GetValue(type), ["parameters"] = parameters };
            if (parsed.GetValue(reason) is { } why)
            {
                wish["reason"] = why;
            }
            var ledger = Shell.Connect(parsed);
            await ledger.SignIn(keys[0], "o2c", cancel);
            var draft = await ledger.Draft(wish, parsed.GetValue(dryRun), cancel);
            var words = $"{draft["forecast"]}{Words(draft["diff"])}";
            return parsed.GetValue(dryRun) ? Shell.Say(parsed, draft, $"Nothing was done. {words}") : await SignAll(parsed, ledger, draft, keys, words, cancel);
        });
        return command;
    }

    private static Command Sign()
    {
        var id = Id();
        var signers = SourceOptions.Signers();
        var command = new Command("sign", "Shows what a draft would do and signs it.") { id, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var draft = await ledger.Get($"/o2c/v1/requests/{parsed.GetValue(id)}", cancel);
            return await SignAll(parsed, ledger, draft, [.. parsed.GetValue(signers)!.Select(f => Keys.Load(f.FullName))], $"{draft["event"]} on {draft["stream"]}: {draft["data"]!.ToJsonString()}", cancel);
        });
        return command;
    }

    private static Command Drafts()
    {
        var signers = SourceOptions.Signers();
        var command = new Command("drafts", "Lists drafts and where each stands; for people with a role.") { signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            using var key = Keys.Load(parsed.GetValue(signers)![0].FullName);
            await ledger.SignIn(key, "o2c", cancel);
            var list = await ledger.Get("/o2c/v1/requests", cancel);
            return Shell.Say(parsed, list, string.Join('\n', list["requests"]!.AsArray().Select(r => $"{r!["id"]}  {r["state"],-9} {r["operation"]} {r["type"]}  signed {r["signed"]!.AsArray().Count} of {r["persons"]}")));
        });
        return command;
    }

    private static Command Show()
    {
        var (kind, id) = (Kind(), new Argument<string?>("id") { Description = "Which; all of the kind without it.", Arity = ArgumentArity.ZeroOrOne });
        var command = new Command("show", "Shows what stands: sources, formats, keys, organisations, applications, subscriptions, grants, directory, services, quotas, parameters or operators.") { kind, id, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var path = $"/o2c/v1/{parsed.GetValue(kind)}{(parsed.GetValue(id) is { } one ? "/" + Uri.EscapeDataString(one) : "")}";
            var answer = await Shell.Connect(parsed).Get(path, cancel);
            var rows = answer[parsed.GetValue(kind)!]?.AsArray() ?? [answer.DeepClone()];
            return Shell.Say(parsed, answer, rows.Count == 0 ? "None." : string.Join('\n', rows.Select(r => $"{r!["id"]}  {r["state"]!.ToJsonString()}")));
        });
        return command;
    }

    private static Command History()
    {
        var (kind, id) = (Kind(), new Argument<string>("id") { Description = "Which." });
        var command = new Command("history", "Shows what made one so, oldest first.") { kind, id, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await Shell.Connect(parsed).Get($"/o2c/v1/{parsed.GetValue(kind)}/{Uri.EscapeDataString(parsed.GetValue(id)!)}/history", cancel);
            return Shell.Say(parsed, answer, string.Join('\n', answer["events"]!.AsArray().Select(e => $"{e!["seq"],6}  {e["time"]}  {e["status"],-8} {e["type"]}  by {e["actor"]}")));
        });
        return command;
    }

    private static Command Configuration()
    {
        var file = new Option<FileInfo?>("--file") { Description = "A configuration to bring this ledger to; without it the present one is written out." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what differs." };
        var signers = new Option<FileInfo[]>("--operator") { Description = "Key file of an operator; needed with --file.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("configuration", "Writes the configuration out, or drafts what differs from one.") { file, dryRun, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            if (parsed.GetValue(file) is not { } path)
            {
                var now = await ledger.Get("/o2c/v1/configuration", cancel);
                return Shell.Say(parsed, now, now.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            }
            using var key = Keys.Load((parsed.GetValue(signers) is [var first, ..] ? first : throw new InvalidDataException("--operator is needed with --file.")).FullName);
            await ledger.SignIn(key, "o2c", cancel);
            var answer = await ledger.BringTo(Shell.ReadObject(path.FullName), parsed.GetValue(dryRun), cancel);
            return Shell.Say(parsed, answer, answer["changes"]!.AsArray() is { Count: > 0 } changes
                ? string.Join('\n', changes.Select(c => $"{c!["type"]}: {c["before"]?.ToJsonString() ?? "nothing"} → {c["after"]!.ToJsonString()}{(c["draft"] is { } id ? $"  draft {id}" : "")}"))
                : "Nothing differs.");
        });
        return command;
    }

    private static async Task<int> SignAll(ParseResult parsed, LedgerClient ledger, JsonObject draft, IReadOnlyList<SigningKey> keys, string words, CancellationToken cancel)
    {
        var stands = draft;
        foreach (var key in keys)
        {
            stands = await ledger.SignDraft(draft, key, cancel);
        }
        return Shell.Say(parsed, stands, stands["seq"] is { } seq
            ? $"{words}\nIn force, as entry {seq}."
            : $"{words}\nSigned by {stands["signed"]!.AsArray().Count} of {stands["persons"]}. Another person signs with:\n  ./ledger control sign {draft["id"]} --operator KEYFILE --url {parsed.GetValue(Shell.Url)}");
    }

    private static Argument<string> Id() => new("id") { Description = "The draft's id." };

    private static Argument<string> Kind() => new("kind") { Description = "sources, formats, keys, organisations, applications, subscriptions, grants, directory, services, quotas, parameters, operators." };

    private static string Words(JsonNode? diff) => string.Concat((diff?.AsArray() ?? []).Select(d => $"\n  {d!["kind"]} {d["id"]}: {d["before"]?.ToJsonString() ?? "nothing"} → {d["after"]?.ToJsonString() ?? "nothing"}"));

    private static (string Name, JsonNode? Value) Parameter(string pair)
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
        {
            throw new InvalidDataException($"--set takes name=value, not '{pair}'.");
        }
        var text = pair[(at + 1)..];
        try
        {
            return (pair[..at], JsonNode.Parse(text));
        }
        catch (JsonException)
        {
            return (pair[..at], JsonValue.Create(text));
        }
    }
}
