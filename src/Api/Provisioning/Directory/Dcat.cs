using System.Text.Json.Nodes;

namespace EventLedger.Api.Provisioning.Directory;

/// <summary>
/// The directory in the words that public data portals exchange, so that each of them can harvest it. Source: DCAT-AP 3.0.1 (SEMIC, 2024); W3C DCAT 3 (2024); W3C ODRL 2.2 (2018).
/// </summary>
public static class Dcat
{
    private const string Authority = "http://publications.europa.eu/resource/authority/";

    private static readonly Dictionary<string, string> Prefixes = new()
    {
        ["dcat"] = "http://www.w3.org/ns/dcat#", ["dct"] = "http://purl.org/dc/terms/", ["foaf"] = "http://xmlns.com/foaf/0.1/", ["odrl"] = "http://www.w3.org/ns/odrl/2/",
        ["skos"] = "http://www.w3.org/2004/02/skos/core#", ["vcard"] = "http://www.w3.org/2006/vcard/ns#", ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
    };

    /// <summary>The graph of a tree.</summary>
    /// <param name="tree">The directory.</param>
    /// <param name="name">Name of the ledger.</param>
    /// <param name="chain">Its chain id.</param>
    /// <param name="address">Where the ledger is served, without a slash at the end.</param>
    public static RdfGraph Graph(DirectoryView tree, string name, string chain, string address)
    {
        var graph = new RdfGraph(Prefixes);
        var catalog = $"{address}/u2s/v1/directory";
        var ledger = $"urn:eventledger:{chain}";
        graph.Add(catalog, ("a", RdfValue.Name("dcat:Catalog")), ("dct:title", RdfValue.Words($"Data of the ledger {name}")),
            ("dct:description", RdfValue.Words("Signed records of public bodies; each comes with a proof that stands on its own.")), ("dct:publisher", RdfValue.Iri(ledger)),
            ("dcat:service", RdfValue.Iri($"{address}/u2s/v1")));
        graph.Add(ledger, ("a", RdfValue.Name("foaf:Agent")), ("foaf:name", RdfValue.Literal($"Ledger {name}")));
        graph.Add($"{address}/u2s/v1", ("a", RdfValue.Name("dcat:DataService")), ("dct:title", RdfValue.Words("Queries, searches and proofs")), ("dcat:endpointURL", RdfValue.Iri($"{address}/u2s/v1")),
            ("dcat:endpointDescription", RdfValue.Iri($"{address}/openapi/v1.json")));
        foreach (var (above, node) in DirectoryAnswers.DataSetsOf(tree))
        {
            graph.Add(catalog, ("dcat:dataset", RdfValue.Iri(IdOf(address, node))));
            DataSet(graph, node, above, address, ledger);
        }
        return graph;
    }

    private static string IdOf(string address, NodeView node) => $"{address}/u2s/v1/directory/{Uri.EscapeDataString(node.Id)}";

    private static void DataSet(RdfGraph graph, NodeView node, IReadOnlyList<NodeView> above, string address, string ledger)
    {
        var id = IdOf(address, node);
        graph.Add(id, ("a", RdfValue.Name("dcat:Dataset")), ("dct:title", RdfValue.Words(node.Title)), ("dct:description", RdfValue.Words(node.Description ?? node.Title)),
            ("dct:identifier", RdfValue.Literal(node.Id)), ("dct:publisher", RdfValue.Iri(Agent(graph, address, node.Publisher ?? node.Owner) ?? ledger)), ("dct:accessRights", RdfValue.Iri(Rights(graph, node))));
        if (node.Owner is { } owner)
        {
            graph.Add(id, ("dct:rightsHolder", RdfValue.Iri(Agent(graph, address, owner)!)));
            if (owner.Contact is { } contact)
            {
                graph.Add($"{id}#contact", ("a", RdfValue.Name("vcard:Kind")), ("vcard:fn", RdfValue.Literal(owner.Name)), ("vcard:note", RdfValue.Literal(contact)));
                graph.Add(id, ("dcat:contactPoint", RdfValue.Iri($"{id}#contact")));
            }
        }
        foreach (var word in above.Select(a => a.Title).Concat(node.Children.Select(c => c.Title)).Distinct(StringComparer.Ordinal))
        {
            graph.Add(id, ("dcat:keyword", RdfValue.Words(word)));
        }
        if (node.Format is { } format)
        {
            Distribution(graph, id, $"{address}/u2s/v1/query?format={Uri.EscapeDataString(format)}", "csv", "text/csv", "CSV", node.Title);
            Distribution(graph, id, $"{address}/u2s/v1/query?format={Uri.EscapeDataString(format)}", "json", "application/json", "JSON", node.Title);
        }
        if (node.Right is JsonObject right)
        {
            graph.Add(id, ("odrl:hasPolicy", RdfValue.Iri(Policy(graph, id, right))));
        }
    }

    private static void Distribution(RdfGraph graph, string dataset, string url, string name, string mediaType, string fileType, string title)
    {
        var (id, type, media) = ($"{dataset}#{name}", $"{Authority}file-type/{fileType}", $"https://www.iana.org/assignments/media-types/{mediaType}");
        graph.Add(type, ("a", RdfValue.Name("dct:MediaTypeOrExtent")));
        graph.Add(media, ("a", RdfValue.Name("dct:MediaType")));
        graph.Add(id, ("a", RdfValue.Name("dcat:Distribution")), ("dct:title", RdfValue.Words($"{title} as {fileType}")), ("dcat:accessURL", RdfValue.Iri(url)), ("dct:format", RdfValue.Iri(type)),
            ("dcat:mediaType", RdfValue.Iri(media)));
        graph.Add(dataset, ("dcat:distribution", RdfValue.Iri(id)));
    }

    private static string? Agent(RdfGraph graph, string address, OwnerView? party)
    {
        if (party is null)
        {
            return null;
        }
        var id = $"{address}/u2s/v1/organisations/{party.Id}";
        graph.Add(id, ("a", RdfValue.Name("foaf:Agent")), ("foaf:name", RdfValue.Literal(party.Name)));
        return id;
    }

    // Public where every field is: otherwise part of it takes a grant.
    private static string Rights(RdfGraph graph, NodeView node)
    {
        var id = $"{Authority}access-right/{(node.Children.Any(c => c.Class is "personal" or "restricted") ? "RESTRICTED" : "PUBLIC")}";
        graph.Add(id, ("a", RdfValue.Name("dct:RightsStatement")));
        return id;
    }

    private static string Policy(RdfGraph graph, string dataset, JsonObject right)
    {
        var id = $"{dataset}#right";
        graph.Add(id, ("a", RdfValue.Name("odrl:Policy")), ("a", RdfValue.Name("odrl:Set")), ("odrl:uid", RdfValue.Iri(id)));
        foreach (var kind in (string[])["permission", "prohibition", "obligation"])
        {
            foreach (var (rule, n) in (right[kind] as JsonArray ?? []).OfType<JsonObject>().Select((r, n) => (r, n)))
            {
                var ruleId = $"{id}-{kind}-{n + 1}";
                graph.Add(id, ($"odrl:{kind}", RdfValue.Iri(ruleId)));
                graph.Add(ruleId, ("odrl:target", RdfValue.Iri(dataset)), ("odrl:action", Term(rule["action"])));
                foreach (var (constraint, c) in (rule["constraint"] as JsonArray ?? []).OfType<JsonObject>().Select((x, c) => (x, c)))
                {
                    graph.Add(ruleId, ("odrl:constraint", RdfValue.Iri($"{ruleId}-constraint-{c + 1}")));
                    graph.Add($"{ruleId}-constraint-{c + 1}", ("a", RdfValue.Name("odrl:Constraint")), ("odrl:leftOperand", Term(constraint["leftOperand"])),
                        ("odrl:operator", Term(constraint["operator"])), ("odrl:rightOperand", constraint["rightOperand"] is { } value ? RdfValue.Literal(value.ToString()) : null));
                }
            }
        }
        return id;
    }

    // A word of ODRL, or somebody's own term by its address.
    private static RdfValue? Term(JsonNode? node) => node?.ToString() is not { Length: > 0 } word ? null
        : RdfValue.Iri(word.Contains(':', StringComparison.Ordinal) ? word : $"{Prefixes["odrl"]}{Uri.EscapeDataString(word)}");
}
