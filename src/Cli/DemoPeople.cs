using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Cli;

/// <summary>
/// People to try the portal with, a key file each in <c>people</c> of the data folder, bound by both demo operators. A supervisor, two registrars of the sample's
/// agency, for a correction takes two, and a notary.
/// </summary>
internal static class DemoPeople
{
    /// <summary>Id of the agency that the sample's source belongs to.</summary>
    public const string Agency = "public-works";

    /// <summary>Makes and binds whoever is not there yet.</summary>
    public static async Task Bind(LedgerClient ledger, string folder, string iss, CancellationToken cancel)
    {
        using var first = Keys.Load(Path.Combine(folder, "operators", "operator-1.json"));
        using var second = Keys.Load(Path.Combine(folder, "operators", "operator-2.json"));
        SigningKey[] operators = [first, second];
        await ledger.SignIn(first, "o2c", cancel);
        if (await Act(ledger, operators, "register", "organisation", new() { ["id"] = Agency, ["name"] = "San Francisco Public Works" }, cancel))
        {
            // The register came from a table, so not each record has a registrar's word in it.
            var profile = new JsonObject { ["assertion"] = false, ["quarantined"] = false, ["organisation"] = Agency };
            await Act(ledger, operators, "profile", "source", new() { ["iss"] = iss, ["profile"] = profile }, cancel);
        }
        foreach (var (name, role) in new[] { (Role.Supervisor, Role.Supervisor), (Role.Registrar, Role.Registrar), ("registrar-2", Role.Registrar), (Role.Notary, Role.Notary) })
        {
            var path = Path.Combine(folder, "people", $"{name}.json");
            if (File.Exists(path))
            {
                continue;
            }
            using var key = Keys.Generate(KeyPurpose.Operator);
            var binding = new JsonObject { ["pseudonym"] = B64.Encode(RandomNumberGenerator.GetBytes(16)), ["role"] = role, ["kind"] = "cli", ["jwk"] = key.Public.ToJson() };
            if (role == Role.Registrar)
            {
                binding["organisation"] = Agency;
            }
            await Act(ledger, operators, "bind", "role", binding, cancel);
            Keys.Save(key, path);
        }
    }

    private static async Task<bool> Act(LedgerClient ledger, SigningKey[] signers, string operation, string type, JsonObject parameters, CancellationToken cancel)
    {
        JsonObject draft;
        try
        {
            draft = await ledger.Draft(new() { ["operation"] = operation, ["type"] = type, ["parameters"] = parameters }, dryRun: false, cancel);
        }
        catch (LedgerProblemException e) when (e.Code.EndsWith("-known", StringComparison.Ordinal))
        {
            // An earlier run got this far.
            return false;
        }
        foreach (var signer in signers.Take(draft["persons"]!.GetValue<int>()))
        {
            await ledger.SignDraft(draft, signer, cancel);
        }
        return true;
    }
}
