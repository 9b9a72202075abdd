using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>What events about services and their quotas do to the <see cref="Registry"/>, or why they cannot. Source: ITU-T Y.4561 (08/2020) 7.1.3.</summary>
internal static class ServiceEvents
{
    /// <summary>A service is set, as a whole.</summary>
    public static string? Set(Entry e, JsonElement data, ref Registry r)
    {
        Quota? quota = null;
        if (!Members.TryRead(data, out var m, "authorization", "enabled", "id", "profiles", "quota?", "title") || !m["id"].IsId(out var id) || !m.TryText("title", out var title)
            || title.Length is 0 or > 200 || m["enabled"].ValueKind is not (JsonValueKind.True or JsonValueKind.False) || !m["profiles"].IsTexts(out var profiles)
            || (m.Has("quota") && (!Members.TryRead(m["quota"], out var q, "requests", "windowSeconds") || !TryQuota(q, out quota))))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        r = r with { Services = r.Services.SetItem(id, new(id, title, m["enabled"].ValueKind == JsonValueKind.True, profiles, quota)) };
        return null;
    }

    /// <summary>One organisation's share of a service is set.</summary>
    public static string? Limited(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "id", "party", "requests", "windowSeconds") || !m["id"].IsId(out var id) || !m.TryText("party", out var party)
            || !TryQuota(m, out var quota))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Services.ContainsKey(id))
        {
            return RejectionCode.ServiceUnknown;
        }
        if (!r.Organisations.ContainsKey(party))
        {
            return RejectionCode.OrganisationUnknown;
        }
        r = r with { Quotas = r.Quotas.SetItem((id, party), quota) };
        return null;
    }

    private static bool TryQuota(Members m, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Quota? quota)
    {
        quota = m.TryLong("requests", 0, out var requests) && m.TryLong("windowSeconds", 1, out var window) && requests <= Quota.RequestsMax && window <= Quota.WindowSecondsMax
            ? new(requests, window) : null;
        return quota is not null;
    }
}
