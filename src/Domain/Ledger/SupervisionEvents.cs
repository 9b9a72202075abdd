using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// The form of what supervisors write. They have no effect on who may do what, so nothing is folded: the stream says what stands, and its version in
/// the signature says that nothing came between. Source: DESIGN section 8; ITU-T Y.4561 (08/2020) 7.1.5.
/// </summary>
public static class SupervisionEvents
{
    /// <summary>A rejection code, or null. The authorization is checked before.</summary>
    public static string? Problem(Entry entry, JsonElement data)
    {
        var fits = entry.Type switch
        {
            EventTable.AuditOrdered => Members.TryRead(data, out var m, "authorization", "format?", "id", "range", "sample?", "source?") && IsRange(m["range"])
                && (!m.Has("sample") || IsSample(m["sample"])) && m.IsTextOrAbsent("source") && m.IsTextOrAbsent("format"),
            EventTable.AuditClosed => Members.TryRead(data, out var m, "authorization", "digest", "id", "outcome") && m.TryDigest("digest", out _) && m.TryText("outcome", out _),
            EventTable.FindingOpened => Members.TryRead(data, out var m, "about?", "authorization", "id", "kind", "text") && m.TryText("kind", out _) && m.TryText("text", out _),
            EventTable.FindingNoted => Members.TryRead(data, out var m, "authorization", "id", "text") && m.TryText("text", out _),
            EventTable.FindingClosed => Members.TryRead(data, out var m, "authorization", "id", "outcome") && m.TryText("outcome", out _),
            EventTable.AlertRuleSet => Members.TryRead(data, out var m, "authorization", "id", "kind", "target?", "threshold", "windowSeconds?") && m.TryText("kind", out _)
                && m.TryLong("threshold", 0, out _) && m.IsTextOrAbsent("target") && (!m.Has("windowSeconds") || m.TryLong("windowSeconds", 1, out _)),
            EventTable.AlertRuleRemoved => Members.TryRead(data, out var m, "authorization", "id", "reason") && m.TryText("reason", out _),
            EventTable.AlertAcknowledged => Members.TryRead(data, out var m, "authorization", "id", "text") && m.TryText("text", out _),
            EventTable.ReportSealed => Members.TryRead(data, out var m, "authorization", "digest", "id", "of") && m.TryDigest("digest", out _) && m.TryText("of", out _),
            _ => false,
        };
        return !fits || !data.GetProperty("id").IsId(out var id) ? RejectionCode.DataMalformed
            : entry.Stream != EventTable.StreamOf(entry.Type, id) ? RejectionCode.StreamWrong : null;
    }

    // From one seq to another, both counted; 0 means to the head of the time.
    private static bool IsRange(JsonElement json) =>
        Members.TryRead(json, out var m, "from", "to") && m.TryLong("from", 1, out var from) && m.TryLong("to", 0, out var to) && (to == 0 || to >= from);

    private static bool IsSample(JsonElement json) => Members.TryRead(json, out var m, "seedHeight", "size") && m.TryLong("size", 1, out _) && m.TryLong("seedHeight", 1, out _);
}
