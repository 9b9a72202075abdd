using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger application</c>: an application of a data user asks to be admitted; operators admit it.</summary>
internal static class ApplicationCommand
{
    public static Command Create() => new("application", "Applications of data users: ask for registration, and admit what asked.") { Ask(), Approve() };

    private static Option<string> Uri() => new("--uri") { Description = "The application's URI, for example https://counter.example.", Required = true };

    private static Command Ask()
    {
        var uri = Uri();
        var name = new Option<string>("--name") { Description = "What people call it.", Required = true };
        var organisation = new Option<string>("--organisation") { Description = "Whose it is, by the id under which operators registered the organisation.", Required = true };
        var key = new Option<FileInfo>("--key") { Description = "The key that it will sign in with, from keygen --purpose client.", Required = true };
        var command = new Command("request", "Asks for registration, with proof that the key is held.") { uri, name, organisation, key, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            using var signer = Keys.Load(parsed.GetValue(key)!.FullName);
            var request = ApplicationRequest.Create(signer, parsed.GetValue(uri)!, parsed.GetValue(name)!, parsed.GetValue(organisation)!, (await ledger.Genesis(cancel)).Chain, SourceOptions.Now());
            var answer = await ledger.RequestApplication(request, cancel);
            return Shell.Say(parsed, answer, $"Asked. An operator now admits it with:\n  ./ledger application approve --uri {parsed.GetValue(uri)} --scopes \"u2s.read u2s.query\" --operator KEYFILE --url {parsed.GetValue(Shell.Url)}");
        });
        return command;
    }

    private static Command Approve()
    {
        var uri = Uri();
        var scopes = new Option<string>("--scopes") { Description = "What it may do, parted by spaces: u2s.read, u2s.query, u2s.disclose, u2s.subscribe.", Required = true };
        var signers = SourceOptions.Signers();
        var command = new Command("approve", "Admits an application that asked; operators sign.") { uri, scopes, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var stream = EventTable.ApplicationStream(parsed.GetValue(uri)!);
            var asked = await ledger.Get($"/u2s/v1/applications/{stream["application-".Length..]}", cancel);
            var answer = await ledger.Control(EventTable.ApplicationApproved, stream, new()
            {
                ["request"] = asked["requests"]!.AsArray()[^1]!["request"]!.GetValue<string>(),
                ["scopes"] = new JsonArray([.. parsed.GetValue(scopes)!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => (JsonNode)s)]),
            }, asked["version"]!.GetValue<long>(), (await ledger.Genesis(cancel)).Chain, SourceOptions.Now(), [.. parsed.GetValue(signers)!.Select(f => Keys.Load(f.FullName))], cancel);
            return Shell.Say(parsed, answer, $"{parsed.GetValue(uri)} may sign in from now on: ./ledger token --point u2s --client {parsed.GetValue(uri)} --key KEYFILE");
        });
        return command;
    }
}
