using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary>What a body does in its own validator's folder: make it for a chain that runs already, or put new keys beside those in use.</summary>
internal static class ValidatorFolderCommands
{
    public static Command Init()
    {
        var name = new Option<string>("--name") { Description = "What people call the validator.", Required = true };
        var address = new Option<string>("--address") { Description = "host:port where peers and hosts reach it.", Required = true };
        var genesis = new Option<FileInfo>("--genesis") { Description = "The genesis file of the chain.", Required = true };
        var output = new Option<DirectoryInfo>("--out") { Description = "Its new folder.", Required = true };
        var command = new Command("init", "Makes the folder of a validator that is to join, and the request that operators invite it by.") { name, address, genesis, output };
        command.SetAction(parsed =>
        {
            var (folder, chain) = (parsed.GetValue(output)!.FullName, Read(parsed.GetValue(genesis)!.FullName));
            KeygenCommand.Validator(folder, parsed.GetValue(name)!, parsed.GetValue(address)!);
            File.WriteAllBytes(Path.Combine(folder, "genesis.json"), chain.File);
            var request = Request(folder, parsed.GetValue(name)!, parsed.GetValue(address)!, chain, Path.Combine(folder, "request.json"));
            return Shell.Say(parsed, request, $"Made {folder}. Send {folder}/request.json to the operators, and start EventLedger.Validator --data {folder}: it syncs once it is invited, and votes once it has a seat.");
        });
        return command;
    }

    public static Command Rotate()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the validator, which may run.", Required = true };
        var address = new Option<string?>("--address") { Description = "host:port where peers and hosts reach it; otherwise as before." };
        var keep = new Option<string[]>("--keep") { Description = "Keys that stay: checkpoint, receipt, status, transport. The consensus key is always new.", AllowMultipleArgumentsPerToken = true };
        keep.AcceptOnlyFromAmong(KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport);
        var command = new Command("rotate", "Makes new keys for a validator. It goes on with the old ones until operators have invited and admitted the new ones.") { data, address, keep };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(data)!.FullName;
            var (own, chain) = (Shell.ReadObject(Path.Combine(folder, "validator.json")), Read(Path.Combine(folder, "genesis.json")));
            var name = own["name"]!.GetValue<string>();
            var where = parsed.GetValue(address) ?? own["listen"]?.GetValue<string>() ?? chain.Validators.First(v => v.Name == name).Address;
            // Whole or not at all: the running validator looks into this folder.
            var made = Directory.CreateDirectory(Path.Combine(folder, ".rotation-in-work")).FullName;
            Directory.Delete(made, recursive: true);
            KeygenCommand.ValidatorKeys(made, [.. ValidatorRequest.Purposes.Except(parsed.GetValue(keep) ?? [])]);
            foreach (var purpose in parsed.GetValue(keep) ?? [])
            {
                File.Copy(Path.Combine(Newest(folder), "keys", $"{purpose}.json"), Path.Combine(made, "keys", $"{purpose}.json"));
            }
            var request = Request(made, name, where, chain, Path.Combine(folder, "request.json"));
            var kid = Keys.Load(Path.Combine(made, "keys", "consensus.json")).Public.Kid;
            Directory.CreateDirectory(Path.Combine(folder, "rotations"));
            Directory.Move(made, Path.Combine(folder, "rotations", kid));
            return Shell.Say(parsed, request, $"Made the new keys {kid}. Send {folder}/request.json to the operators: they run ./ledger validator invite, then ./ledger validator admit {name}.");
        });
        return command;
    }

    // The keys that were made last are those in use, or will be first.
    private static string Newest(string folder) => Directory.Exists(Path.Combine(folder, "rotations"))
        ? new DirectoryInfo(Path.Combine(folder, "rotations")).EnumerateDirectories().MaxBy(d => d.LastWriteTimeUtc)?.FullName ?? folder
        : folder;

    private static Genesis Read(string path) => Genesis.TryParse(File.ReadAllBytes(path), out var genesis) ? genesis : throw new InvalidDataException($"{path} is not a genesis file.");

    private static JsonObject Request(string folder, string name, string address, Genesis chain, string path)
    {
        List<SigningKey> keys = [.. ValidatorRequest.Purposes.Select(p => Keys.Load(Path.Combine(folder, "keys", $"{p}.json")))];
        var request = ValidatorRequest.Create(name, address, chain.Chain, SourceOptions.Now(), keys);
        keys.ForEach(k => k.Dispose());
        File.WriteAllText(path, request.ToJsonString());
        return request;
    }
}
