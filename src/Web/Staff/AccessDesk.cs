using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Staff;

/// <summary>What one organisation may read of a format.</summary>
/// <param name="Party">The organisation's id.</param>
/// <param name="Fields">Verdicts, one a field.</param>
public sealed record PartyAccess(string Party, IReadOnlyList<JsonElement> Fields);

/// <summary>Who could read what: as it stands, or as it would be with one grant more or less.</summary>
/// <param name="Parties">By organisation.</param>
/// <param name="Changes">Who would gain or lose which field; null where nothing was supposed.</param>
/// <param name="Policy">The last entry that was taken into account.</param>
/// <param name="Trouble">Why there is no answer; null where there is one.</param>
/// <param name="Unasked">How many organisations more there are, which were not asked about.</param>
public sealed record WhoCouldRead(IReadOnlyList<PartyAccess> Parties, IReadOnlyList<JsonElement>? Changes, long? Policy, Reply<JsonElement>? Trouble, int Unasked = 0);

/// <summary>Answers the question that comes before a grant: who could read this?</summary>
public sealed class AccessDesk(StaffLedger ledger)
{
    private const int PartiesMax = 50;

    /// <summary>Asks for each organisation.</summary>
    /// <param name="question">format, purpose?, and what is supposed: party?, fields?, until?, or revoke?.</param>
    public async Task<WhoCouldRead> Ask(IQueryCollection question)
    {
        var parties = (await ledger.Get("/o2c/v1/organisations")).Value.Items("organisations").Select(o => o.Text("id")!).ToList();
        var (found, changes, policy) = (new List<PartyAccess>(), (IReadOnlyList<JsonElement>?)null, (long?)null);
        foreach (var party in parties.Take(PartiesMax))
        {
            var reply = await ledger.Post("/u2s/v1/explain", Body(question, party));
            if (!reply.IsGood)
            {
                return new([], null, null, reply);
            }
            found.Add(new(party, reply.Value.Items("fields")));
            // What is supposed concerns all organisations, so any answer has it.
            (changes, policy) = (Supposed(question) is null ? null : reply.Value.Items("changes"), reply.Value.Number("policy"));
        }
        return new(found, changes, policy, null, Math.Max(0, parties.Count - PartiesMax));
    }

    private static JsonObject Body(IQueryCollection question, string party)
    {
        var body = new JsonObject { ["format"] = question["format"].ToString(), ["party"] = party };
        if (question["purpose"].ToString() is { Length: > 0 } purpose)
        {
            body["purpose"] = purpose;
        }
        if (Supposed(question) is { } supposed)
        {
            body["suppose"] = supposed;
        }
        return body;
    }

    private static JsonObject? Supposed(IQueryCollection question)
    {
        if (question["revoke"].ToString() is { Length: > 0 } revoked)
        {
            return new() { ["revoke"] = new JsonArray(revoked) };
        }
        if (question["party"].ToString() is not { Length: > 0 } party)
        {
            return null;
        }
        string[] fields = question["fields"].ToString().Split([',', '\n', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new()
        {
            ["issue"] = new JsonArray(new JsonObject
            {
                ["party"] = party, ["dataset"] = question["format"].ToString(), ["fields"] = new JsonArray([.. (fields.Length == 0 ? ["*"] : fields).Select(f => JsonValue.Create(f))]),
                ["purpose"] = question["purpose"].ToString(), ["notAfter"] = Until(question["until"].ToString()),
            }),
        };
    }

    private static string Until(string day) => LedgerTime.TryParse($"{day}T23:59:59.999Z", out var until) ? until.ToString() : "2100-01-01T00:00:00.000Z";
}
