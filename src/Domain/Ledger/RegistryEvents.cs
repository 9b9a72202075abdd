using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Domain.Ledger;

/// <summary>What each event of authority does to the <see cref="Registry"/>, or why it cannot. The authorization itself is checked before.</summary>
public static class RegistryEvents
{
    /// <summary>Longest URI of a source, in characters.</summary>
    public const int IssLengthMax = 256;

    /// <summary>Folds one event; a rejection code when the event does not fit the state, and then nothing changes.</summary>
    public static string? Fold(Entry e, JsonElement data, string chain, ref Registry r) => e.Type switch
    {
        EventTable.SourceRequested => Requested(e, data, chain),
        EventTable.SourceApproved => Approved(e, data, chain, ref r),
        EventTable.SourceSuspended => Moved(e, data, SourceState.Active, SourceState.Suspended, ref r),
        EventTable.SourceReinstated => Moved(e, data, SourceState.Suspended, SourceState.Active, ref r),
        EventTable.SourceRetired => Moved(e, data, null, SourceState.Retired, ref r),
        EventTable.KeyAdded => Added(e, data, chain, ref r),
        EventTable.KeyRevoked => Revoked(e, data, ref r),
        EventTable.FormatRegistered => Registered(e, data, ref r),
        EventTable.FormatRetired => Ended(e, data, ref r),
        EventTable.RoleBound => Bound(e, data, ref r),
        EventTable.RoleUnbound => Unbound(e, data, ref r),
        EventTable.ValidatorInvited => ValidatorEvents.Invited(e, data, chain, ref r),
        EventTable.ValidatorWithdrawn => ValidatorEvents.Withdrawn(e, data, ref r),
        EventTable.ValidatorSetChanged => ValidatorEvents.Changed(e, data, ref r),
        _ => RejectionCode.TypeUnknown,
    };

    private static string? Requested(Entry e, JsonElement data, string chain)
    {
        if (!Members.TryRead(data, out var m, "request") || !m.TryText("request", out var jwt) || !SourceRequest.TryParse(jwt, out var request, out _))
        {
            return RejectionCode.DataMalformed;
        }
        return request.Problem(chain, e.Time) ?? (e.Stream != EventTable.SourceStream(request.Iss) ? RejectionCode.StreamWrong
            : e.Actor != request.Iss ? RejectionCode.DataMalformed : null);
    }

    private static string? Approved(Entry e, JsonElement data, string chain, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "request") || !m.TryText("request", out var jwt) || !SourceRequest.TryParse(jwt, out var request, out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (request.Problem(chain, e.Time) is { } problem)
        {
            return problem;
        }
        if (e.Stream != EventTable.SourceStream(request.Iss))
        {
            return RejectionCode.StreamWrong;
        }
        if (r.Sources.ContainsKey(request.Iss))
        {
            return RejectionCode.SourceKnown;
        }
        if (r.IsTaken(request.Key.Kid))
        {
            return RejectionCode.KeyKnown;
        }
        r = r with
        {
            Sources = r.Sources.Add(request.Iss, new(request.Iss, request.Name, SourceState.Active)),
            Keys = r.Keys.Add(request.Key.Kid, new(request.Key, request.Purpose, request.Iss, e.Seq, NotAfter: request.NotAfter)),
        };
        return null;
    }

    private static string? Added(Entry e, JsonElement data, string chain, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "request") || !m.TryText("request", out var jwt) || !SourceRequest.TryParse(jwt, out var request, out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (request.Problem(chain, e.Time) is { } problem)
        {
            return problem;
        }
        if (e.Stream != EventTable.SourceStream(request.Iss))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Sources.ContainsKey(request.Iss))
        {
            return RejectionCode.SourceUnknown;
        }
        if (r.IsTaken(request.Key.Kid))
        {
            return RejectionCode.KeyKnown;
        }
        r = r with { Keys = r.Keys.Add(request.Key.Kid, new(request.Key, request.Purpose, request.Iss, e.Seq, NotAfter: request.NotAfter)) };
        return null;
    }

    private static string? Revoked(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "kid", "reason") || !m.TryText("kid", out var kid) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (!r.Keys.TryGetValue(kid, out var key) || key.UntilSeq != long.MaxValue)
        {
            return RejectionCode.KeyUnknown;
        }
        if (e.Stream != (key.Purpose == KeyPurpose.Operator ? EventTable.RoleStream(key.Owner) : EventTable.SourceStream(key.Owner)))
        {
            return RejectionCode.StreamWrong;
        }
        var after = r with { Keys = r.Keys.SetItem(kid, key with { UntilSeq = e.Seq }) };
        if (key.Purpose == KeyPurpose.Operator && OperatorsWithKeys(after) < 2)
        {
            return RejectionCode.RoleWrong;
        }
        r = after;
        return null;
    }

    private static string? Moved(Entry e, JsonElement data, SourceState? from, SourceState to, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "iss", "reason") || !m.TryText("iss", out var iss) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.SourceStream(iss))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Sources.TryGetValue(iss, out var source))
        {
            return RejectionCode.SourceUnknown;
        }
        if (source.State == SourceState.Retired || (from is { } needed && source.State != needed))
        {
            return RejectionCode.SourceInactive;
        }
        r = r with { Sources = r.Sources.SetItem(iss, source with { State = to }) };
        return null;
    }

    private static string? Registered(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "format"))
        {
            return RejectionCode.DataMalformed;
        }
        if (!RecordFormat.TryParse(m["format"].Clone(), out var format, out _))
        {
            return RejectionCode.FormatMalformed;
        }
        if (e.Stream != EventTable.FormatStream(format.Id))
        {
            return RejectionCode.StreamWrong;
        }
        if (r.Formats.ContainsKey(format.Vct))
        {
            return RejectionCode.FormatKnown;
        }
        r = r with { Formats = r.Formats.Add(format.Vct, new(format, Retired: false)) };
        return null;
    }

    private static string? Ended(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "id", "reason", "version") || !m.TryText("id", out var id) || !m.TryText("reason", out _)
            || !m.TryLong("version", 1, out var version))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.FormatStream(id))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Formats.TryGetValue($"urn:eventledger:{id}:{version}", out var format) || format.Retired)
        {
            return RejectionCode.FormatUnknown;
        }
        r = r with { Formats = r.Formats.SetItem(format.Format.Vct, format with { Retired = true }) };
        return null;
    }

    private static string? Bound(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "jwk", "kind", "pseudonym", "role") || !Jwk.TryParse(m["jwk"], out var jwk)
            || !m.TryText("kind", out var kindText) || !TryReadKind(kindText, out var kind) || !m.TryText("pseudonym", out var pseudonym)
            || !B64.TryDecode(pseudonym, out var random) || random.Length != 16 || !m.TryText("role", out var role) || !Role.IsKnown(role))
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
        if (r.HasRole(pseudonym, role) && known is not null)
        {
            return RejectionCode.RoleWrong;
        }
        r = r with
        {
            Roles = r.Roles.Add((pseudonym, role)),
            Keys = known is null ? r.Keys.Add(jwk.Kid, new(jwk, KeyPurpose.Operator, pseudonym, e.Seq, Kind: kind)) : r.Keys,
        };
        return null;
    }

    private static string? Unbound(Entry e, JsonElement data, ref Registry r)
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
        var after = r with { Roles = r.Roles.Remove((pseudonym, role)) };
        if (role == Role.Operator && OperatorsWithKeys(after) < 2)
        {
            return RejectionCode.RoleWrong;
        }
        r = after;
        return null;
    }

    // With fewer than two operators who can sign, nobody could ever be appointed again.
    private static int OperatorsWithKeys(Registry r) => r.Roles.Where(x => x.Role == Role.Operator).Select(x => x.Pseudonym)
        .Count(person => r.Keys.Values.Any(k => k.Purpose == KeyPurpose.Operator && k.Owner == person && k.UntilSeq == long.MaxValue));

    private static bool TryReadKind(string text, out PersonKeyKind kind)
    {
        kind = text switch { "cli" => PersonKeyKind.Cli, "passkey" => PersonKeyKind.Passkey, "browser" => PersonKeyKind.Browser, _ => PersonKeyKind.None };
        return kind != PersonKeyKind.None;
    }
}
