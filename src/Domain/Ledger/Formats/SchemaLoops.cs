namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Finds schemas that apply themselves to the same instance without end. Recursion into members and items ends with the instance.</summary>
/// <remarks>Source: JSON Schema Core 2020-12, 9.4.1.</remarks>
internal sealed class SchemaLoops(SchemaDocument document)
{
    private const int ChainMax = 256;

    private readonly Dictionary<SchemaNode, bool> finished = [];
    private int chain;

    public void Check(IEnumerable<SchemaNode> nodes)
    {
        foreach (var node in nodes)
        {
            Visit(node);
        }
    }

    private void Visit(SchemaNode node)
    {
        if (finished.TryGetValue(node, out var done))
        {
            if (!done)
            {
                throw new SchemaRefusal("reference-loop", node.Pointer, "This schema refers back to itself for the same value: break the loop.");
            }
            return;
        }
        if (++chain > ChainMax)
        {
            throw new SchemaRefusal("schema-too-large", node.Pointer,
                $"Schemas are applied to one value more than {ChainMax} deep: shorten the chain.");
        }
        finished[node] = false;
        foreach (var next in Applied(node))
        {
            Visit(next);
        }
        finished[node] = true;
        chain--;
    }

    private IEnumerable<SchemaNode> Applied(SchemaNode node)
    {
        var dynamic = node.Combinators?.Dynamic;
        return (node.Combinators?.Applied ?? [])
            .Concat(node.Object?.DependentSchemas.Select(d => d.Node) ?? [])
            .Concat(dynamic is null ? [] : document.Resources
                .Where(r => r.DynamicNodes.ContainsKey(dynamic.Anchor)).Select(r => r.DynamicNodes[dynamic.Anchor]));
    }
}
