using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary><c>ledger evidence</c>: what validators signed against the rules, listed from a ledger or checked offline.</summary>
internal static class EvidenceCommand
{
    public static Command Create() => new Command("evidence", "Evidence against validators: what is sealed, and whether a file proves what it says.") { List(), Verify() };

    private static Command List()
    {
        var command = new Command("list", "Lists the sealed evidence, newest first.") { Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var answer = await ledger.Get("/v2m/v1/evidence?limit=200", cancel);
            var items = (JsonArray)answer["items"]!;
            for (var page = answer; page["next"]?.GetValue<string>() is { } next;)
            {
                page = await ledger.Get(next, cancel);
                foreach (var item in (JsonArray)page["items"]!)
                {
                    items.Add(item!.DeepClone());
                }
            }
            answer.Remove("next");
            var lines = items.Select(item => Line((JsonObject)item!)).Append(string.Create(CultureInfo.InvariantCulture,
                $"{items.Count} in all as of block {answer["asOf"]!["height"]}. Each one's file: /v2m/v1/evidence/NUMBER/file, for ./ledger evidence verify."));
            return Shell.Say(parsed, answer, items.Count == 0 ? $"Nothing is held against any validator as of block {answer["asOf"]!["height"]}." : string.Join('\n', lines));
        });
        return command;
    }

    private static string Line(JsonObject item) => string.Create(CultureInfo.InvariantCulture,
        $"{item["seq"]}  {item["standing"]}  {item["kind"]}  {item["name"] ?? item["kid"]}  height {item["height"]}, round {item["round"]}, {item["step"]}  sealed in block {item["sealed"]!["height"]} at {item["sealed"]!["time"]}");

    private static Command Verify()
    {
        var file = new Argument<FileInfo>("file") { Description = "The evidence, as downloaded or as a validator keeps it." };
        var genesis = new Option<FileInfo>("--genesis") { Description = "The ledger's genesis file: the one thing you trust.", Required = true };
        var command = new Command("verify", "Checks both signatures offline: proved (0), not-proved (1) or cannot-tell (2).") { file, genesis };
        command.SetAction(parsed =>
        {
            var verdict = EvidenceVerifier.Verify(File.ReadAllBytes(parsed.GetValue(file)!.FullName), File.ReadAllBytes(parsed.GetValue(genesis)!.FullName));
            return Shell.Say(parsed, new()
            {
                ["verdict"] = verdict.Word, ["code"] = verdict.Code, ["text"] = verdict.Text, ["kind"] = verdict.Evidence?.Kind, ["kid"] = verdict.Evidence?.Kid,
                ["height"] = verdict.Evidence?.Height,
            }, $"{verdict.Word} ({verdict.Code})\n  {verdict.Text}", (int)verdict.Finding);
        });
        return command;
    }
}
