using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger validator</c>: a body makes a validator or new keys for one; operators invite it, give it a seat, or take the seat back.</summary>
internal static class ValidatorCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "Name of the validator." };
    private static readonly Option<string> Reason = new("--reason") { Description = "Why; everyone can read it.", DefaultValueFactory = _ => "" };
    private static readonly Option<int> Power = new("--power") { Description = "Its voting power.", DefaultValueFactory = _ => 1 };

    public static Command Create() => new Command("validator", "Makes validators, and changes who they are.")
    {
        ValidatorFolderCommands.Init(), ValidatorFolderCommands.Rotate(), List(), Invite(), Withdraw(), WhatIf(),
        Change("admit", "Gives an invited validator a seat, or moves the seat to its new keys or another power; it votes from the second block on.", Power, SeatChange.Admit),
        Change("leave", "Takes a validator's seat; its votes count no more from the second block on.", null, (seats, all, name, _) => SeatChange.Leave(seats, all, name)),
    };

    private static Command List()
    {
        var command = new Command("list", "Shows who has a seat and who is invited.") { Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var now = await Shell.Connect(parsed).Get("/o2c/v1/validators", cancel);
            var lines = now["validators"]!.AsArray().Select(v => $"{v!["state"],-8} {v["name"],-20} power {v["power"]}  {v["address"]}  {v["kid"]}");
            return Shell.Say(parsed, now, string.Join('\n', lines) + (now["pending"]!.GetValue<bool>() ? "\nA change is not in force yet." : ""));
        });
        return command;
    }

    private static Command Invite()
    {
        var file = new Argument<FileInfo>("request") { Description = "request.json of the validator's body." };
        var signers = SourceOptions.Signers();
        var command = new Command("invite", "Lets a validator in as an observer, or takes note of new keys; two operators sign.") { file, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var request = Shell.ReadObject(parsed.GetValue(file)!.FullName);
            using var document = System.Text.Json.JsonDocument.Parse(request.ToJsonString());
            if (!ValidatorRequest.TryParse(document.RootElement, out var asked, out var problem))
            {
                throw new InvalidDataException(problem);
            }
            var answer = await Post(parsed, EventTable.ValidatorInvited, new() { ["request"] = request }, signers, cancel);
            return Shell.Say(parsed, answer, $"{asked.Validator.Name} may connect now. Once it has caught up, give it its seat:\n  ./ledger validator admit {asked.Validator.Name} --operator KEYFILE KEYFILE");
        });
        return command;
    }

    private static Command Withdraw()
    {
        var kid = new Argument<string>("kid") { Description = "Consensus key of the invitation, or of keys that a rotation has replaced." };
        var signers = SourceOptions.Signers();
        var command = new Command("withdraw", "Takes an invitation back, or lets go of replaced keys that others may know; two operators sign.") { kid, Reason, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await Post(parsed, EventTable.ValidatorWithdrawn, new() { ["kid"] = parsed.GetValue(kid), ["reason"] = parsed.GetValue(Reason) }, signers, cancel);
            return Shell.Say(parsed, answer, "It is let in no more, once that is sealed.");
        });
        return command;
    }

    private static Command Change(string name, string description, Option<int>? power, Func<JsonArray, JsonArray, string, int, JsonArray> change)
    {
        var signers = SourceOptions.Signers();
        var command = new Command(name, $"{description} Two operators sign.") { Name, Reason, signers, Shell.Url };
        if (power is not null)
        {
            command.Options.Add(power);
        }
        command.SetAction(async (parsed, cancel) =>
        {
            var now = await Shell.Connect(parsed).Get("/o2c/v1/validators", cancel);
            var members = change(SeatChange.Seats(now), now["validators"]!.AsArray(), parsed.GetValue(Name)!, power is null ? 0 : parsed.GetValue(power));
            var answer = await Post(parsed, EventTable.ValidatorSetChanged, new() { ["members"] = members, ["reason"] = parsed.GetValue(Reason) }, signers, cancel);
            return Shell.Say(parsed, answer, string.Create(CultureInfo.InvariantCulture, $"Accepted as entry {answer["seq"]}. {members.Count} validators have seats from the second block after it on."));
        });
        return command;
    }

    private static Command WhatIf()
    {
        var admit = new Option<string[]>("--admit") { Description = "Who would get a seat, or new keys, as NAME or NAME=POWER.", AllowMultipleArgumentsPerToken = true };
        var leave = new Option<string[]>("--leave") { Description = "Who would lose its seat.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("what-if", "Says what a change would lead to, and changes nothing; exit 1 when it would be refused.") { admit, leave, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var now = await ledger.Get("/o2c/v1/validators", cancel);
            var (members, all) = (SeatChange.Seats(now), now["validators"]!.AsArray());
            foreach (var name in parsed.GetValue(leave) ?? [])
            {
                members = SeatChange.Leave(members, all, name);
            }
            foreach (var (name, power) in (parsed.GetValue(admit) ?? []).Select(SeatChange.Parse))
            {
                members = SeatChange.Admit(members, all, name, power);
            }
            var forecast = await ledger.ForecastSet(members, cancel);
            var seats = forecast["seats"]!.AsArray().Select(s => $"  {(s!["online"]!.GetValue<bool>() ? "ok " : "NO ")} {s["name"],-20} power {s["power"]}  {s["problem"]}");
            return Shell.Say(parsed, forecast, string.Join('\n', [forecast["text"]!.GetValue<string>(), .. seats]), forecast["halts"]!.GetValue<bool>() ? Shell.Refused : 0);
        });
        return command;
    }

    private static async Task<JsonObject> Post(ParseResult parsed, string type, JsonObject data, Option<FileInfo[]> signers, CancellationToken cancel)
    {
        var ledger = Shell.Connect(parsed);
        var (genesis, now) = (await ledger.Genesis(cancel), await ledger.Get("/o2c/v1/validators", cancel));
        List<SigningKey> keys = [.. parsed.GetValue(signers)!.Select(f => Keys.Load(f.FullName))];
        return await ledger.Control(type, EventTable.ValidatorStream, data, now["version"]!.GetValue<long>(), genesis.Chain, SourceOptions.Now(), keys, cancel);
    }
}
