using System.Text.Json;
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
        EventTable.RoleBound => RoleEvents.Bound(e, data, ref r),
        EventTable.RoleUnbound => RoleEvents.Unbound(e, data, ref r),
        EventTable.ValidatorInvited => ValidatorEvents.Invited(e, data, chain, ref r),
        EventTable.ValidatorWithdrawn => ValidatorEvents.Withdrawn(e, data, ref r),
        EventTable.ValidatorSetChanged => ValidatorEvents.Changed(e, data, ref r),
        EventTable.SourceProfiled => PartyEvents.Profiled(e, data, ref r),
        EventTable.OrganisationRegistered or EventTable.OrganisationChanged => PartyEvents.Organisation(e, data, ref r),
        EventTable.ApplicationRequested => PartyEvents.Requested(e, data, chain),
        EventTable.ApplicationApproved => PartyEvents.Approved(e, data, chain, ref r),
        EventTable.ApplicationSuspended => PartyEvents.Moved(e, data, SourceState.Active, SourceState.Suspended, ref r),
        EventTable.ApplicationReinstated => PartyEvents.Moved(e, data, SourceState.Suspended, SourceState.Active, ref r),
        EventTable.ApplicationRetired => PartyEvents.Moved(e, data, null, SourceState.Retired, ref r),
        EventTable.SubscriptionOpened => AccessEvents.Opened(e, data, ref r),
        EventTable.SubscriptionClosed => AccessEvents.Closed(e, data, ref r),
        EventTable.GrantIssued => AccessEvents.Issued(e, data, ref r),
        EventTable.GrantRevoked => AccessEvents.Revoked(e, data, ref r),
        EventTable.DirectorySet => DirectoryEvents.Set(e, data, ref r),
        EventTable.DirectoryRemoved => DirectoryEvents.Removed(e, data, ref r),
        EventTable.OwnershipTransferred => DirectoryEvents.Transferred(e, data, chain, ref r),
        EventTable.ServiceSet => ServiceEvents.Set(e, data, ref r),
        EventTable.QuotaSet => ServiceEvents.Limited(e, data, ref r),
        EventTable.ParameterSet => ParameterEvents.Set(e, data, ref r),
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
        if (r.Sources.ContainsKey(request.Iss) || r.Applications.ContainsKey(request.Iss))
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
        if (e.Stream != r.StreamOf(key))
        {
            return RejectionCode.StreamWrong;
        }
        var after = r with { Keys = r.Keys.SetItem(kid, key with { UntilSeq = e.Seq }) };
        if (key.Purpose == KeyPurpose.Operator && RoleEvents.OperatorsForGood(after) < 2)
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
}
