using System.Diagnostics;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.Domain.Provisioning;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>Decisions in words: why, and how to ask.</summary>
internal static class Explanation
{
    /// <summary>The verdict on one field of a format for a party.</summary>
    public static FieldVerdict Of(AccessPolicy policy, Party party, string vct, string field, string? purpose)
    {
        var format = policy.Registry.Formats[vct].Format;
        var word = format.Fields.GetValueOrDefault(field, FieldClass.Restricted).ToString().ToLowerInvariant();
        return policy.Decide(party.Organisation, vct, field, purpose) switch
        {
            GrantDecision.Allowed { Grant: null } => new(field, word, true, "public", null, null),
            GrantDecision.Allowed allowed => new(field, word, true, "grant", allowed.Grant, null),
            GrantDecision.Refused when party.IsSupervisor && !string.IsNullOrWhiteSpace(purpose) => new(field, word, true, "supervisor", null, null),
            GrantDecision.Refused refused => new(field, word, false, refused.Reason, refused.Nearest, How(policy, format, field, refused, purpose)),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>The problem that a refused field makes.</summary>
    public static Problem Refusal(FieldVerdict refused) => new("grant-missing", refused.How!, ("field", refused.Field), ("reason", refused.Reason), ("nearest", refused.Grant),
        ("ask", "/u2s/v1/cases"));

    private static string How(AccessPolicy policy, RecordFormat format, string field, GrantDecision.Refused refused, string? purpose)
    {
        var owner = policy.OwnerOf(format.Id);
        var ask = $"Ask {(owner is null ? "the operators" : $"{owner.Name}{(owner.Contact is { } contact ? $" ({contact})" : "")}")} for a grant on '{format.Id}', field '{field}'"
            + $"{(string.IsNullOrWhiteSpace(purpose) ? "" : $", purpose '{purpose}'")}: POST /u2s/v1/cases {{\"kind\": \"access\", …}} opens a case that they answer.";
        return refused.Reason switch
        {
            GrantRefusal.PartyUnknown => $"Field '{field}' is not public, and you act for no organisation that the ledger knows. An operator binds your application or role to one. {ask}",
            GrantRefusal.PurposeMissing => $"Field '{field}' is not public: say what you need it for.",
            GrantRefusal.OtherField => $"Grant {refused.Nearest} does not name field '{field}'. {ask}",
            GrantRefusal.OtherPurpose => $"Grant {refused.Nearest} is for '{policy.Registry.Grants[refused.Nearest!].Purpose}', not for '{purpose}'. Read it for that purpose only. {ask}",
            GrantRefusal.Expired => $"Grant {refused.Nearest} ran out at {policy.Registry.Grants[refused.Nearest!].NotAfter}. {ask}",
            _ => $"Your organisation has no grant for '{format.Id}'. {ask}",
        };
    }
}
