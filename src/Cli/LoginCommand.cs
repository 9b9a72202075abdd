using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;

namespace EventLedger.Cli;

/// <summary>People sign in, and machines and people get access tokens, for whatever else speaks HTTP.</summary>
internal static class LoginCommand
{
    public static Command Login()
    {
        var key = new Option<FileInfo>("--key") { Description = "Your CLI key, which the ledger binds to a role.", Required = true };
        var command = new Command("login", "Signs in with your key; the session lasts 8 hours, or 30 minutes without use.") { Shell.Url, key };
        command.SetAction(async (parsed, cancel) =>
        {
            var url = parsed.GetValue(Shell.Url)!;
            var client = Shell.Connect(url);
            var begun = await client.BeginSession(Keys.Load(parsed.GetValue(key)!.FullName), (await client.Genesis(cancel)).Chain, cancel);
            SessionFile.Write(url, begun);
            var roles = string.Join(", ", begun["roles"]!.AsArray().Select(r => r!.GetValue<string>()));
            // The secret stays in the file: a terminal's history is no place for it.
            begun.Remove("session");
            return Shell.Say(parsed, begun, $"Signed in at {url} as {roles} ({begun["pseudonym"]}) until {begun["until"]}. './ledger token' gives access tokens.");
        });
        return command;
    }

    public static Command Logout()
    {
        var command = new Command("logout", "Ends the session that login began, and every token of it.") { Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var url = parsed.GetValue(Shell.Url)!;
            var (session, id) = SessionFile.Read(url);
            await Shell.Connect(url).EndSession(session, id, cancel);
            SessionFile.Remove(url);
            return Shell.Say(parsed, new() { ["ended"] = id }, $"Signed out of {url}.");
        });
        return command;
    }

    public static Command Token()
    {
        var point = new Option<string>("--point") { Description = "Reference point: r2d, u2s, o2c or v2m.", Required = true };
        var scope = new Option<string?>("--scope") { Description = "Scopes, parted by spaces; all that are to be had unless named." };
        var client = new Option<string?>("--client") { Description = "URI of a source or an application; without it the token is that of the session." };
        var key = new Option<FileInfo?>("--key") { Description = "The client's key." };
        var command = new Command("token", "Prints an access token for one reference point; it lasts five minutes. For curl: -H \"Authorization: Bearer $(./ledger token --point o2c)\".")
        {
            Shell.Url, point, scope, client, key,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(client) is null != result.GetValue(key) is null)
            {
                result.AddError("--client and --key go together.");
            }
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var (url, where, what) = (parsed.GetValue(Shell.Url)!, parsed.GetValue(point)!, parsed.GetValue(scope));
            var ledger = Shell.Connect(url);
            var chain = (await ledger.Genesis(cancel)).Chain;
            var token = parsed.GetValue(client) is { } uri
                ? await ledger.MachineToken(Keys.Load(parsed.GetValue(key)!.FullName), uri, chain, where, what, LedgerTime.From(DateTimeOffset.UtcNow), cancel)
                : await ledger.PersonToken(SessionFile.Read(url).Session, chain, where, what, cancel);
            return Shell.Say(parsed, new() { ["token"] = token }, token);
        });
        return command;
    }

    /// <summary>The session of each ledger, in a file that only its owner may read.</summary>
    private static class SessionFile
    {
        public static void Write(Uri url, JsonObject begun)
        {
            var path = PathOf(url);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(path);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            using var file = new StreamWriter(path, options);
            file.Write(new JsonObject { ["session"] = begun["session"]!.DeepClone(), ["id"] = begun["id"]!.DeepClone() }.ToJsonString());
        }

        public static (string Session, string Id) Read(Uri url)
        {
            var path = PathOf(url);
            if (!File.Exists(path))
            {
                throw new InvalidDataException($"Nobody has signed in at {url} here: ./ledger login --key FILE.");
            }
            var kept = Shell.ReadObject(path);
            return (kept["session"]!.GetValue<string>(), kept["id"]!.GetValue<string>());
        }

        public static void Remove(Uri url) => File.Delete(PathOf(url));

        // One file a ledger; LEDGER_SESSIONS moves the folder, so that two people of one machine account do not share it.
        private static string PathOf(Uri url) => Path.Combine(
            Environment.GetEnvironmentVariable("LEDGER_SESSIONS")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".config", "eventledger", "sessions"),
            $"{url.Host}-{url.Port}.json");
    }
}
