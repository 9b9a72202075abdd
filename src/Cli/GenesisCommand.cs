using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger genesis</c>: puts the public parts of all founders into the file that a chain starts from.</summary>
internal static class GenesisCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "Name of the chain.", DefaultValueFactory = _ => "demo" };
        var validators = new Option<FileInfo[]>("--validator") { Description = "public.json of a validator; once for each, at least four to stand a fault." };
        var hosts = new Option<FileInfo[]>("--host") { Description = "public.json of a host." };
        var operators = new Option<FileInfo[]>("--operator") { Description = "NAME.public.json of an operator; once for each, at least two." };
        var origin = new Option<string>("--origin") { Description = "Origin of the portal, for passkeys.", DefaultValueFactory = _ => "http://localhost:8080" };
        var demo = new Option<bool>("--demo") { Description = "Make everything for one machine: four validators, a host, two operators." };
        var port = new Option<int>("--first-port") { Description = "Port of the first demo validator.", DefaultValueFactory = _ => 9201 };
        var output = new Option<FileSystemInfo>("--out") { Description = "The genesis file; with --demo a data folder.", Required = true };
        var command = new Command("genesis", "Makes the genesis file of a new chain.") { name, validators, hosts, operators, origin, demo, port, output };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!.FullName;
            var genesis = parsed.GetValue(demo)
                ? Demo(path, parsed.GetValue(name)!, parsed.GetValue(origin)!, parsed.GetValue(port))
                : Write(path, parsed.GetValue(name)!, parsed.GetValue(origin)!, Read(parsed.GetValue(validators)), Read(parsed.GetValue(hosts)), Read(parsed.GetValue(operators)));
            return Shell.Say(parsed, new() { ["chain"] = genesis.Chain, ["hash"] = genesis.Hash.ToString(), ["validators"] = genesis.Validators.Count },
                $"Chain {genesis.Chain} with {genesis.Validators.Count} validators. Give the genesis file to everyone who verifies."
                    + (genesis.Validators.Count < 4 ? "\nIt stands no fault: with fewer than four validators all of them must answer." : ""));
        });
        return command;
    }

    private static List<JsonObject> Read(FileInfo[]? files) => [.. (files ?? []).Select(f => Shell.ReadObject(f.FullName))];

    private static Genesis Demo(string folder, string name, string origin, int port)
    {
        if (File.Exists(Path.Combine(folder, "genesis.json")))
        {
            throw new IOException($"{folder} has a genesis file already; a second one would orphan its chain.");
        }
        var validators = Enumerable.Range(1, 4).Select(n => KeygenCommand.Validator(Path.Combine(folder, "validators", n.ToString(CultureInfo.InvariantCulture)),
            $"validator-{n}", $"127.0.0.1:{port + n - 1}")).ToList();
        var host = KeygenCommand.Host(Path.Combine(folder, "host"), "host-1");
        var operators = Enumerable.Range(1, 2).Select(n => KeygenCommand.Operator(Path.Combine(folder, "operators", $"operator-{n}.json"))).ToList();
        Directory.CreateDirectory(Path.Combine(folder, "vault"));
        var genesis = Write(Path.Combine(folder, "genesis.json"), name, origin, validators, [host], operators);
        for (var n = 1; n <= 4; n++)
        {
            File.WriteAllBytes(Path.Combine(folder, "validators", n.ToString(CultureInfo.InvariantCulture), "genesis.json"), genesis.File);
        }
        return genesis;
    }

    // What could end or hand over control takes two people.
    private static JsonObject Persons() => new()
    {
        [EventTable.RoleBound] = 2, [EventTable.RoleUnbound] = 2, [EventTable.KeyRevoked] = 2, [EventTable.SourceRetired] = 2, [EventTable.FormatRetired] = 2,
        [EventTable.ValidatorInvited] = 2, [EventTable.ValidatorWithdrawn] = 2, [EventTable.ValidatorSetChanged] = 2,
    };

    private static Genesis Write(string path, string name, string origin, List<JsonObject> validators, List<JsonObject> hosts, List<JsonObject> operators)
    {
        var json = new JsonObject
        {
            ["v"] = 1,
            ["name"] = name,
            ["time"] = LedgerTime.From(DateTimeOffset.UtcNow).ToString(),
            ["parameters"] = new JsonObject { ["rpId"] = new Uri(origin).Host, ["origins"] = new JsonArray(origin), ["persons"] = Persons() },
            ["validators"] = new JsonArray([.. validators]),
            ["operators"] = new JsonArray([.. operators]),
            ["hosts"] = new JsonArray([.. hosts]),
        };
        var file = Jcs.Bytes(json);
        if (!Genesis.TryParse(file, out var genesis))
        {
            throw new InvalidDataException("A genesis file takes 1 to 31 validators, at least two operators with distinct pseudonyms, and at least one host, each as keygen made it.");
        }
        using (var stream = new FileStream(path, FileMode.CreateNew))
        {
            stream.Write(file);
            stream.Flush(flushToDisk: true);
        }
        return genesis;
    }
}
