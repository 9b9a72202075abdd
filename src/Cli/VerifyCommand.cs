using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger verify BUNDLE --genesis FILE</c>: offline, with nothing but these two files.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var bundle = new Argument<FileInfo>("bundle") { Description = "The proof, as downloaded." };
        var genesis = new Option<FileInfo>("--genesis") { Description = "The ledger's genesis file: the one thing you trust.", Required = true };
        var requireValid = new Option<bool>("--require-valid") { Description = "Exit 1 also for an authentic record that is not in force." };
        var command = new Command("verify", "Verifies a proof offline: authentic (0), not-authentic (1) or cannot-tell (2).") { bundle, genesis, requireValid };
        command.SetAction(parsed =>
        {
            var verdict = AnyProof.Verify(File.ReadAllBytes(parsed.GetValue(bundle)!.FullName), File.ReadAllBytes(parsed.GetValue(genesis)!.FullName));
            var inForce = verdict.Judgement != Judgement.Authentic || verdict.Code == VerdictCode.Ok;
            return Shell.Say(parsed, ToJson(verdict), Words(verdict), parsed.GetValue(requireValid) && !inForce ? 1 : (int)verdict.Judgement);
        });
        return command;
    }

    private static JsonObject ToJson(Verdict verdict) => new()
    {
        ["verdict"] = verdict.Word,
        ["code"] = verdict.Code,
        ["checks"] = new JsonArray([.. verdict.Checks.Select(c => new JsonObject { ["name"] = c.Name, ["ok"] = c.Ok, ["text"] = c.Text })]),
    };

    // A proved suspension is the first thing that a reader must see.
    private static string Words(Verdict verdict)
    {
        var text = new StringBuilder();
        if (verdict.Judgement == Judgement.Authentic && verdict.Code != VerdictCode.Ok)
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{verdict.Code.ToUpperInvariant()}: the record is genuine, but it is {verdict.Code}.");
        }
        text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{verdict.Word} ({verdict.Code})");
        foreach (var check in verdict.Checks)
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  {check.Ok switch { true => "yes", false => "NO ", null => "?  " }} {check.Name,-8} {check.Text}");
        }
        return text.ToString().TrimEnd();
    }
}
