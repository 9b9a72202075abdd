using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger sample</c>: San Francisco's mobile food permits as a licence register, through the same doors that everybody uses.</summary>
internal static class SampleCommand
{
    private const string Iss = "https://sfpublicworks.example/mobile-food", Organisation = "sf-public-works";

    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "The data folder of ./run, with the demo operators' keys.", DefaultValueFactory = _ => new(".data") };
        var samples = new Option<DirectoryInfo>("--samples") { Description = "Folder with table, mapping and formats.", DefaultValueFactory = _ => new(Path.Combine(AppContext.BaseDirectory, "samples", "sf-mobile-food-permits")) };
        var command = new Command("sample", "Registers the sample source and its formats and imports its register; again is harmless.") { data, samples, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var (folder, sample) = (parsed.GetValue(data)!.FullName, parsed.GetValue(samples)!.FullName);
            using var operatorKey = Keys.Load(Path.Combine(folder, "operators", "operator-1.json"));
            using var secondKey = Keys.Load(Path.Combine(folder, "operators", "operator-2.json"));
            var keyPath = Path.Combine(folder, "sources", "sf-mobile-food.json");
            if (!File.Exists(keyPath))
            {
                using var made = Keys.Generate(KeyPurpose.Record);
                Keys.Save(made, keyPath);
            }
            using var key = Keys.Load(keyPath);
            await Admit(ledger, key, operatorKey, cancel);
            await Staff(ledger, folder, key, [operatorKey, secondKey], cancel);
            foreach (var format in Directory.EnumerateFiles(sample, "*.format.json").Order(StringComparer.Ordinal))
            {
                await Once(RejectionCode.FormatKnown, () => FormatCommand.Register(ledger, Shell.ReadObject(format), [operatorKey], cancel));
            }
            var importer = new Importer(ledger, key, Iss, parsed.GetValue(Shell.Url)!, Path.Combine(folder, "spool"));
            var report = await importer.Run(Path.Combine(sample, "sf-mobile-food-permits.csv"), Path.Combine(sample, "mapping.json"),
                (total, work) => Shell.Progress(parsed, "mobile food permits", total, work), cancel);
            return Shell.Say(parsed, new() { ["lines"] = report.Lines, ["accepted"] = report.Accepted, ["refused"] = report.Refused },
                string.Create(CultureInfo.InvariantCulture, $"The sample register is in: {report.Accepted} records accepted, {report.Refused} refused."),
                report.Refused == 0 ? 0 : Shell.Refused);
        });
        return command;
    }

    private static async Task Admit(LedgerClient ledger, SigningKey key, SigningKey operatorKey, CancellationToken cancel)
    {
        var genesis = await ledger.Genesis(cancel);
        // A source that was admitted by an earlier run answers key-known.
        await Once(RejectionCode.KeyKnown, async () =>
        {
            await ledger.RequestSource(SourceRequest.Create(key, Iss, "San Francisco Public Works, mobile food facilities", genesis.Chain, SourceOptions.Now()), cancel);
            await ApproveCommand.Approve(ledger, Iss, [operatorKey], cancel);
        });
    }

    // The agency's key goes into its vault, and one person may have it sign: what the portal's registrar works with.
    private static async Task Staff(LedgerClient ledger, string folder, SigningKey key, IReadOnlyList<SigningKey> operators, CancellationToken cancel)
    {
        var chain = (await ledger.Genesis(cancel)).Chain;
        await Once(RejectionCode.OrganisationKnown, async () =>
        {
            var stream = EventTable.StreamOf(EventTable.OrganisationRegistered, Organisation);
            await ledger.Control(EventTable.OrganisationRegistered, stream, new() { ["id"] = Organisation, ["name"] = "San Francisco Public Works" }, await Version(ledger, stream, cancel), chain,
                SourceOptions.Now(), [operators[0]], cancel);
        });
        var source = EventTable.SourceStream(Iss);
        var known = await ledger.Get($"/r2d/v1/sources/{source["source-".Length..]}", cancel);
        if (known["organisation"] is null)
        {
            await ledger.Control(EventTable.SourceProfiled, source, new()
            {
                ["iss"] = Iss, ["profile"] = new JsonObject { ["organisation"] = Organisation, ["quarantined"] = false, ["assertion"] = false },
            }, known["version"]!.GetValue<long>(), chain, SourceOptions.Now(), [operators[0]], cancel);
        }
        VaultCommand.Put(Path.Combine(folder, "agencies"), Organisation, key);
        var person = Path.Combine(folder, "operators", "registrar-1.json");
        var made = File.Exists(person) ? Shell.ReadObject(Path.ChangeExtension(person, ".public.json")) : KeygenCommand.Operator(person);
        var (pseudonym, jwk) = (made["pseudonym"]!.GetValue<string>(), made["jwk"]!.DeepClone());
        if (await Version(ledger, EventTable.RoleStream(pseudonym), cancel) == 0)
        {
            await ledger.Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym), new()
            {
                ["pseudonym"] = pseudonym, ["role"] = Role.Registrar, ["jwk"] = jwk, ["kind"] = "cli", ["organisation"] = Organisation,
            }, 0, chain, SourceOptions.Now(), operators, cancel);
        }
    }

    private static async Task<long> Version(LedgerClient ledger, string stream, CancellationToken cancel) => (await ledger.Get($"/o2c/v1/streams/{stream}", cancel))["version"]!.GetValue<long>();

    private static async Task Once(string knownCode, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (LedgerProblemException e) when (e.Code == knownCode)
        {
            // An earlier run got this far.
        }
    }
}
