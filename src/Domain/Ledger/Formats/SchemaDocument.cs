using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A schema in its document, before it is compiled.</summary>
internal sealed record SchemaPlace(JsonElement Schema, SchemaResource Resource, string Pointer);

/// <summary>Where every schema of a document stands and by which names it can be referred to. Only what stands in the document can be.</summary>
/// <remarks>Source: JSON Schema Core 2020-12, 8.1, 8.2 and 9.1.</remarks>
internal sealed class SchemaDocument
{
    private const int PlacesMax = 5_000;

    // Relative identifiers need a base; this one can belong to nobody.
    private static readonly Uri NoBase = new("schema://document.invalid/");

    private readonly Dictionary<string, SchemaPlace> places = [];
    private readonly Dictionary<string, SchemaResource> resources = [];

    public SchemaDocument(JsonElement root)
    {
        Root = new SchemaResource(NoBase, "");
        resources[Root.Uri.AbsoluteUri] = Root;
        Walk(root, Root, "");
    }

    public SchemaResource Root { get; private set; }

    public IEnumerable<SchemaResource> Resources => resources.Values;

    public IEnumerable<string> Pointers => places.Keys;

    public SchemaPlace this[string pointer] => places[pointer];

    /// <summary>Finds what a reference means; the fragment is empty when it names a whole resource or a pointer.</summary>
    public (SchemaPlace Target, string Anchor, SchemaResource Resource) Resolve(string reference, SchemaResource from, string at)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? "" : reference[(hash + 1)..];
        var address = hash < 0 ? reference : reference[..hash];
        var resource = from;
        if (address.Length > 0 && (!Uri.TryCreate(from.Uri, address, out var uri) || !resources.TryGetValue(uri.AbsoluteUri, out resource)))
        {
            throw new SchemaRefusal("reference-remote", at,
                $"\"{reference}\" lies outside this document: copy that schema into $defs and refer to it there.");
        }
        if (fragment.Length > 0 && fragment[0] != '/')
        {
            return resource.Anchors.TryGetValue(fragment, out var anchored)
                ? (places[anchored], fragment, resource)
                : throw new SchemaRefusal("reference-unknown", at, $"There is no $anchor \"{fragment}\" here.");
        }
        return SchemaPointer.TryFromFragment(fragment, out var pointer) && places.TryGetValue(resource.Pointer + pointer, out var place)
            ? (place, "", resource)
            : throw new SchemaRefusal("reference-unknown", at, $"\"{reference}\" does not lead to a schema of this document.");
    }

    private void Walk(JsonElement schema, SchemaResource resource, string at)
    {
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            throw new SchemaRefusal("schema-type", at, "A schema is an object, true or false.");
        }
        if (places.Count == PlacesMax)
        {
            throw new SchemaRefusal("schema-too-large", at, $"A schema document holds at most {PlacesMax} schemas.");
        }
        if (schema.ValueKind == JsonValueKind.Object)
        {
            resource = Identify(schema, resource, at);
        }
        places[at] = new(schema, resource, at);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in schema.EnumerateObject())
        {
            var place = SchemaPointer.Join(at, member.Name);
            if (!seen.Add(member.Name))
            {
                throw new SchemaRefusal("keyword-twice", place, "Stands twice: only one of them can hold.");
            }
            WalkKeyword(member, resource, place, resource.Pointer == at);
        }
    }

    private void WalkKeyword(JsonProperty member, SchemaResource resource, string at, bool isRoot)
    {
        if (!SchemaKeywords.Shapes.TryGetValue(member.Name, out var shape))
        {
            if (!member.Name.StartsWith("x-", StringComparison.Ordinal))
            {
                throw new SchemaRefusal("keyword-unknown", at,
                    $"The keyword \"{member.Name}\" would not be checked: remove it, or name it x-… if it is a note.");
            }
            return;
        }
        if (member.Name == "$schema" && (!isRoot || member.Value.ValueKind != JsonValueKind.String
            || member.Value.GetString() is not (SchemaKeywords.Dialect or SchemaKeywords.Dialect + "#")))
        {
            throw new SchemaRefusal("dialect-unknown", at, $"Only {SchemaKeywords.Dialect} is supported, and only where a document or $id begins.");
        }
        switch (shape)
        {
            case KeywordShape.Schema:
                Walk(member.Value, resource, at);
                break;
            case KeywordShape.SchemaList when member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() > 0:
                var index = 0;
                foreach (var item in member.Value.EnumerateArray())
                {
                    Walk(item, resource, $"{at}/{index++}");
                }
                break;
            case KeywordShape.SchemaList:
                throw new SchemaRefusal("keyword-type", at, "Must be an array of at least one schema.");
            case KeywordShape.SchemaByName when member.Value.ValueKind == JsonValueKind.Object:
                foreach (var item in member.Value.EnumerateObject())
                {
                    var place = SchemaPointer.Join(at, item.Name);
                    if (places.ContainsKey(place))
                    {
                        throw new SchemaRefusal("keyword-twice", place, "Stands twice: only one of them can hold.");
                    }
                    Walk(item.Value, resource, place);
                }
                break;
            case KeywordShape.SchemaByName:
                throw new SchemaRefusal("keyword-type", at, "Must be an object whose members are schemas.");
        }
    }

    private SchemaResource Identify(JsonElement schema, SchemaResource around, string at)
    {
        var resource = around;
        if (Text(schema, "$id", at) is { } id)
        {
            if (!Uri.TryCreate(around.Uri, id.EndsWith('#') ? id[..^1] : id, out var uri) || id.TrimEnd('#').Contains('#', StringComparison.Ordinal))
            {
                throw new SchemaRefusal("id-invalid", at + "/$id", "Must be a URI reference without a fragment.");
            }
            resource = new(uri, at);
            if (at.Length == 0)
            {
                resources.Clear();
                Root = resource;
            }
            if (!resources.TryAdd(uri.AbsoluteUri, resource))
            {
                throw new SchemaRefusal("id-twice", at + "/$id", "Another schema of this document has the same $id.");
            }
        }
        foreach (var keyword in new[] { "$anchor", "$dynamicAnchor" })
        {
            if (Text(schema, keyword, at) is not { } name)
            {
                continue;
            }
            var isName = name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
                && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
            if (!isName || (resource.Anchors.TryGetValue(name, out var taken) && taken != at))
            {
                throw new SchemaRefusal("anchor-invalid", $"{at}/{keyword}",
                    "Must be a name of letters, digits, '-', '_' and '.' that no other schema here has.");
            }
            resource.Anchors[name] = at;
            if (keyword == "$dynamicAnchor")
            {
                resource.DynamicAnchors.Add(name);
            }
        }
        return resource;
    }

    private static string? Text(JsonElement schema, string keyword, string at) =>
        !schema.TryGetProperty(keyword, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new SchemaRefusal("keyword-type", $"{at}/{keyword}", "Must be a string.");
}
