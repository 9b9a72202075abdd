using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger vault</c>: record keys in the agencies' own vault, which lies on the host's machine and never in the database.</summary>
internal static class VaultCommand
{
    private static readonly Option<DirectoryInfo> Folder = new("--vault")
    {
        Description = "The agencies' vault: the host's Vault__Agencies, or agencies/ in its data folder.",
        DefaultValueFactory = _ => new(Environment.GetEnvironmentVariable("Vault__Agencies") ?? Path.Combine(".data", "agencies")),
    };

    public static Command Create() => new("vault", "Keeps agencies' record keys where registrars can have records signed.") { Enrol(), List() };

    /// <summary>Puts a key into an organisation's folder; a key that lies there already is left as it is.</summary>
    public static string Put(string vault, string organisation, SigningKey key)
    {
        if (key.Purpose != KeyPurpose.Record)
        {
            throw new InvalidDataException($"The key's purpose is '{key.Purpose}'; a vault holds keys with which an agency signs records: keygen --purpose record.");
        }
        if (organisation.Length is 0 or > 64 || !organisation.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"'{organisation}' is no organisation's id.");
        }
        foreach (var folder in (string[])[vault, Path.Combine(vault, organisation)])
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }
        }
        var path = Path.Combine(vault, organisation, $"{key.Public.Kid}.json");
        if (!File.Exists(path))
        {
            Keys.Save(key, path);
        }
        return path;
    }

    private static Command Enrol()
    {
        var organisation = new Option<string>("--organisation") { Description = "Id of the organisation whose registrars may have it sign; the source's profile names the same.", Required = true };
        var key = SourceOptions.Key();
        var command = new Command("enrol", "Puts a source's record key into its organisation's vault; the host uses it from then on.") { organisation, key, Folder };
        command.SetAction(parsed =>
        {
            using var loaded = Keys.Load(parsed.GetValue(key)!.FullName);
            var path = Put(parsed.GetValue(Folder)!.FullName, parsed.GetValue(organisation)!, loaded);
            return Shell.Say(parsed, new() { ["kid"] = loaded.Public.Kid, ["organisation"] = parsed.GetValue(organisation), ["path"] = path },
                $"The key lies in {path}. Registrars of {parsed.GetValue(organisation)} can have it sign; {parsed.GetValue(key)} is no longer needed for that.");
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the keys in the vault, by organisation and id.") { Folder };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(Folder)!;
            var keys = (folder.Exists ? folder.EnumerateDirectories() : []).OrderBy(d => d.Name, StringComparer.Ordinal)
                .SelectMany(d => d.EnumerateFiles("*.json").Select(f => (Organisation: d.Name, Kid: Path.GetFileNameWithoutExtension(f.Name))).Order()).ToList();
            return Shell.Say(parsed, new() { ["keys"] = new JsonArray([.. keys.Select(k => new JsonObject { ["organisation"] = k.Organisation, ["kid"] = k.Kid })]) },
                keys.Count == 0 ? "None." : string.Join('\n', keys.Select(k => $"{k.Organisation}  {k.Kid}")));
        });
        return command;
    }
}
