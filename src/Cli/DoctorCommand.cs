using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;
using EventLedger.Wire;

namespace EventLedger.Cli;

/// <summary><c>ledger doctor</c>: what is wrong here, in one look: files, database, validators, host, clocks.</summary>
internal static class DoctorCommand
{
    private sealed record Check(string Name, bool Ok, string Text);

    public static Command Create()
    {
        var command = new Command("doctor", "Looks at keys, database, validators and host, and says what to do.") { Deployment.DataOption, Deployment.ConnectionOption, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            using var deployment = Deployment.Open(parsed);
            var checks = new List<Check> { new("genesis", true, deployment.Genesis.Chain) };
            await Database(deployment, checks, cancel);
            await Validators(deployment, checks, cancel);
            await Host(parsed, deployment, checks, cancel);
            var ok = checks.All(c => c.Ok);
            return Shell.Say(parsed, new()
            {
                ["ok"] = ok, ["checks"] = new JsonArray([.. checks.Select(c => new JsonObject { ["name"] = c.Name, ["ok"] = c.Ok, ["text"] = c.Text })]),
            }, string.Join('\n', checks.Select(c => $"{(c.Ok ? "ok " : "NO ")} {c.Name,-14} {c.Text}")), ok ? 0 : Shell.Refused);
        });
        return command;
    }

    private static async Task Database(Deployment deployment, List<Check> checks, CancellationToken cancel)
    {
        try
        {
            await using var database = deployment.Database();
            await using var command = database.CreateCommand("select coalesce(max(seq), 0), (select coalesce(max(height), 0) from ledger_blocks), current_setting('synchronous_commit') from ledger_entries");
            await using var rows = await command.ExecuteReaderAsync(cancel);
            await rows.ReadAsync(cancel);
            var sync = rows.GetString(2);
            checks.Add(new("database", sync != "off", string.Create(CultureInfo.InvariantCulture, $"{rows.GetInt64(0)} entries, block {rows.GetInt64(1)}, synchronous_commit {sync}")));
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or ArgumentException)
        {
            checks.Add(new("database", false, $"{e.Message} Start it, or rebuild it with ./ledger recover."));
        }
    }

    private static async Task Validators(Deployment deployment, List<Check> checks, CancellationToken cancel)
    {
        var up = 0L;
        var roll = await deployment.Roll(cancel);
        foreach (var validator in roll.In(SeatState.Seated).Select(i => i.Validator))
        {
            using var gateway = deployment.Gateway(validator);
            try
            {
                var health = await gateway.Health(cancel);
                up += validator.Member.Power;
                checks.Add(new(validator.Name, health.Problem.Length == 0 && !health.Observing && health.Mended.Count == 0, string.Create(CultureInfo.InvariantCulture,
                    $"block {health.Height}, {health.Size} entries, {health.Peers.Count} peers{(health.Observing ? ", only observing" : "")}{(health.Problem.Length > 0 ? ", " + health.Problem : "")}{string.Concat(health.Mended.Select(InWords))}")));
            }
            catch (Exception e) when (ValidatorClient.IsAway(e))
            {
                checks.Add(new(validator.Name, false, $"does not answer at {validator.Address}. Start it with --data of its folder."));
            }
        }
        checks.Add(new("quorum", roll.Set.IsQuorum(up), string.Create(CultureInfo.InvariantCulture,
            $"{up} of {roll.Set.Power} voting power answers; more than two thirds are needed to seal")));
    }

    // The data is whole again; why it was not is still to be found.
    private static string InWords(Mended m) => string.Create(CultureInfo.InvariantCulture,
        $", block {m.Height} was damaged on its disk ({(m.Seqs.Count == 0 ? m.What : string.Join(", ", m.Seqs.Select(s => $"entry {s}")))}) and came again from another");

    private static async Task Host(ParseResult parsed, Deployment deployment, List<Check> checks, CancellationToken cancel)
    {
        try
        {
            var head = await Shell.Connect(parsed).Get("/ledger/v1/head", cancel);
            var drift = DateTimeOffset.UtcNow - DateTimeOffset.Parse(head["time"]!.GetValue<string>(), CultureInfo.InvariantCulture);
            checks.Add(new("host", true, string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(Shell.Url)}, block {head["height"]}, sealed {drift.TotalSeconds:F0} s ago")));
        }
        catch (Exception e) when (e is HttpRequestException or Client.LedgerProblemException)
        {
            checks.Add(new("host", false, $"{e.Message} ({deployment.Genesis.Name})"));
        }
    }
}
