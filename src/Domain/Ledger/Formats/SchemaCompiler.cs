using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Turns the schemas of a document into nodes, once; refuses what the nodes could not check.</summary>
internal sealed class SchemaCompiler(SchemaDocument document, bool assertsFormats)
{
    // Compiling follows references, so a chain of them costs stack; a run could not follow a longer one either.
    private const int ChainMax = 256;

    private readonly Dictionary<string, SchemaNode> nodes = [];
    private int chain;

    /// <summary>Whether a dynamic reference stands anywhere, so that runs must remember the way they came.</summary>
    public bool IsDynamic { get; private set; }

    public SchemaNode Compile()
    {
        var root = Node("");
        // What nothing refers to is compiled as well: a mistake in it would otherwise wait until somebody does.
        foreach (var pointer in document.Pointers)
        {
            Node(pointer);
        }
        foreach (var resource in document.Resources)
        {
            foreach (var anchor in resource.DynamicAnchors)
            {
                resource.DynamicNodes[anchor] = Node(resource.Anchors[anchor]);
            }
        }
        new SchemaLoops(document).Check(nodes.Values);
        return root;
    }

    public SchemaNode Node(string pointer)
    {
        if (nodes.TryGetValue(pointer, out var known))
        {
            return known;
        }
        var place = document[pointer];
        var node = nodes[pointer] = new(pointer, place.Resource);
        if (place.Schema.ValueKind != JsonValueKind.Object)
        {
            node.Always = place.Schema.ValueKind == JsonValueKind.True;
            return node;
        }
        if (++chain > ChainMax)
        {
            throw new SchemaRefusal("schema-too-large", pointer,
                $"Schemas are nested and refer to each other more than {ChainMax} deep: shorten the chain.");
        }
        var reader = new KeywordReader(place.Schema, pointer, this, assertsFormats);
        node.Type = reader.Type();
        node.Values = reader.Values();
        node.Number = reader.Number();
        node.Text = reader.String();
        node.Array = ArrayKeywords.Read(reader);
        node.Object = ObjectKeywords.Read(reader);
        node.Combinators = Combinators(reader, place);
        node.UnevaluatedItems = reader.Schema("unevaluatedItems");
        node.UnevaluatedProperties = reader.Schema("unevaluatedProperties");
        chain--;
        return node;
    }

    private CombinatorRule? Combinators(KeywordReader reader, SchemaPlace place)
    {
        var rule = new CombinatorRule
        {
            AllOf = reader.SchemaList("allOf"),
            AnyOf = reader.SchemaList("anyOf"),
            OneOf = reader.SchemaList("oneOf"),
            Not = reader.Schema("not"),
            If = reader.Schema("if"),
        };
        if (rule.If is not null)
        {
            // Without "if" the other two mean nothing. Source: Core 2020-12, 10.2.2.
            rule.Then = reader.Schema("then");
            rule.Else = reader.Schema("else");
        }
        if (reader.Text("$ref") is { } reference)
        {
            rule.Reference = Node(document.Resolve(reference, place.Resource, reader.At("$ref")).Target.Pointer);
        }
        if (reader.Text("$dynamicRef") is { } dynamic)
        {
            var (target, anchor, resource) = document.Resolve(dynamic, place.Resource, reader.At("$dynamicRef"));
            var isDynamic = anchor.Length > 0 && resource.DynamicAnchors.Contains(anchor);
            IsDynamic |= isDynamic;
            rule.Dynamic = isDynamic ? new(anchor, Node(target.Pointer)) : null;
            rule.StaticTarget = isDynamic ? null : Node(target.Pointer);
        }
        return rule.Applied.Any() || rule.Dynamic is not null ? rule : null;
    }
}
