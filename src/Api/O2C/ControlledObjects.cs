using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.O2C;

/// <summary>Something that operators control, as it stands.</summary>
/// <param name="Id">Its id in addresses.</param>
/// <param name="Stream">Stream of the events that made it so.</param>
/// <param name="State">What it is.</param>
public sealed record ControlledObject(string Id, string Stream, JsonObject State);

/// <summary>Everything that operators control, by kind: read from the registry itself, so that an act shows at once.</summary>
public static class ControlledObjects
{
    /// <summary>Kinds, as they stand in addresses.</summary>
    public static IReadOnlyDictionary<string, Func<Registry, IEnumerable<ControlledObject>>> Kinds { get; } =
        new Dictionary<string, Func<Registry, IEnumerable<ControlledObject>>>(StringComparer.Ordinal)
        {
            ["sources"] = r => r.Sources.Values.Select(s => new ControlledObject(Digest.Of(s.Iss).ToString(), EventTable.SourceStream(s.Iss), Known(
                ("iss", s.Iss), ("name", s.Name), ("state", s.State.ToString().ToLowerInvariant()), ("profile", s.Profile?.ToJson())))),
            ["formats"] = r => r.Formats.Values.Select(f => new ControlledObject($"{f.Format.Id}:{f.Format.Version}", EventTable.FormatStream(f.Format.Id), Known(
                ("id", f.Format.Id), ("version", f.Format.Version), ("vct", f.Format.Vct), ("title", f.Format.Title), ("retired", f.Retired)))),
            ["keys"] = r => r.Keys.Select(k => new ControlledObject(k.Key, r.StreamOf(k.Value), Known(("kid", k.Key), ("owner", k.Value.Owner), ("purpose", k.Value.Purpose),
                ("kind", KindOf(k.Value)),
                ("fromSeq", k.Value.FromSeq), ("untilSeq", k.Value.UntilSeq == long.MaxValue ? null : k.Value.UntilSeq), ("notAfter", k.Value.NotAfter?.ToString())))),
            ["organisations"] = r => r.Organisations.Values.Select(o => new ControlledObject(o.Id, EventTable.StreamOf(EventTable.OrganisationChanged, o.Id), Known(
                ("id", o.Id), ("name", o.Name), ("contact", o.Contact), ("jurisdiction", o.Jurisdiction)))),
            ["applications"] = r => r.Applications.Values.Select(a => new ControlledObject(Digest.Of(a.Uri).ToString(), EventTable.ApplicationStream(a.Uri), Known(
                ("uri", a.Uri), ("name", a.Name), ("organisation", a.Organisation), ("state", a.State.ToString().ToLowerInvariant()), ("scopes", Texts(a.Scopes))))),
            ["subscriptions"] = r => r.Subscriptions.Values.Select(s => new ControlledObject($"{Digest.Of(s.Uri)}:{s.Id}", EventTable.ApplicationStream(s.Uri), Known(
                ("uri", s.Uri), ("id", s.Id), ("service", s.Service), ("scopes", Texts(s.Scopes)), ("purpose", s.Purpose), ("notAfter", s.NotAfter.ToString()), ("closed", s.Closed)))),
            ["grants"] = r => r.Grants.Values.Select(g => new ControlledObject(g.Id, EventTable.StreamOf(EventTable.GrantIssued, g.Id), Known(
                ("id", g.Id), ("party", g.Party), ("dataset", g.Dataset), ("fields", Texts(g.Fields)), ("purpose", g.Purpose), ("notAfter", g.NotAfter.ToString()),
                ("right", Parse(g.Right)), ("revoked", g.Revoked)))),
            ["directory"] = r => r.Directory.Values.Select(n => new ControlledObject(n.Id, EventTable.StreamOf(EventTable.DirectorySet, n.Id), Known(
                ("id", n.Id), ("kind", n.Kind), ("parent", n.Parent), ("title", n.Title), ("description", n.Description), ("owner", n.Owner), ("publisher", n.Publisher),
                ("format", n.Format), ("right", Parse(n.Right)), ("reviewBy", n.ReviewBy?.ToString())))),
            ["services"] = r => r.Services.Values.Select(s => new ControlledObject(s.Id, EventTable.StreamOf(EventTable.ServiceSet, s.Id), Known(
                ("id", s.Id), ("title", s.Title), ("enabled", s.Enabled), ("profiles", Texts(s.Profiles)), ("quota", QuotaOf(s.Quota))))),
            ["quotas"] = r => r.Quotas.Select(q => new ControlledObject($"{q.Key.Service}:{q.Key.Party}", EventTable.StreamOf(EventTable.QuotaSet, q.Key.Service), Known(
                ("id", q.Key.Service), ("party", q.Key.Party), ("requests", q.Value.Requests), ("windowSeconds", q.Value.WindowSeconds)))),
            ["parameters"] = r => LedgerParameters.Ranges.Select(p => new ControlledObject(p.Key, EventTable.ParameterStream, Known(("name", p.Key), ("min", p.Value.Min), ("max", p.Value.Max),
                ("settings", new JsonArray([.. r.Parameters.Where(c => c.Name == p.Key).Select(c => new JsonObject
                {
                    ["value"] = c.Value, ["effectiveHeight"] = c.EffectiveHeight, ["seq"] = c.Seq,
                })]))))),
            ["operators"] = r => r.Roles.GroupBy(x => x.Pseudonym).Select(p => new ControlledObject(p.Key, EventTable.RoleStream(p.Key), Known(("pseudonym", p.Key),
                ("roles", new JsonArray([.. p.OrderBy(x => x.Role, StringComparer.Ordinal).Select(x => Terms(x.Role, r.Terms.GetValueOrDefault(x)))]))))),
        };

    /// <summary>What differs between two states: <c>[{kind, id, before, after}]</c>, null for what is not there.</summary>
    public static JsonArray Diff(Registry before, Registry after)
    {
        var diff = new JsonArray();
        foreach (var (kind, list) in Kinds)
        {
            var (old, now) = (ById(list(before)), ById(list(after)));
            foreach (var id in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
            {
                var (was, becomes) = (old.GetValueOrDefault(id)?.State, now.GetValueOrDefault(id)?.State);
                if (!JsonNode.DeepEquals(was, becomes))
                {
                    diff.Add(new JsonObject { ["kind"] = kind, ["id"] = id, ["before"] = was, ["after"] = becomes });
                }
            }
        }
        return diff;
    }

    private static Dictionary<string, ControlledObject> ById(IEnumerable<ControlledObject> objects) => objects.ToDictionary(o => o.Id, StringComparer.Ordinal);

    // What nobody said is left out.
    private static JsonObject Known(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }
        return json;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];

    private static string? KindOf(KeyRecord key) => key.Kind == PersonKeyKind.None ? null : key.Kind.ToString().ToLowerInvariant();

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);

    private static JsonObject? QuotaOf(Quota? quota) => quota is null ? null : new() { ["requests"] = quota.Requests, ["windowSeconds"] = quota.WindowSeconds };

    private static JsonObject Terms(string role, RoleTerms? t) => Known(("role", role), ("organisation", t?.Organisation), ("duties", t?.Duties), ("mandate", t?.Mandate),
        ("scope", t?.Scope is null ? null : Texts(t.Scope)), ("notBefore", t?.NotBefore?.ToString()), ("notAfter", t?.NotAfter?.ToString()));
}
