using System.Diagnostics.CodeAnalysis;
using System.Text;
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
        if (r.Keys.ContainsKey(request.Key.Kid))
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
        if (r.Keys.ContainsKey(request.Key.Kid))
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
        if (r.Keys.TryGetValue(jwk.Kid, out var known) && known.Owner != pseudonym)
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

/// <summary>A source's request for registration, or for one more key: a JWT signed by the very key it brings, so that it proves to hold it.</summary>
/// <param name="Jwt">The compact JWT.</param>
/// <param name="Iss">The source's URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Ledger">Chain id.</param>
/// <param name="Key">The key.</param>
/// <param name="Purpose"><c>record</c> for the first key; also <c>client</c> for a further one.</param>
/// <param name="IssuedAt">Seconds since 1970.</param>
/// <param name="NotAfter">When the key ends by itself; null for never.</param>
public sealed record SourceRequest(string Jwt, string Iss, string Name, string Ledger, Jwk Key, string Purpose, long IssuedAt, LedgerTime? NotAfter)
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "source-request+jwt";

    /// <summary>Signs a request.</summary>
    public static string Create(SigningKey key, string iss, string name, string ledger, LedgerTime now, LedgerTime? notAfter = null)
    {
        var payload = new System.Text.Json.Nodes.JsonObject
        {
            ["iss"] = iss, ["name"] = name, ["ledger"] = ledger, ["iat"] = now.UnixMs / 1000, ["jwk"] = key.Public.ToJson(), ["purpose"] = key.Purpose,
        };
        if (notAfter is { } end)
        {
            payload["notAfter"] = end.ToString();
        }
        return key.SignJws(Typ, Jcs.Bytes(payload));
    }

    /// <summary>Reads a request; <paramref name="problem"/> says in words what is wrong. The signature is checked by <see cref="Problem"/>.</summary>
    public static bool TryParse(string jwt, [NotNullWhen(true)] out SourceRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        problem = "A source request is a JWT with header {alg: ES256, kid, typ: source-request+jwt} and payload {iss, name, ledger, iat, jwk, purpose, notAfter?}.";
        var parts = jwt.Split('.');
        if (jwt.Length > 8192 || parts.Length != 3 || !B64.TryDecode(parts[0], out var header) || !B64.TryDecode(parts[1], out var payload)
            || Jcs.TryParse(header) is not { } h || !Members.TryRead(h.RootElement, out var hm, "alg", "kid", "typ") || !hm.TryText("alg", out var alg) || alg != "ES256"
            || !hm.TryText("typ", out var typ) || typ != Typ || !hm.TryText("kid", out var kid)
            || Jcs.TryParse(payload) is not { } p || !Members.TryRead(p.RootElement, out var m, "iat", "iss", "jwk", "ledger", "name", "notAfter?", "purpose"))
        {
            return false;
        }
        if (!m.TryText("iss", out var iss) || iss.Length is 0 or > RegistryEvents.IssLengthMax || !Uri.TryCreate(iss, UriKind.Absolute, out _))
        {
            problem = "iss must be an absolute URI of at most 256 characters.";
            return false;
        }
        if (!m.TryText("name", out var name) || name.Length is 0 or > 200 || !m.TryText("ledger", out var ledger) || !m.TryLong("iat", 0, out var iat)
            || !Jwk.TryParse(m["jwk"], out var key) || key.Kid != kid || !m.TryText("purpose", out var purpose)
            || purpose is not (KeyPurpose.Record or KeyPurpose.Client))
        {
            problem = "name (1 to 200 characters), ledger, iat (seconds), jwk (whose thumbprint is the header's kid) and purpose (record or client) are needed.";
            return false;
        }
        LedgerTime? notAfter = null;
        if (m.Has("notAfter"))
        {
            if (!m.TryTime("notAfter", out var end))
            {
                problem = "notAfter is written like 2026-01-01T00:00:00.000Z.";
                return false;
            }
            notAfter = end;
        }
        (request, problem) = (new(jwt, iss, name, ledger, key, purpose, iat, notAfter), null);
        return true;
    }

    /// <summary>A rejection code when the request is for another chain, from the future, or not signed by its own key.</summary>
    public string? Problem(string chain, LedgerTime time)
    {
        if (Ledger != chain)
        {
            return RejectionCode.LedgerWrong;
        }
        if (IssuedAt * 1000 > time.UnixMs + RecordRules.IatAheadMsMax)
        {
            return RejectionCode.IatFuture;
        }
        var last = Jwt.LastIndexOf('.');
        return B64.TryDecode(Jwt.AsSpan(last + 1), out var signature) && Key.Verify(Encoding.ASCII.GetBytes(Jwt[..last]), signature)
            ? null
            : RejectionCode.SignatureWrong;
    }
}
