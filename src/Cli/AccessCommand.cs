using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;

namespace EventLedger.Cli;

/// <summary>Reading what is not public: <c>ledger disclose</c>, <c>explain</c>, <c>grants</c>.</summary>
internal static class AccessCommand
{
    private static readonly Option<string?> Purpose = new("--purpose") { Description = "What for, in the words of the grant; it is kept with the read." };

    public static Command Disclose()
    {
        var id = new Argument<long>("record") { Description = "Id of the record." };
        var fields = new Option<string[]>("--field") { Description = "A field; all that are not public unless named.", AllowMultipleArgumentsPerToken = true };
        var token = UserToken.Option();
        var command = new Command("disclose", "Reads fields that are not public, under a grant; the read itself is an event.") { id, fields, Purpose, token, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var read = await UserToken.Connect(parsed, token).Disclosed(parsed.GetValue(id), parsed.GetValue(fields) ?? [], parsed.GetValue(Purpose) ?? "", cancel);
            var lines = read["fields"]!.AsObject().Select(f => $"{f.Key}: {f.Value}").Append($"Noted as entry {read["access"]}.");
            return Shell.Say(parsed, read, string.Join('\n', lines));
        });
        return command;
    }

    public static Command Explain()
    {
        var format = new Argument<string>("format") { Description = "Id of the format." };
        var party = new Option<string?>("--party") { Description = "As this organisation; for operators and supervisors." };
        var suppose = new Option<FileInfo?>("--suppose") { Description = "JSON {issue?: [grant …], revoke?: [id …]}: who would gain or lose what; for operators and supervisors." };
        var token = UserToken.Option();
        var command = new Command("explain", "Says for each field whether it may be read, and why.") { format, party, suppose, Purpose, token, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var question = new JsonObject { ["format"] = parsed.GetValue(format) };
            foreach (var (name, value) in new[] { ("purpose", parsed.GetValue(Purpose)), ("party", parsed.GetValue(party)) })
            {
                if (value is not null)
                {
                    question[name] = value;
                }
            }
            if (parsed.GetValue(suppose) is { } file)
            {
                question["suppose"] = Shell.ReadObject(file.FullName);
            }
            var answer = await UserToken.Connect(parsed, token).Explain(question, cancel);
            var lines = answer["fields"]!.AsArray().Select(f => $"{(f!["allowed"]!.GetValue<bool>() ? "yes" : "NO "),-4}{f["field"],-20} {f["class"],-10} {f["reason"]} {f["grant"]}")
                .Concat((answer["changes"] as JsonArray ?? []).Select(c => $"{c!["party"]} {c["effect"]} {c["format"]}.{c["field"]} for {c["purpose"]}"));
            return Shell.Say(parsed, answer, string.Join('\n', lines));
        });
        return command;
    }

    public static Command Grants()
    {
        var csv = new Option<FileInfo?>("--output") { Description = "Writes them to this file as CSV." };
        var token = UserToken.Option();
        var command = new Command("grants", "Lists your organisation's grants; all of them for operators and supervisors.") { csv, token, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = UserToken.Connect(parsed, token);
            var grants = await ledger.Get("/u2s/v1/grants", cancel);
            if (parsed.GetValue(csv) is { } file)
            {
                await File.WriteAllBytesAsync(file.FullName, await ledger.GetBytes("/u2s/v1/grants.csv", cancel), cancel);
            }
            var lines = grants["items"]!.AsArray().Select(g => $"{g!["id"]}  {g["party"]}  {g["dataset"]}: {string.Join(", ", g["fields"]!.AsArray())}  for {g["purpose"]}  until {g["notAfter"]}  {g["standing"]}");
            return Shell.Say(parsed, grants, string.Join('\n', lines.Append($"{grants["total"]} in all.")));
        });
        return command;
    }
}

/// <summary><c>ledger webhook</c>: being told what is sealed.</summary>
internal static class WebhookCommand
{
    public static Command Create() => new Command("webhook", "Being told what is sealed, by messages that the ledger signs.") { Add(), List(), Remove() };

    private static Command Add()
    {
        var url = new Argument<string>("address") { Description = "Where messages go: https://…" };
        var types = new Option<string[]>("--type") { Description = "An event type; records and changes of status unless named.", AllowMultipleArgumentsPerToken = true };
        var formats = new Option<string[]>("--format") { Description = "Only records of this format.", AllowMultipleArgumentsPerToken = true };
        var token = UserToken.Option();
        var command = new Command("add", "Registers a webhook.") { url, types, formats, token, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var hook = await UserToken.Connect(parsed, token).AddWebhook(new() { ["url"] = parsed.GetValue(url), ["types"] = Texts(parsed.GetValue(types)), ["formats"] = Texts(parsed.GetValue(formats)) }, cancel);
            return Shell.Say(parsed, hook, $"Webhook {hook["id"]} is told what is sealed after entry {hook["position"]}.");
        });
        return command;
    }

    private static Command List()
    {
        var token = UserToken.Option();
        var command = new Command("list", "Lists your webhooks.") { token, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var hooks = await UserToken.Connect(parsed, token).Get("/u2s/v1/webhooks", cancel);
            return Shell.Say(parsed, hooks, string.Join('\n', hooks["items"]!.AsArray().Select(h => $"{h!["id"]}  {h["url"]}  {string.Join(", ", h["types"]!.AsArray())}").Append($"{hooks["total"]} in all.")));
        });
        return command;
    }

    private static Command Remove()
    {
        var id = new Argument<string>("id") { Description = "The webhook." };
        var token = UserToken.Option();
        var command = new Command("remove", "Removes a webhook.") { id, token, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            await UserToken.Connect(parsed, token).RemoveWebhook(parsed.GetValue(id)!, cancel);
            return Shell.Say(parsed, new() { ["removed"] = parsed.GetValue(id) }, $"Webhook {parsed.GetValue(id)} is removed.");
        });
        return command;
    }

    private static JsonArray Texts(string[]? values) => [.. (values ?? []).Select(v => JsonValue.Create(v))];
}

/// <summary>The token of a data user, from the command line or the environment.</summary>
internal static class UserToken
{
    public static Option<string?> Option() => new("--token")
    {
        Description = "Access token for u2s: $(./ledger token --point u2s), or the variable LEDGER_TOKEN.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("LEDGER_TOKEN"),
    };

    public static LedgerClient Connect(ParseResult parsed, Option<string?> token)
    {
        var ledger = Shell.Connect(parsed);
        ledger.Present(parsed.GetValue(token));
        return ledger;
    }
}
