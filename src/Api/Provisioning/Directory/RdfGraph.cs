using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace EventLedger.Api.Provisioning.Directory;

/// <summary>A value in a graph.</summary>
/// <param name="Text">An IRI in full, or the words of a literal.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Type">Datatype of a literal, shortened; null for plain text.</param>
/// <param name="Language">Language tag of a literal; null for none.</param>
public readonly record struct RdfValue(string Text, RdfKind Kind, string? Type = null, string? Language = null)
{
    /// <summary>Something that has an address.</summary>
    public static RdfValue Iri(string iri) => new(iri, RdfKind.Iri);

    /// <summary>A word of one of the vocabularies, as in <c>dcat:Dataset</c>.</summary>
    public static RdfValue Name(string name) => new(name, RdfKind.Name);

    /// <summary>Words in a language.</summary>
    public static RdfValue Words(string text, string language = "en") => new(text, RdfKind.Literal, null, language);

    /// <summary>A literal with a datatype, or plain text.</summary>
    public static RdfValue Literal(string text, string? type = null) => new(text, RdfKind.Literal, type);
}

/// <summary>What a value is.</summary>
public enum RdfKind
{
    /// <summary>An IRI in full.</summary>
    Iri,

    /// <summary>A shortened IRI.</summary>
    Name,

    /// <summary>A literal.</summary>
    Literal,
}

/// <summary>Statements about things that all have an address, and the two ways to write them. Source: W3C RDF 1.1 Turtle (2014), JSON-LD 1.1 (2020).</summary>
public sealed class RdfGraph(IReadOnlyDictionary<string, string> prefixes)
{
    private readonly List<(string Subject, List<(string Predicate, RdfValue Value)> About)> nodes = [];

    /// <summary>Says something about a thing; its types with the predicate <c>a</c>.</summary>
    public void Add(string subject, params ReadOnlySpan<(string Predicate, RdfValue? Value)> statements)
    {
        var at = nodes.FindIndex(n => n.Subject == subject);
        if (at < 0)
        {
            nodes.Add((subject, []));
            at = nodes.Count - 1;
        }
        foreach (var (predicate, value) in statements)
        {
            if (value is { } stated && !nodes[at].About.Contains((predicate, stated)))
            {
                nodes[at].About.Add((predicate, stated));
            }
        }
    }

    /// <summary>As Turtle.</summary>
    public string ToTurtle()
    {
        var text = new StringBuilder();
        foreach (var (name, iri) in prefixes)
        {
            text.Append(CultureInfo.InvariantCulture, $"@prefix {name}: <{iri}> .\n");
        }
        foreach (var (subject, about) in nodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n<{Iri(subject)}>\n").AppendJoin(" ;\n", about.GroupBy(s => s.Predicate).Select(g => $"    {g.Key} {string.Join(" , ", g.Select(s => Turtle(s.Value)))}")).Append(" .\n");
        }
        return text.ToString();
    }

    /// <summary>As JSON-LD.</summary>
    public JsonObject ToJsonLd() => new()
    {
        ["@context"] = new JsonObject(prefixes.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value)))),
        ["@graph"] = new JsonArray([.. nodes.Select(n =>
        {
            var node = new JsonObject { ["@id"] = Iri(n.Subject) };
            foreach (var group in n.About.GroupBy(s => s.Predicate))
            {
                node[group.Key == "a" ? "@type" : group.Key] = new JsonArray([.. group.Select(s => group.Key == "a" ? (JsonNode)JsonValue.Create(s.Value.Text) : Json(s.Value))]);
            }
            return node;
        })]),
    };

    private static string Turtle(RdfValue value) => value.Kind switch
    {
        RdfKind.Iri => $"<{Iri(value.Text)}>",
        RdfKind.Name => value.Text,
        _ => $"{Quoted(value.Text)}{(value.Language is { } language ? $"@{language}" : value.Type is { } type ? $"^^{type}" : "")}",
    };

    private static JsonObject Json(RdfValue value)
    {
        if (value.Kind != RdfKind.Literal)
        {
            return new JsonObject { ["@id"] = value.Kind == RdfKind.Iri ? Iri(value.Text) : value.Text };
        }
        var literal = new JsonObject { ["@value"] = value.Text };
        if (value.Language is { } language)
        {
            literal["@language"] = language;
        }
        if (value.Type is { } type)
        {
            literal["@type"] = type;
        }
        return literal;
    }

    // What an IRI may not hold is percent-encoded; a title or address from outside never ends one early.
    private static string Iri(string text) => string.Concat(text.EnumerateRunes().Select(r => r.Value <= 0x20 || r.Value < 0x80 && "<>\"{}|^`\\".Contains((char)r.Value, StringComparison.Ordinal)
        ? Uri.HexEscape((char)r.Value)
        : r.ToString()));

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                < ' ' => $"\\u{(int)c:X4}",
                _ => $"{c}",
            });
        }
        return quoted.Append('"').ToString();
    }
}
