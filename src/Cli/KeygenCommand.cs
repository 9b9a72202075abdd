using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger keygen</c>: one key, or all keys of a validator or host with the public part that goes into a genesis file.</summary>
internal static class KeygenCommand
{
    private static readonly string[] HostPurposes = [KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];

    public static Command Create()
    {
        var purpose = new Option<string?>("--purpose") { Description = $"One key for: {string.Join(", ", KeyPurpose.All)}." };
        var validator = new Option<string?>("--validator") { Description = "All keys of a validator with this name, and its first sign guard." };
        var host = new Option<string?>("--host") { Description = "All keys of a host with this name." };
        var person = new Option<bool>("--operator") { Description = "The key and random pseudonym of an operator." };
        var address = new Option<string>("--address") { Description = "host:port on which the validator listens.", DefaultValueFactory = _ => "127.0.0.1:9201" };
        var output = new Option<FileSystemInfo>("--out") { Description = "File for one key or an operator's, folder for a validator or host.", Required = true };
        var command = new Command("keygen", "Makes private keys, readable by you alone. Nothing is overwritten.") { purpose, validator, host, person, address, output };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(output)!.FullName;
            var made = (parsed.GetValue(validator), parsed.GetValue(host), parsed.GetValue(person), parsed.GetValue(purpose)) switch
            {
                ({ } name, null, false, null) => Validator(path, name, parsed.GetValue(address)!),
                (null, { } name, false, null) => Host(path, name),
                (null, null, true, null) => Operator(path),
                (null, null, false, { } one) => One(path, one),
                _ => throw new ArgumentException("Say exactly one of --purpose, --validator, --host and --operator."),
            };
            var open = parsed.GetValue(person) ? PublicFile(path) : Path.Combine(path, "public.json");
            return Shell.Say(parsed, made, parsed.GetValue(purpose) is null
                ? $"Made the secret keys in {path}. What the genesis file needs of them stands in {open}: hand over that file and nothing else."
                : $"Made {path}. Keep it secret; this is its public part:\n{made.ToJsonString()}");
        });
        return command;
    }

    /// <summary>Makes a validator's folder: <c>keys/</c>, <c>validator.json</c>, the guard of a key that has never signed, and <c>public.json</c>.</summary>
    public static JsonObject Validator(string folder, string name, string address)
    {
        var keys = ValidatorKeys(folder, ValidatorRequest.Purposes);
        File.WriteAllText(Path.Combine(folder, "validator.json"), new JsonObject { ["name"] = name, ["listen"] = address }.ToJsonString());
        return Public(folder, new() { ["name"] = name, ["address"] = address, ["power"] = 1, ["keys"] = keys });
    }

    /// <summary>Makes <c>keys/</c> with one key for each purpose, and the guard of a key that has never signed; gives the public halves.</summary>
    public static JsonObject ValidatorKeys(string folder, IReadOnlyCollection<string> purposes)
    {
        var keys = new JsonObject();
        foreach (var purpose in purposes)
        {
            using var key = Keys.Generate(purpose);
            Keys.Save(key, Path.Combine(folder, "keys", $"{purpose}.json"));
            keys[purpose] = key.Public.ToJson();
        }
        File.WriteAllText(Path.Combine(folder, "guard.json"), """{"height":0,"v":1,"wal":null}""");
        return keys;
    }

    /// <summary>Makes a host's folder: its key files and <c>public.json</c>.</summary>
    public static JsonObject Host(string folder, string name)
    {
        var made = new JsonObject { ["name"] = name };
        foreach (var purpose in HostPurposes)
        {
            using var key = Keys.Generate(purpose);
            Keys.Save(key, Path.Combine(folder, $"{purpose}.json"));
            made[purpose] = key.Public.ToJson();
        }
        return Public(folder, made);
    }

    /// <summary>Makes an operator's key file and, beside it, <c>NAME.public.json</c>; the pseudonym says nothing about the person.</summary>
    public static JsonObject Operator(string path)
    {
        using var key = Keys.Generate(KeyPurpose.Operator);
        Keys.Save(key, path);
        var made = new JsonObject { ["pseudonym"] = B64.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)), ["jwk"] = key.Public.ToJson() };
        // The pseudonym stands nowhere else until genesis names it.
        File.WriteAllText(PublicFile(path), made.ToJsonString());
        return made;
    }

    private static string PublicFile(string path) => Path.ChangeExtension(path, ".public.json");

    private static JsonObject One(string path, string purpose)
    {
        using var key = Keys.Generate(purpose);
        Keys.Save(key, path);
        return new() { ["purpose"] = purpose, ["kid"] = key.Public.Kid, ["jwk"] = key.Public.ToJson() };
    }

    private static JsonObject Public(string folder, JsonObject made)
    {
        File.WriteAllText(Path.Combine(folder, "public.json"), made.ToJsonString());
        return made;
    }
}
