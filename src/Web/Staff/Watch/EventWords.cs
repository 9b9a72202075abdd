using EventLedger.Web.Site;

namespace EventLedger.Web.Staff.Watch;

/// <summary>Event types in the words of people.</summary>
public sealed class EventWords(Tongue t)
{
    /// <summary>A type, such as “Role bound” for <c>role_bound</c>.</summary>
    public string this[string type] => t[type.Length > 0 ? char.ToUpperInvariant(type[0]) + type[1..].Replace('_', ' ') : type];

    /// <summary>What a block sealed.</summary>
    public string Block(long entries, long rejected) => entries == 0 ? t["Heartbeat: nothing to seal"] : rejected == 0 ? t["{0} entries sealed", entries] : t["{0} entries sealed, {1} of them as rejected", entries, rejected];
}
