using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What a role is held for and when; each is null where nobody said.</summary>
/// <param name="Organisation">Whose person it is, by id.</param>
/// <param name="Duties">What the person is there for.</param>
/// <param name="Mandate">On what ground a supervisor watches.</param>
/// <param name="Scope">The formats and sources that it is about.</param>
/// <param name="NotBefore">The role does not count while the previous header's time is earlier.</param>
/// <param name="NotAfter">The role does not count once the previous header's time is later.</param>
public sealed record RoleTerms(string? Organisation, string? Duties, string? Mandate, IReadOnlyList<string>? Scope, LedgerTime? NotBefore, LedgerTime? NotAfter)
{
    /// <summary>Held without words and without end.</summary>
    public static RoleTerms None { get; } = new(null, null, null, null, null, null);

    /// <summary>Whether the role counts after a header of this time.</summary>
    public bool Holds(LedgerTime previous) => (NotBefore is not { } from || previous >= from) && (NotAfter is not { } to || previous <= to);
}

/// <summary>What events about people's roles do to the <see cref="Registry"/>, or why they cannot.</summary>
internal static class RoleEvents
{
    /// <summary>A person gets a role, a further key, or other terms of a role.</summary>
    public static string? Bound(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "duties?", "jwk", "kind", "mandate?", "notAfter?", "notBefore?", "organisation?", "pseudonym", "role", "scope?")
            || !Jwk.TryParse(m["jwk"], out var jwk)
            || !m.TryText("kind", out var kindText) || !TryReadKind(kindText, out var kind) || !m.TryText("pseudonym", out var pseudonym)
            || !B64.TryDecode(pseudonym, out var random) || random.Length != 16 || !m.TryText("role", out var role) || !Role.IsKnown(role) || !TryTerms(m, out var terms))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.RoleStream(pseudonym))
        {
            return RejectionCode.StreamWrong;
        }
        if (r.Keys.TryGetValue(jwk.Kid, out var known) ? known.Owner != pseudonym : r.IsTaken(jwk.Kid))
        {
            return RejectionCode.KeyKnown;
        }
        if (r.HasRole(pseudonym, role) && known is not null && terms == RoleTerms.None)
        {
            return RejectionCode.RoleWrong;
        }
        if (role is Role.Operator or Role.Supervisor && r.HasRole(pseudonym, role == Role.Operator ? Role.Supervisor : Role.Operator))
        {
            return RejectionCode.RoleConflict;
        }
        if (terms.Organisation is { } organisation && !r.Organisations.ContainsKey(organisation))
        {
            return RejectionCode.OrganisationUnknown;
        }
        var after = r with
        {
            Roles = r.Roles.Add((pseudonym, role)),
            Terms = terms == RoleTerms.None ? r.Terms : r.Terms.SetItem((pseudonym, role), terms),
            Keys = known is null ? r.Keys.Add(jwk.Kid, new(jwk, KeyPurpose.Operator, pseudonym, e.Seq, Kind: kind)) : r.Keys,
        };
        if (OperatorsForGood(after) < 2)
        {
            return RejectionCode.RoleWrong;
        }
        r = after;
        return null;
    }

    /// <summary>A role is taken back.</summary>
    public static string? Unbound(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "pseudonym", "reason", "role") || !m.TryText("pseudonym", out var pseudonym)
            || !m.TryText("reason", out _) || !m.TryText("role", out var role))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.RoleStream(pseudonym))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.HasRole(pseudonym, role))
        {
            return RejectionCode.RoleWrong;
        }
        var after = r with { Roles = r.Roles.Remove((pseudonym, role)), Terms = r.Terms.Remove((pseudonym, role)) };
        if (role == Role.Operator && OperatorsForGood(after) < 2)
        {
            return RejectionCode.RoleWrong;
        }
        r = after;
        return null;
    }

    /// <summary>With fewer than two operators who can sign without an end, nobody could ever be appointed again.</summary>
    public static int OperatorsForGood(Registry r) => r.Roles
        .Where(x => x.Role == Role.Operator && (!r.Terms.TryGetValue(x, out var terms) || terms is { NotBefore: null, NotAfter: null })).Select(x => x.Pseudonym)
        .Count(person => r.Keys.Values.Any(k => k.Purpose == KeyPurpose.Operator && k.Owner == person && k.UntilSeq == long.MaxValue));

    private static bool TryTerms(Members m, out RoleTerms terms)
    {
        terms = RoleTerms.None;
        LedgerTime from = default, to = default;
        IReadOnlyList<string>? scope = null;
        if (!m.IsTextOrAbsent("duties") || !m.IsTextOrAbsent("mandate") || !m.IsTextOrAbsent("organisation") || (m.Has("notBefore") && !m.TryTime("notBefore", out from))
            || (m.Has("notAfter") && !m.TryTime("notAfter", out to)) || (m.Has("scope") && !m["scope"].IsTexts(out scope)))
        {
            return false;
        }
        terms = new(m.Text("organisation"), m.Text("duties"), m.Text("mandate"), scope, m.Has("notBefore") ? from : null, m.Has("notAfter") ? to : null);
        return true;
    }

    private static bool TryReadKind(string text, out PersonKeyKind kind)
    {
        kind = text switch { "cli" => PersonKeyKind.Cli, "passkey" => PersonKeyKind.Passkey, "browser" => PersonKeyKind.Browser, _ => PersonKeyKind.None };
        return kind != PersonKeyKind.None;
    }
}
