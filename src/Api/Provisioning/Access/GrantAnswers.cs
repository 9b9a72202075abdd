using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>What somebody asks about rights.</summary>
/// <param name="Format">Format id.</param>
/// <param name="Fields">The fields; empty for all of the format.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Party">In whose name; null for the caller's own. Only operators and supervisors ask in another's.</param>
/// <param name="Issued">Grants that are to be supposed.</param>
/// <param name="Revoked">Ids of grants that are to be supposed revoked.</param>
public sealed record ExplainQuestion(string Format, IReadOnlyList<string> Fields, string? Purpose, string? Party, IReadOnlyList<Grant> Issued, IReadOnlyList<string> Revoked);

/// <summary>Answers about grants: one's own, and why somebody may or may not, now or after a change. Source: ITU-T Y.4561 (08/2020) 8.2, 8.4.</summary>
public sealed class GrantAnswers(HostState state, TimeProvider clock)
{
    /// <summary>The grants of the caller's organisation; of all organisations for operators and supervisors.</summary>
    public GrantList Own(Caller caller)
    {
        var policy = AccessPolicy.Now(state, clock);
        var party = Party.Of(caller, policy.Registry);
        var grants = IsOverseer(caller) ? policy.Registry.Grants.Values.OrderBy(g => g.Id, StringComparer.Ordinal) : policy.GrantsOf(party.Organisation);
        List<GrantView> items = [.. grants.Select(g => new GrantView(g.Id, g.Party, g.Dataset, g.Fields, g.Purpose, g.NotAfter, g.Right is null ? null : JsonNode.Parse(g.Right), policy.StandingOf(g)))];
        return new(items.Count, items);
    }

    /// <summary>The same as comma-separated values.</summary>
    public string ToCsv(Caller caller)
    {
        var text = new StringBuilder();
        Csv.Row(text, ["id", "party", "dataset", "fields", "purpose", "notAfter", "standing"]);
        foreach (var grant in Own(caller).Items)
        {
            Csv.Row(text, [grant.Id, grant.Party, grant.Dataset, string.Join(' ', grant.Fields), grant.Purpose, grant.NotAfter.ToString(), grant.Standing]);
        }
        return text.ToString();
    }

    /// <summary>Why each field may be read or not, and with suppositions who would gain or lose what.</summary>
    public Answer<ExplainView> Explain(Caller caller, ExplainQuestion question)
    {
        var policy = AccessPolicy.Now(state, clock);
        if (policy.Registry.Formats.Values.Where(f => f.Format.Id == question.Format).MaxBy(f => f.Format.Version)?.Format is not { } format)
        {
            return new Problem("query-malformed", $"There is no format '{question.Format}'.");
        }
        if ((question.Party is not null || question.Issued.Count + question.Revoked.Count > 0) && !IsOverseer(caller))
        {
            return new Problem("role-missing", "Only an operator or a supervisor asks in another's name or what a change would do.");
        }
        var own = Party.Of(caller, policy.Registry);
        var party = question.Party is null ? own : new Party(Caller.Anonymous, question.Party, false);
        var fields = question.Fields.Count > 0 ? question.Fields : [.. format.Fields.Keys.Order(StringComparer.Ordinal)];
        List<AccessChange>? changes = null;
        if (question.Issued.Count + question.Revoked.Count > 0)
        {
            changes = [.. Changes(policy, policy.Supposing(question.Issued, question.Revoked))];
        }
        return new ExplainView(party.Organisation, question.Purpose, policy.Seq, policy.Time, [.. fields.Select(f => Explanation.Of(policy, party, format.Vct, f, question.Purpose))], changes);
    }

    // Every organisation, field and purpose that any grant speaks of, before and after.
    private static IEnumerable<AccessChange> Changes(AccessPolicy before, AccessPolicy after)
    {
        var grants = before.Registry.Grants.Values.Concat(after.Registry.Grants.Values).ToList();
        var formats = before.Registry.Formats.Values.Select(f => f.Format).GroupBy(f => f.Id, StringComparer.Ordinal).Select(g => g.MaxBy(f => f.Version)!).OrderBy(f => f.Id, StringComparer.Ordinal);
        return from format in formats
               from party in grants.Select(g => g.Party).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
               from purpose in grants.Where(g => g.Party == party).Select(g => g.Purpose).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
               from field in format.Fields.Keys.Order(StringComparer.Ordinal)
               let was = before.Decide(party, format.Vct, field, purpose) is Domain.Provisioning.GrantDecision.Allowed
               let willBe = after.Decide(party, format.Vct, field, purpose) is Domain.Provisioning.GrantDecision.Allowed
               where was != willBe
               select new AccessChange(party, format.Id, field, purpose, willBe ? "gains" : "loses");
    }

    private static bool IsOverseer(Caller caller) => caller.Is(Role.Operator) || caller.Is(Role.Supervisor);
}

/// <summary>Reads questions about rights.</summary>
internal static class ExplainReader
{
    /// <summary>From <c>{format, fields?, purpose?, party?, suppose?: {issue?: […], revoke?: […]}}</c>; null when it has another form.</summary>
    public static ExplainQuestion? Read(JsonObject body)
    {
        try
        {
            var suppose = body["suppose"] as JsonObject;
            return body["format"] is null ? null : new(body["format"]!.GetValue<string>(), Texts(body["fields"]), body["purpose"]?.GetValue<string>(), body["party"]?.GetValue<string>(),
                [.. (suppose?["issue"] as JsonArray ?? []).Select(g => Supposed((JsonObject)g!))], Texts(suppose?["revoke"]));
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or InvalidCastException or NullReferenceException)
        {
            return null;
        }
    }

    private static Grant Supposed(JsonObject grant) => new(grant["id"]?.GetValue<string>() ?? "supposed", grant["party"]!.GetValue<string>(), grant["dataset"]!.GetValue<string>(),
        Texts(grant["fields"]), grant["purpose"]!.GetValue<string>(), LedgerTime.Parse(grant["notAfter"]!.GetValue<string>()), null, false);

    private static List<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(t => t!.GetValue<string>())];
}
