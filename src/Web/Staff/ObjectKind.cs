using System.Text.Json;

namespace EventLedger.Web.Staff;

/// <summary>One kind of what operators control: how it is listed, and what can be done with one of them.</summary>
/// <param name="Kind">As in <c>/o2c/v1/{kind}</c>.</param>
/// <param name="Title">Heading of the list.</param>
/// <param name="One">Heading of one of them.</param>
/// <param name="Columns">Members shown in a list, with their headings.</param>
/// <param name="Acts">What can be done with one, by its state.</param>
public sealed record ObjectKind(string Kind, string Title, string One, IReadOnlyList<(string Member, string Label)> Columns, Func<JsonElement, IEnumerable<ActLink>> Acts)
{
    /// <summary>All kinds.</summary>
    public static IReadOnlyDictionary<string, ObjectKind> All { get; } = new ObjectKind[]
    {
        new("organisations", "Organisations", "Organisation", [("name", "Name"), ("contact", "Contact"), ("jurisdiction", "Jurisdiction")], o => [ActLink.Of("change", "organisation", o)]),
        new("applications", "Applications", "Application", [("name", "Name"), ("uri", "Address"), ("organisation", "Organisation"), ("state", "State"), ("scopes", "Scopes")], OfApplication),
        new("subscriptions", "Subscriptions", "Subscription", [("id", "Subscription"), ("uri", "Application"), ("service", "Service"), ("purpose", "Purpose"), ("notAfter", "Until"), ("closed", "Closed")],
            s => s.Is("closed") ? [] : [ActLink.Of("close", "subscription", s)]),
        new("services", "Services", "Service", [("title", "Title"), ("enabled", "Is offered"), ("quota", "Quota")],
            s => [ActLink.Of("set", "service", s), ActLink.To("set", "quota", ("id", s.Text("id")))]),
        new("quotas", "Quotas", "Quota", [("id", "Service"), ("party", "Whose"), ("requests", "Requests"), ("windowSeconds", "In so many seconds")], q => [ActLink.Of("set", "quota", q)]),
        new("grants", "Grants", "Grant", [("party", "Who may read"), ("dataset", "What"), ("fields", "Which fields"), ("purpose", "Purpose"), ("notAfter", "Until"), ("revoked", "Revoked")],
            g => g.Is("revoked") ? [] : [ActLink.Of("revoke", "grant", g)]),
        new("directory", "Directory", "Place of the directory", [("title", "Title"), ("kind", "Kind"), ("owner", "Owner")],
            n => [ActLink.Of("set", "directory", n), ActLink.Of("remove", "directory", n)]),
        new("keys", "Keys", "Key", [("kid", "Key"), ("owner", "Owner"), ("purpose", "Purpose"), ("notAfter", "Until")], k => k.Number("untilSeq") is null ? [ActLink.Of("revoke", "key", k)] : []),
        new("parameters", "Parameters", "Parameter", [("name", "Parameter"), ("min", "Least"), ("max", "Most")], p => [ActLink.To("set", "parameter", ("name", p.Text("name")))]),
        new("operators", "Roles", "Person", [("pseudonym", "Person"), ("roles", "Roles")], OfPerson),
        new("sources", "Sources", "Source", [("name", "Name"), ("iss", "Address"), ("state", "State")], OfSource),
        new("formats", "Formats", "Format version", [("title", "Title"), ("version", "Version"), ("retired", "Retired")], f => f.Is("retired") ? [] : [ActLink.Of("retire", "format", f)]),
    }.ToDictionary(k => k.Kind, StringComparer.Ordinal);

    /// <summary>What can be done with a source, by its state.</summary>
    public static IEnumerable<ActLink> OfSource(JsonElement source)
    {
        if (source.Text("state") is "retired" or "requested")
        {
            yield break;
        }
        yield return ActLink.Of(source.Text("state") == "suspended" ? "reinstate" : "suspend", "source", source);
        // What is not said again is gone, so the form begins with all that stands.
        yield return ActLink.To("profile", "source", ("iss", source.Text("iss")), ("profile", source.At("profile").ValueKind == JsonValueKind.Object ? source.At("profile").Indented() : """{ "quarantined": false, "assertion": false }"""));
        yield return ActLink.Of("retire", "source", source);
    }

    private static IEnumerable<ActLink> OfApplication(JsonElement application)
    {
        if (application.Text("state") == "retired")
        {
            yield break;
        }
        yield return ActLink.Of(application.Text("state") == "suspended" ? "reinstate" : "suspend", "application", application);
        yield return ActLink.To("open", "subscription", ("uri", application.Text("uri")));
        yield return ActLink.Of("retire", "application", application);
    }

    private static IEnumerable<ActLink> OfPerson(JsonElement person)
    {
        yield return ActLink.To("bind", "role", ("pseudonym", person.Text("pseudonym")));
        foreach (var role in person.Items("roles"))
        {
            yield return ActLink.To("unbind", "role", ("pseudonym", person.Text("pseudonym")), ("role", role.Text("role")));
        }
    }
}
