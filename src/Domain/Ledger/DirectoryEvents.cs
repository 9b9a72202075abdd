using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What events about the directory do to the <see cref="Registry"/>, or why they cannot. Source: ITU-T Y.4561 (08/2020) Appendix I.2.</summary>
internal static class DirectoryEvents
{
    /// <summary>A node is set, as a whole. Its owner changes by <c>ownership_transferred</c> alone.</summary>
    public static string? Set(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "description?", "format?", "id", "kind", "owner?", "parent?", "publisher?", "reviewBy?", "right?", "title")
            || !m["id"].IsId(out var id) || !m.TryText("kind", out var kind) || DirectoryNode.RankOf(kind) is not (>= 0 and var rank) || !m.TryText("title", out var title)
            || title.Length is 0 or > 200 || !m.IsTextOrAbsent("description") || !m.IsTextOrAbsent("format") || !m.IsTextOrAbsent("owner") || !m.IsTextOrAbsent("parent")
            || !m.IsTextOrAbsent("publisher") || (m.Has("right") && m["right"].ValueKind != JsonValueKind.Object))
        {
            return RejectionCode.DataMalformed;
        }
        LedgerTime? review = null;
        if (m.Has("reviewBy"))
        {
            if (!m.TryTime("reviewBy", out var by))
            {
                return RejectionCode.DataMalformed;
            }
            review = by;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        var node = new DirectoryNode(id, kind, m.Text("parent"), title, m.Text("description"), m.Text("owner"), m.Text("publisher"), m.Text("format"),
            m.Has("right") ? m["right"].GetRawText() : null, review);
        if (Problem(node, rank, r) is { } problem)
        {
            return problem;
        }
        r = r with { Directory = r.Directory.SetItem(id, node) };
        return null;
    }

    /// <summary>A node without any below it is removed.</summary>
    public static string? Removed(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "id", "reason") || !m["id"].IsId(out var id) || !m.TryText("reason", out _))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Directory.ContainsKey(id))
        {
            return RejectionCode.DirectoryUnknown;
        }
        if (r.Directory.Values.Any(n => n.Parent == id))
        {
            return RejectionCode.DirectoryUsed;
        }
        r = r with { Directory = r.Directory.Remove(id) };
        return null;
    }

    /// <summary>What a node describes changes hands: the giver and the taker have each signed just this transfer.</summary>
    public static string? Transferred(Entry e, JsonElement data, string chain, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "consents", "from", "id", "to") || !m["id"].IsId(out var id) || !m.TryText("from", out var from)
            || !m.TryText("to", out var to) || !m["consents"].IsTexts(out var consents) || consents.Count != 2)
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.StreamOf(e.Type, id))
        {
            return RejectionCode.StreamWrong;
        }
        if (!r.Directory.TryGetValue(id, out var node))
        {
            return RejectionCode.DirectoryUnknown;
        }
        if (!r.Organisations.ContainsKey(to))
        {
            return RejectionCode.OrganisationUnknown;
        }
        var transfer = new Transfer(chain, id, from, to, e.Version - 1);
        if (node.Owner != from || from == to || !transfer.IsSignedFor(from, consents[0], r, e.Seq, e.Time) || !transfer.IsSignedFor(to, consents[1], r, e.Seq, e.Time))
        {
            return RejectionCode.OwnerWrong;
        }
        r = r with { Directory = r.Directory.SetItem(id, node with { Owner = to }) };
        return null;
    }

    private static string? Problem(DirectoryNode node, int rank, Registry r)
    {
        if (node.Parent is { } parent)
        {
            if (!r.Directory.TryGetValue(parent, out var above))
            {
                return RejectionCode.DirectoryUnknown;
            }
            if (DirectoryNode.RankOf(above.Kind) >= rank)
            {
                return RejectionCode.DirectoryKind;
            }
        }
        if (r.Directory.TryGetValue(node.Id, out var known))
        {
            if (known.Kind != node.Kind)
            {
                return RejectionCode.DirectoryKind;
            }
            if (known.Owner is not null && known.Owner != node.Owner)
            {
                return RejectionCode.OwnerWrong;
            }
        }
        foreach (var party in (ReadOnlySpan<string?>)[node.Owner, node.Publisher])
        {
            if (party is not null && !r.Organisations.ContainsKey(party))
            {
                return RejectionCode.OrganisationUnknown;
            }
        }
        return node.Format is { } format && !r.Formats.Values.Any(f => f.Format.Id == format) ? RejectionCode.FormatUnknown : null;
    }
}
