using System.CommandLine;
using System.Globalization;
using EventLedger.Client;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger sample</c>: San Francisco's mobile food permits as a licence register, through the same doors that everybody uses.</summary>
internal static class SampleCommand
{
    private const string Iss = "https://sfpublicworks.example/mobile-food";

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
            var keyPath = Path.Combine(folder, "sources", "sf-mobile-food.json");
            if (!File.Exists(keyPath))
            {
                using var made = Keys.Generate(KeyPurpose.Record);
                Keys.Save(made, keyPath);
            }
            using var key = Keys.Load(keyPath);
            await Admit(ledger, key, operatorKey, cancel);
            await DemoPeople.Bind(ledger, folder, Iss, cancel);
            // What the portal's registrar works with.
            VaultCommand.Put(Path.Combine(folder, "agencies"), DemoPeople.Agency, key);
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
