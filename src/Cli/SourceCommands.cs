using System.CommandLine;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary>Options that the commands of a source share.</summary>
internal static class SourceOptions
{
    public static Option<string> Iss() => new("--iss") { Description = "The source's URI, for example https://licences.example.org.", Required = true };

    public static Option<FileInfo> Key() => new("--key") { Description = "The source's record key, from keygen --purpose record.", Required = true };

    public static Option<FileInfo[]> Signers() => new("--operator")
    {
        Description = "Key file of an operator who signs; give it once for each person.", Required = true, AllowMultipleArgumentsPerToken = true,
    };

    public static LedgerTime Now() => LedgerTime.From(DateTimeOffset.UtcNow);
}

/// <summary><c>ledger register</c>: a source asks to be admitted and proves that it holds its key.</summary>
internal static class RegisterCommand
{
    public static Command Create()
    {
        var iss = SourceOptions.Iss();
        var key = SourceOptions.Key();
        var name = new Option<string>("--name") { Description = "What people call the source.", Required = true };
        var command = new Command("register", "Asks for registration as a data source.") { iss, name, key, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var genesis = await ledger.Genesis(cancel);
            using var signer = Keys.Load(parsed.GetValue(key)!.FullName);
            var answer = await ledger.RequestSource(
                SourceRequest.Create(signer, parsed.GetValue(iss)!, parsed.GetValue(name)!, genesis.Chain, SourceOptions.Now()), cancel);
            return Shell.Say(parsed, answer,
                $"Asked. An operator now admits the source with:\n  ./ledger approve --iss {parsed.GetValue(iss)} --operator KEYFILE --url {parsed.GetValue(Shell.Url)}");
        });
        return command;
    }
}

/// <summary><c>ledger approve</c>: operators admit a source that asked.</summary>
internal static class ApproveCommand
{
    public static Command Create()
    {
        var iss = SourceOptions.Iss();
        var signers = SourceOptions.Signers();
        var command = new Command("approve", "Admits a source that asked to be registered; an operator signs.") { iss, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var answer = await Approve(Shell.Connect(parsed), parsed.GetValue(iss)!, [.. parsed.GetValue(signers)!.Select(f => Keys.Load(f.FullName))], cancel);
            return Shell.Say(parsed, answer, $"{parsed.GetValue(iss)} may submit from now on.");
        });
        return command;
    }

    public static async Task<JsonObject> Approve(LedgerClient ledger, string iss, IReadOnlyList<SigningKey> signers, CancellationToken cancel)
    {
        var genesis = await ledger.Genesis(cancel);
        var stream = EventTable.SourceStream(iss);
        JsonObject source;
        try
        {
            source = await ledger.Get($"/r2d/v1/sources/{stream["source-".Length..]}", cancel);
        }
        catch (LedgerProblemException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            throw new LedgerProblemException(e.Status, e.Code, $"{iss} has not asked to be registered. It asks with ./ledger register.");
        }
        var request = source["requests"]!.AsArray().LastOrDefault(r => r!["pending"]!.GetValue<bool>())?["request"]?.GetValue<string>()
            ?? throw new LedgerProblemException(System.Net.HttpStatusCode.Conflict, "not-waiting", $"No request of {iss} waits for an operator: it is admitted already, or has to ask again.");
        return await ledger.Control(EventTable.SourceApproved, stream, new() { ["request"] = request }, source["version"]!.GetValue<long>(), genesis.Chain,
            SourceOptions.Now(), signers, cancel);
    }
}

/// <summary><c>ledger format</c>: operators register a format version.</summary>
internal static class FormatCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("definition") { Description = "JSON: id, version, title, schema (JSON Schema 2020-12), classification, key, lifecycle, sources?." };
        var signers = SourceOptions.Signers();
        var command = new Command("format", "Registers a format of records; an operator signs.") { file, signers, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var format = Shell.ReadObject(parsed.GetValue(file)!.FullName);
            var answer = await Register(Shell.Connect(parsed), format, [.. parsed.GetValue(signers)!.Select(f => Keys.Load(f.FullName))], cancel);
            return Shell.Say(parsed, answer, $"Format {format["id"]} version {format["version"]} is registered.");
        });
        return command;
    }

    public static async Task<JsonObject> Register(LedgerClient ledger, JsonObject format, IReadOnlyList<SigningKey> signers, CancellationToken cancel)
    {
        var genesis = await ledger.Genesis(cancel);
        var id = format["id"]?.GetValue<string>() ?? throw new InvalidDataException("A format needs an id.");
        var known = await ledger.Get($"/o2c/v1/streams/{EventTable.FormatStream(Uri.EscapeDataString(id))}", cancel);
        return await ledger.Control(EventTable.FormatRegistered, EventTable.FormatStream(id), new() { ["format"] = format.DeepClone() },
            known["version"]!.GetValue<long>(), genesis.Chain, SourceOptions.Now(), signers, cancel);
    }
}

/// <summary><c>ledger submit</c>: one signed record.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var fields = new Argument<FileInfo>("fields") { Description = "JSON object with the record's fields." };
        var format = new Option<FileInfo>("--format") { Description = "The format's definition.", Required = true };
        var (iss, key) = (SourceOptions.Iss(), SourceOptions.Key());
        var proof = new Option<FileInfo?>("--proof") { Description = "Wait until the record is sealed, and write its proof to this file." };
        var jti = new Option<string>("--jti") { Description = "Your own id of this submission; sending the same again gives the first receipt.", DefaultValueFactory = _ => Guid.NewGuid().ToString("N") };
        var exp = new Option<DateTimeOffset?>("--expires") { Description = "When the record expires." };
        var command = new Command("submit", "Signs one record and submits it; with --json prints the receipt.") { fields, format, iss, key, jti, exp, proof, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            using var signingKey = Keys.Load(parsed.GetValue(key)!.FullName);
            var signer = new RecordSigner(signingKey, parsed.GetValue(iss)!, (await ledger.Genesis(cancel)).Chain, parsed.GetValue(Shell.Url)!,
                Shell.ReadObject(parsed.GetValue(format)!.FullName));
            var record = signer.Sign(Shell.ReadObject(parsed.GetValue(fields)!.FullName),
                parsed.GetValue(jti)!, SourceOptions.Now(), parsed.GetValue(exp)?.ToUnixTimeSeconds());
            var answer = await ledger.Submit(record, cancel);
            var page = new Uri(parsed.GetValue(Shell.Url)!, $"/record/{answer["seq"]}");
            if (parsed.GetValue(proof) is not { } file)
            {
                return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}; it is authentic once a block seals it. Its page: {page}");
            }
            var bundle = await ledger.SubmitSealed(record, cancel)
                ?? throw new HttpRequestException($"entry {answer["seq"]} is accepted but not sealed yet; its proof will be at {answer["links"]?["proof"]}");
            await File.WriteAllBytesAsync(file.FullName, bundle, cancel);
            answer["status"] = "sealed";
            return Shell.Say(parsed, answer, $"Sealed as entry {answer["seq"]}. Its proof is in {file.FullName}, its page is {page}");
        });
        return command;
    }
}

/// <summary><c>ledger status</c>: the source suspends, revokes or reinstates one of its records.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var change = new Argument<string>("change") { Description = "suspended, revoked or valid." };
        change.AcceptOnlyFromAmong(RecordStatus.Suspended, RecordStatus.Revoked, RecordStatus.Valid);
        var (iss, key) = (SourceOptions.Iss(), SourceOptions.Key());
        var format = new Option<string>("--format") { Description = "Id of the record's format.", Required = true };
        var keys = new Option<string[]>("--record") { Description = "Values of the record's key fields.", Required = true, AllowMultipleArgumentsPerToken = true };
        var reason = new Option<string?>("--reason") { Description = "Why; everyone can read it." };
        var command = new Command("status", "Changes the status of a record.") { change, iss, key, format, keys, reason, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            using var signer = Keys.Load(parsed.GetValue(key)!.FullName);
            var answer = await ledger.Submit(RecordRules.CreateStatusChange(signer, parsed.GetValue(iss)!, (await ledger.Genesis(cancel)).Chain,
                Guid.NewGuid().ToString("N"), SourceOptions.Now(), parsed.GetValue(format)!, new([.. parsed.GetValue(keys)!.Select(k => JsonValue.Create(k))]),
                parsed.GetValue(change)!, parsed.GetValue(reason)), cancel);
            return Shell.Say(parsed, answer, $"Accepted as entry {answer["seq"]}.");
        });
        return command;
    }
}
