using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>What events about sources' profiles, organisations and applications do to the <see cref="Registry"/>, or why they cannot.</summary>
internal static class PartyEvents
{
    /// <summary>The profile of a source is replaced as a whole.</summary>
    public static string? Profiled(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "iss", "profile") || !m.TryText("iss", out var iss) || !SourceProfile.TryRead(m["profile"], out var profile))
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
        if (profile.Organisation is { } organisation && !r.Organisations.ContainsKey(organisation))
        {
            return RejectionCode.OrganisationUnknown;
        }
        var formats = r.Formats;
        if (profile.Formats?.Any(f => !formats.ContainsKey(f)) == true)
        {
            return RejectionCode.FormatUnknown;
        }
        r = r with { Sources = r.Sources.SetItem(iss, source with { Profile = profile }) };
        return null;
    }

    /// <summary>An organisation is registered or changed.</summary>
    public static string? Organisation(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "contact?", "id", "jurisdiction?", "name") || !data.GetProperty("id").IsId(out var id)
            || !m.TryText("name", out var name) || name.Length is 0 or > 200 || !m.IsTextOrAbsent("contact") || !m.IsTextOrAbsent("jurisdiction"))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        if (r.Organisations.ContainsKey(id) != (e.Type == EventTable.OrganisationChanged))
        {
            return e.Type == EventTable.OrganisationChanged ? RejectionCode.OrganisationUnknown : RejectionCode.OrganisationKnown;
        }
        r = r with { Organisations = r.Organisations.SetItem(id, new(id, name, m.Text("contact"), m.Text("jurisdiction"))) };
        return null;
    }

    /// <summary>An application asks; it has no effect but to be there.</summary>
    public static string? Requested(Entry e, JsonElement data, string chain) =>
        !Members.TryRead(data, out var m, "request") || !m.TryText("request", out var jwt) || !ApplicationRequest.TryParse(jwt, out var request, out _)
            ? RejectionCode.DataMalformed
            : request.Problem(chain, e.Time) ?? (e.Stream != EventTable.ApplicationStream(request.Uri) ? RejectionCode.StreamWrong
                : e.Actor != request.Uri ? RejectionCode.DataMalformed : null);

    /// <summary>An application is admitted, or a further key of one: so a key is replaced without a gap.</summary>
    public static string? Approved(Entry e, JsonElement data, string chain, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "request", "scopes") || !m.TryText("request", out var jwt)
            || !ApplicationRequest.TryParse(jwt, out var request, out _) || !m["scopes"].IsTexts(out var scopes))
        {
            return RejectionCode.DataMalformed;
        }
        if (request.Problem(chain, e.Time) is { } problem)
        {
            return problem;
        }
        if (e.Stream != EventTable.ApplicationStream(request.Uri))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Organisations.ContainsKey(request.Organisation))
        {
            return RejectionCode.OrganisationUnknown;
        }
        if (r.Applications.TryGetValue(request.Uri, out var known) && (known.State != SourceState.Active || known.Organisation != request.Organisation))
        {
            return RejectionCode.ApplicationInactive;
        }
        // A key's owner is one party: a URI is a source's or an application's.
        if (r.Sources.ContainsKey(request.Uri))
        {
            return RejectionCode.SourceKnown;
        }
        if (r.IsTaken(request.Key.Kid))
        {
            return RejectionCode.KeyKnown;
        }
        r = r with
        {
            Applications = r.Applications.SetItem(request.Uri, new(request.Uri, request.Name, request.Organisation, SourceState.Active, scopes)),
            Keys = r.Keys.Add(request.Key.Kid, new(request.Key, KeyPurpose.Client, request.Uri, e.Seq)),
        };
        return null;
    }

    /// <summary>An application is suspended, reinstated or retired.</summary>
    public static string? Moved(Entry e, JsonElement data, SourceState? from, SourceState to, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "reason", "uri") || !m.TryText("uri", out var uri) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.ApplicationStream(uri))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Applications.TryGetValue(uri, out var application))
        {
            return RejectionCode.ApplicationUnknown;
        }
        if (application.State == SourceState.Retired || (from is { } needed && application.State != needed))
        {
            return RejectionCode.ApplicationInactive;
        }
        r = r with { Applications = r.Applications.SetItem(uri, application with { State = to }) };
        return null;
    }
}
