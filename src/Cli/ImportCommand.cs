using System.CommandLine;
using System.Globalization;
using EventLedger.Client;

namespace EventLedger.Cli;

/// <summary><c>ledger import FILE --map MAPPING</c>: a table becomes signed records; an interrupted import goes on with the same command.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var table = new Argument<FileInfo>("file") { Description = "CSV or Excel (.xlsx) with a header row." };
        var map = new Option<FileInfo>("--map") { Description = "JSON: which rows become which records; see samples/.", Required = true };
        var (iss, key) = (SourceOptions.Iss(), SourceOptions.Key());
        var spool = new Option<DirectoryInfo>("--spool") { Description = "Where signed lines and answers are kept.", DefaultValueFactory = _ => new(".data/spool") };
        var command = new Command("import", "Imports a table of records, resumably.") { table, map, iss, key, spool, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            using var signingKey = Keys.Load(parsed.GetValue(key)!.FullName);
            var importer = new Importer(Shell.Connect(parsed), signingKey, parsed.GetValue(iss)!, parsed.GetValue(Shell.Url)!, parsed.GetValue(spool)!.FullName);
            var name = parsed.GetValue(table)!.Name;
            var report = await importer.Run(parsed.GetValue(table)!.FullName, parsed.GetValue(map)!.FullName, (total, work) => Shell.Progress(parsed, name, total, work), cancel);
            return Shell.Say(parsed, new()
            {
                ["lines"] = report.Lines, ["accepted"] = report.Accepted, ["refused"] = report.Refused, ["spool"] = report.Spool,
            }, string.Create(CultureInfo.InvariantCulture, $"{report.Lines} records: {report.Accepted} accepted, {report.Refused} refused. An answer for each line, with its receipt or the reason: {Path.Combine(report.Spool, "answers.ndjson")}")
                + string.Concat(report.Reasons.Take(5).Select(r => string.Create(CultureInfo.InvariantCulture, $"\n  {r.Times} × {r.Reason}"))),
            report.Refused == 0 ? 0 : Shell.Refused);
        });
        return command;
    }
}
