using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>What events about subscriptions and grants do to the <see cref="Registry"/>, or why they cannot.</summary>
internal static class AccessEvents
{
    /// <summary>An application may use a service.</summary>
    public static string? Opened(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "id", "notAfter", "purpose", "scopes", "service", "uri") || !m.TryText("uri", out var uri)
            || !m["id"].IsId(out var id) || !m.TryText("service", out var service) || !m["scopes"].IsTexts(out var scopes) || !m.TryText("purpose", out var purpose)
            || !m.TryTime("notAfter", out var end))
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
        if (application.State != SourceState.Active)
        {
            return RejectionCode.ApplicationInactive;
        }
        if (!r.Services.ContainsKey(service))
        {
            return RejectionCode.ServiceUnknown;
        }
        if (r.Subscriptions.ContainsKey((uri, id)))
        {
            return RejectionCode.SubscriptionKnown;
        }
        r = r with { Subscriptions = r.Subscriptions.Add((uri, id), new(uri, id, service, scopes, purpose, end, Closed: false)) };
        return null;
    }

    /// <summary>It may no more.</summary>
    public static string? Closed(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "id", "reason", "uri") || !m.TryText("uri", out var uri) || !m["id"].IsId(out var id) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.ApplicationStream(uri))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Subscriptions.TryGetValue((uri, id), out var open) || open.Closed)
        {
            return RejectionCode.SubscriptionUnknown;
        }
        r = r with { Subscriptions = r.Subscriptions.SetItem((uri, id), open with { Closed = true }) };
        return null;
    }

    /// <summary>An organisation may read fields of a data set: a format, or a node of the directory and what lies below it.</summary>
    public static string? Issued(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "dataset", "fields", "id", "notAfter", "party", "purpose", "right?") || !m["id"].IsId(out var id)
            || !m.TryText("party", out var party) || !m.TryText("dataset", out var dataset) || !m["fields"].IsTexts(out var fields) || fields.Count == 0
            || !m.TryText("purpose", out var purpose) || !m.TryTime("notAfter", out var end) || (m.Has("right") && m["right"].ValueKind != JsonValueKind.Object))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        if (r.Grants.ContainsKey(id))
        {
            return RejectionCode.GrantKnown;
        }
        if (!r.Organisations.ContainsKey(party))
        {
            return RejectionCode.OrganisationUnknown;
        }
        if (!r.Directory.ContainsKey(dataset) && !r.Formats.Values.Any(f => f.Format.Id == dataset))
        {
            return RejectionCode.DirectoryUnknown;
        }
        r = r with { Grants = r.Grants.Add(id, new(id, party, dataset, fields, purpose, end, m.Has("right") ? m["right"].GetRawText() : null, Revoked: false)) };
        return null;
    }

    /// <summary>A grant is taken back.</summary>
    public static string? Revoked(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "id", "reason") || !m["id"].IsId(out var id) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Grants.TryGetValue(id, out var grant) || grant.Revoked)
        {
            return RejectionCode.GrantUnknown;
        }
        r = r with { Grants = r.Grants.SetItem(id, grant with { Revoked = true }) };
        return null;
    }
}
